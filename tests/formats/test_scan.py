"""The byte scanner finds values in bytes that no decoder takes."""

import json
import tracemalloc

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.formats.scan import FRAME_DEPTH, Scanner, cut, excerpt, find_audit_id, is_deep, mend, text, walk

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=40, deadline=None)
@given(values, st.sampled_from([None, 1]))
def test_the_scanner_ends_where_the_value_ends(value: object, indent: int | None) -> None:
    data = json.dumps(value, indent=indent).encode()
    scanner = Scanner()
    assert scanner.scan(data + b' {"next":1}', ended=True) == "done"
    assert scanner.pos == len(data)


@settings(max_examples=40, deadline=None)
@given(st.lists(values, max_size=5) | st.dictionaries(st.text(max_size=5), values, max_size=5), st.integers(1, 7))
def test_a_buffer_that_grows_gives_the_same_end(value: object, step: int) -> None:
    data = json.dumps(value).encode()
    scanner, buffer = Scanner(), bytearray()
    for at in range(0, len(data), step):
        buffer += data[at : at + step]
        verdict = scanner.scan(buffer, ended=False)
    assert verdict == "done"
    assert scanner.pos == len(data)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(max_size=5), values, max_size=5))
def test_cutting_an_object_gives_what_a_decoder_gives(value: dict[str, object]) -> None:
    cuts = cut(json.dumps(value).encode())
    assert cuts is not None
    assert {key: json.loads(part) for key, part in cuts} == value


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_make_the_scanner_fail(data: bytes) -> None:
    Scanner().scan(data, ended=True)
    cut(data)
    mend(data)
    is_deep(data, 2)
    find_audit_id(data)


def test_a_line_that_ends_inside_a_string_is_torn_and_one_with_wrong_grammar_malformed() -> None:
    assert Scanner().scan(b'{"a":"b', ended=True) == "torn"
    assert Scanner().scan(b'{"a":"b\n"}', ended=True) == "torn"
    assert Scanner().scan(b'{"a":1', ended=True) == "more"
    assert Scanner().scan(b'{"a":1,,', ended=True) == "malformed"
    assert Scanner().scan(b'{"a" "b"}', ended=True) == "malformed"


def test_a_document_nested_beyond_the_bound_is_deep() -> None:
    assert Scanner().scan(b"[" * FRAME_DEPTH, ended=True) == "more"
    assert Scanner().scan(b"[" * (FRAME_DEPTH + 1), ended=True) == "deep"


def test_an_object_in_a_list_deeper_than_the_bound_is_deep_too() -> None:
    assert Scanner().scan(b"[" + b'{"a":[' * FRAME_DEPTH, ended=True) == "deep"


def test_members_nested_a_hundred_thousand_deep_are_cut_out() -> None:
    cuts = cut(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b',"b":1}')
    assert cuts is not None
    assert [key for key, _ in cuts] == ["a", "b"]


def test_what_is_not_one_whole_container_is_not_cut() -> None:
    assert cut(b'{"a":1} {"b":2}') is None
    assert cut(b"3") is None
    assert cut(b'{"a":') is None
    assert cut(b"[1, 2]") == [(None, b"1"), (None, b"2")]


def test_brackets_in_strings_do_not_count_as_depth() -> None:
    assert not is_deep(b'{"a":"' + b"[" * 500 + b'"}')
    assert is_deep(b"[" * 201 + b"]" * 201)
    assert not is_deep(b"[" * 200 + b"]" * 200)


def test_mended_text_decodes_and_keeps_what_was_good() -> None:
    broken = b'{"a":"\xff\\ud800\x01\\ud83d\\ude00\\q","b":NaN,"c":-Infinity,"d":"NaN"}'
    assert msgspec.json.decode(mend(broken)) == {
        "a": "��\x01\U0001f600\\q",
        "b": None,
        "c": None,
        "d": "NaN",
    }


def test_text_of_a_broken_string_is_mended() -> None:
    assert text(b'"a\\udc00"') == "a�"


def test_the_audit_id_is_found_however_often_it_was_escaped() -> None:
    assert find_audit_id(b'{"auditID":"x-1","stage":"Resp[Truncated...]') == "x-1"
    assert find_audit_id(b'"log":"{\\"auditID\\":\\"x-2\\",') == "x-2"
    assert find_audit_id(b"nothing") is None


def test_an_excerpt_never_ends_inside_a_character() -> None:
    assert excerpt("é".encode() * 500) == "é" * 160


def test_a_run_of_scalars_is_passed_at_once_and_ends_where_its_tokens_end() -> None:
    for run, rest in ((b'1,"a,]",true, -2 ,', b"3]"), (b'"\\"",2,', b"[4]]"), (b"1,2,", b"]"), (b"1,2,", b'"torn')):
        scanner = Scanner()
        verdict = scanner.scan(b"[" + run + rest, ended=True)
        slow = Scanner()
        for end in range(1, len(run + rest) + 2):
            found = slow.scan((b"[" + run + rest)[:end], ended=end > len(run + rest))
        assert (verdict, scanner.pos) == (found, slow.pos)


def test_a_megabyte_of_backslashes_is_searched_in_one_pass() -> None:
    assert find_audit_id(b"\\" * (1 << 20) + b'"auditID\\":\\"x\\"') == "x"


ELEMENTS = (b"1", b"-2.5e3", b"null", b'"a,]"', b"{}", b'{"a":[1,{"b":"]"}]}', b"[[1],[]]")


@given(st.lists(st.sampled_from(ELEMENTS)), st.data())
def test_walking_a_list_gives_all_but_scalars_behind_scalars(items: list[bytes], data: st.DataObject) -> None:
    blanks = st.sampled_from([b"", b" ", b"\n\t"])
    text = b"[" + b",".join(data.draw(blanks) + item + data.draw(blanks) for item in items) + b"]"
    plain = [item[:1] not in b"{[" for item in items]
    expected = [item for at, item in enumerate(items) if not (plain[at] and at and plain[at - 1])]
    assert list(walk(b" " + text)) == expected


@pytest.mark.parametrize(
    ("piece", "mended"),
    [
        (b"\x01", b"\\u0001"),
        (b"\\ud800", b"\\ufffd"),
        (b"\\q", b"\\\\q"),
        (b"\\n", b"\\n"),
        (b"\\\x01", b"\\\\\\u0001"),
    ],
)
def test_mending_many_defects_costs_bounded_memory(piece: bytes, mended: bytes) -> None:
    many = 200_000 // len(piece)
    tracemalloc.start()
    found = mend(b'["' + piece * many + b'",NaN,"x"]')
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == b'["' + mended * many + b'",null,"x"]'
    assert peak < 16 << 20
