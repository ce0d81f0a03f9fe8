"""What every output format must do, whoever wrote it; a new member is found by its file and tested here."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kwho.outputs import Converter, converter, converters, names, output
from kwho.reports.scan import ScanDocument, scan_document
from kwho.schema.event import Event, ObjectRef, Status, User
from kwho.schema.record import Context
from kwho.schema.result import Result

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
HOSTILE = {
    "escape sequences": "\x1b[2J\x1b]0;owned\x07\x9b31m\x7f",
    "line breaks": "one\ntwo\r\nthree\u2028four\u2029five\x0b\x0c",
    "a formula": '=HYPERLINK("http://x.invalid")',
    "markup": "</style><script>alert(1)</script><img src=x onerror=alert(1)>\"'",
    "markdown": "|x|`` ` ``[a](javascript:x)![b](http://x.invalid/c.png)\n# head\n<b>",
    "lone surrogates": "a\ud800b\udfff",
    "nul": "a\x00b\x00",
    "bidi and zero width": "\u202eabc\u2066\u200b\ufeff",
    "nothing": "",
    "wide and marked": "日本" + "\u0301" * 500 + "🧨",
}
LITERALS = {"severity", "outcome", "kind", "detector", "level", "first", "last", "type"}
TEXTS = [name for name in names() if not output(name).binary]
JSON = {"json", "sarif"}
LINES = {"jsonl", "ecs", "ocsf"}


def load(name: str) -> Result:
    return msgspec.json.decode((DATA / name).read_bytes(), type=Result)


def poisoned(value: object, text: str) -> object:
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(poisoned(item, text) for item in value)
    if isinstance(value, dict):
        return {f"{text[:40]}{at}": item for at, item in enumerate(value.values())}
    if isinstance(value, msgspec.Struct):
        fields = {
            name: poisoned(getattr(value, name), text) for name in value.__struct_fields__ if name not in LITERALS
        }
        return msgspec.structs.replace(value, **fields)
    return value


def one(result: Result) -> Result:
    return msgspec.structs.replace(result, findings=result.findings[:1])


def large(result: Result) -> Result:
    finding, text = result.findings[0], "\x1bx" * 500_000
    return msgspec.structs.replace(
        result,
        findings=(
            msgspec.structs.replace(
                finding,
                principal=msgspec.structs.replace(finding.principal, user=text),
                target=msgspec.structs.replace(finding.target, name=text),
            ),
        ),
    )


def documents() -> Iterator[tuple[str, ScanDocument]]:
    yield "empty", scan_document(load("result-empty.json"))
    yield "one finding", scan_document(one(load("result.json")))
    yield "many findings", scan_document(load("result.json"), paths=["audit"], command="kwho scan audit")
    for name, text in HOSTILE.items():
        hostile = poisoned(one(load("result.json")), text)
        assert isinstance(hostile, Result)
        yield f"hostile: {name}", scan_document(hostile, paths=[text], command=text, reveal=True)
    yield "a megabyte", scan_document(large(one(load("result.json"))))


DOCUMENTS = dict(documents())


@cache
def rendered(name: str, case: str) -> bytes:
    return b"".join(output(name).render(DOCUMENTS[case]))


def bare(data: bytes, name: str) -> str:
    text = data.decode("utf-8")
    return text.replace("\r\n", "\n") if name == "csv" else text


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("case", DOCUMENTS)
def test_every_scan_can_be_rendered(name: str, case: str) -> None:
    output(name).check()
    data = rendered(name, case)
    assert data or (name in LINES and not DOCUMENTS[case].ranked)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("case", DOCUMENTS)
def test_nothing_that_a_terminal_obeys_or_hides_is_written(name: str, case: str) -> None:
    text = bare(rendered(name, case), name)
    assert not CONTROLS.search(text.replace("\n", ""))


@pytest.mark.parametrize("name", sorted(JSON | LINES))
@pytest.mark.parametrize("case", DOCUMENTS)
def test_json_is_json(name: str, case: str) -> None:
    data = rendered(name, case).decode("utf-8")
    for text in data.splitlines() if name in LINES else [data]:
        assert isinstance(json.loads(text), dict)


@pytest.mark.parametrize("name", names())
def test_the_same_scan_gives_the_same_bytes(name: str) -> None:
    first, second = (b"".join(output(name).render(scan_document(load("result.json")))) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", names())
def test_no_token_leaves_unmasked(name: str) -> None:
    assert b"eyJhbGciOi" not in b"".join(output(name).render(DOCUMENTS["many findings"]))


@pytest.mark.parametrize("name", names())
def test_every_finding_above_informational_can_be_found_by_its_id(name: str) -> None:
    if output(name).binary:
        pytest.skip("tested by its own file")
    text = b"".join(output(name).render(DOCUMENTS["many findings"])).decode()
    ranked = DOCUMENTS["many findings"].ranked
    assert all(finding.id in text for finding in ranked if finding.severity != "informational")


@pytest.mark.parametrize("name", names())
def test_a_member_says_what_it_is(name: str) -> None:
    member = output(name)
    assert member.name == name
    assert member.suffixes
    assert all(suffix.startswith(".") for suffix in member.suffixes)


@pytest.mark.parametrize("name", names())
def test_a_member_is_described(name: str) -> None:
    assert f"\n## `{name}`" in (ROOT / "docs" / "reference" / "outputs.md").read_text(encoding="utf-8")


def test_no_two_formats_claim_a_file_name() -> None:
    every = [suffix for name in names() for suffix in output(name).suffixes]
    assert len(every) == len(set(every))


def test_an_unknown_format_is_refused_with_the_list() -> None:
    with pytest.raises(ValueError, match=r'unknown format "yaml"; there are csv, ecs'):
        output("yaml")
    with pytest.raises(ValueError, match=r'cannot be converted to "table"; there are csv, ecs, ocsf, parquet'):
        converter("table")


def hostile_events() -> Iterator[tuple[Event, Context]]:
    here = Context("native", cluster="a\x1b", instance="\u202eb")
    yield Event(), Context("native")
    for text in HOSTILE.values():
        plain: dict[str, Any] = dict.fromkeys(
            ("level", "auditID", "stage", "requestURI", "verb", "userAgent", "apiVersion"), text
        )
        yield (
            Event(
                **plain,
                user=User(text, text, (text,), {text: (text,)}),
                impersonatedUser=User(text),
                sourceIPs=(text, "192.0.2.1", text),
                objectRef=ObjectRef(*[text] * 8),
                responseStatus=Status(status=text, message=text, reason=text, code=2**70),
                requestReceivedTimestamp=text,
                stageTimestamp=text,
                annotations={text: text, "a.b": "1", "a_b": "2"},
            ),
            here,
        )
    for body in (
        b'{"a":',
        b"\xff\xfe",
        b"[" * 5_000,
        b'{"a": "\x01"}',
        b'{\n "a": [1,\n 2]}',
        b"1e999",
        b"9" * 30,
        b"NaN",
    ):
        yield Event(requestObject=msgspec.Raw(body), responseObject=msgspec.Raw(body)), here


@pytest.mark.parametrize("name", converters())
def test_every_event_can_be_converted(name: str) -> None:
    member = converter(name)
    assert isinstance(member, Converter)
    member.check()
    events = list(hostile_events())
    data = b"".join(member.convert(iter(events)))
    if output(name).binary:
        return
    text = bare(data, name)
    assert not CONTROLS.search(text.replace("\n", ""))
    if name in LINES:
        told = [json.loads(line) for line in text.splitlines()]
        assert len(told) == len(events)


@pytest.mark.parametrize("name", converters())
def test_no_events_give_a_valid_file(name: str) -> None:
    data = b"".join(converter(name).convert(iter(())))
    assert data or name in LINES
