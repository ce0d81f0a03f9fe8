import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.outputs import Converter, converter, converters, is_address, json_body, json_bytes, names, output, pruned

TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=40)
HOSTILE = st.text(alphabet=st.characters(exclude_categories=()), max_size=40)


def test_the_formats_are_those_of_the_folder() -> None:
    assert names() == (
        "csv", "ecs", "html", "json", "jsonl", "md", "navigator", "ocsf", "parquet", "sarif", "stix", "table",
    )  # fmt: skip
    assert converters() == ("csv", "ecs", "ocsf", "parquet")


@given(TEXT)
@settings(max_examples=80)
def test_json_gives_back_the_text_and_hides_nothing(text: str) -> None:
    data = json_bytes({"text": text})
    assert json.loads(data) == {"text": text}
    assert not any(ord(char) in range(0x20) or ord(char) in range(0x7F, 0xA0) for char in data.decode())


@given(HOSTILE)
@settings(max_examples=60)
def test_json_takes_every_text(text: str) -> None:
    json.loads(json_bytes({"a": [text, {text: text}], "b": (text,)}))


@given(st.binary(max_size=40))
@settings(max_examples=80)
def test_any_body_becomes_json_on_one_line(body: bytes) -> None:
    data = json_bytes({"body": json_body(msgspec.Raw(body))})
    assert b"\n" not in data
    json.loads(data)


def test_a_valid_body_stays_what_it_is() -> None:
    assert json_bytes(json_body(msgspec.Raw(b'{"a": 1.50,\n"b": 12345678901234567890123}'))) == (
        b'{"a":1.50,"b":12345678901234567890123}'
    )
    assert json_body(msgspec.Raw(b"")) is None


def test_members_that_hold_nothing_are_left_out() -> None:
    assert pruned({"a": None, "b": {"c": None}, "d": 0, "e": False, "f": "", "g": ()}) == {"d": 0, "e": False, "f": ""}


def test_only_addresses_are_addresses() -> None:
    assert is_address("192.0.2.1")
    assert is_address("2001:db8::1")
    for text in (None, "", "localhost", "192.0.2.1:443", "fe80::1%eth0", "1" * 100):
        assert not is_address(text)


def test_a_format_is_found_by_its_name() -> None:
    assert output("jsonl").name == "jsonl"
    assert isinstance(converter("csv"), Converter)


def test_an_unknown_name_is_refused_with_what_there_is() -> None:
    with pytest.raises(ValueError, match=r'unknown format "xml"; there are csv, ecs'):
        output("xml")
    with pytest.raises(ValueError, match=r'cannot be converted to "md"; there are csv, ecs, ocsf, parquet'):
        converter("md")
