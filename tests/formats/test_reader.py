"""The reader takes lines, wrappers and fragments, and every record is accounted for."""

import io
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.formats import CONTEXT_NATIVE, members
from kwho.formats.reader import Reader
from kwho.formats.shape import Known, Shapes
from kwho.formats.unwrap import RECORD_CAP
from kwho.kernel.express import known_lines
from kwho.schema.event import ABSENT
from kwho.schema.record import Record, Rejected

CUT = "truncated:cut off inside a JSON value"
EXAMPLES = [example for member in members() for example in member.examples]


def event(audit_id: str = "a1", **more: Any) -> bytes:
    fields = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": audit_id,
        "stage": "ResponseComplete",
        "requestURI": "/api/v1/pods",
        "verb": "list",
        "user": {"username": "ada"},
        "responseStatus": {"metadata": {}, "code": 200},
        "requestReceivedTimestamp": "2026-03-01T08:00:00.000001Z",
        "stageTimestamp": "2026-03-01T08:00:00.000002Z",
    }
    return json.dumps({**fields, **more}).encode()


def read(data: bytes, *, cap: int = RECORD_CAP) -> list[Record | Rejected]:
    return list(Reader(io.BytesIO(data).readline, cap=cap))


def told(found: Record | Rejected) -> str | None:
    return found.event.auditID if isinstance(found, Record) else f"{found.kind}:{found.reason}"


def ids(data: bytes, cap: int = RECORD_CAP) -> list[str | None]:
    return [told(found) for found in read(data, cap=cap)]


def identity(found: Record | Rejected) -> tuple[Any, ...]:
    where = (found.offset, found.index)
    if isinstance(found, Record):
        return (*where, found.event.auditID, found.context, bytes(found.raw), found.assumed, found.damaged)
    return (*where, found.kind, found.reason, found.excerpt, found.audit_id, found.format)


def whole(data: bytes) -> tuple[list[tuple[Any, ...]], int]:
    reader = Reader(io.BytesIO(data).readline)
    found = [identity(record) for record in reader]
    assert reader.offset == len(data)
    return found, reader.lines


def in_parts(data: bytes, cuts: list[int]) -> tuple[list[tuple[Any, ...]], int]:
    found: list[tuple[Any, ...]] = []
    at = lines = 0
    while at < len(data):
        source = io.BytesIO(data)
        source.seek(at)
        stop = next((cut for cut in cuts if cut > at), None)
        reader = Reader(source.readline, offset=at, stop=stop)
        found += [identity(record) for record in reader]
        assert reader.offset > at
        at, lines = reader.offset, lines + reader.lines
    return found, lines


def test_an_ordinary_line_is_one_native_record_where_it_stands() -> None:
    first, second = read(b"\n" + event("a1") + b"\n" + event("a2"))
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert (first.line, first.offset, second.line) == (2, 1, 3)
    assert second.offset == 2 + len(event("a1"))
    assert first.context is CONTEXT_NATIVE
    assert (first.assumed, first.damaged) == ((), ())


def test_blank_lines_are_no_records_and_bom_and_crlf_change_nothing() -> None:
    data = b"\xef\xbb\xbf" + event("a1") + b"\r\n\r\n \t\n" + event("a2") + b"\r\n"
    assert ids(data) == ["a1", "a2"]


def test_utf_16_is_read_to_the_end_whatever_the_part() -> None:
    data = b"\xff\xfe" + (event("a1") + b"\n" + event("a2")).decode().encode("utf-16-le")
    reader = Reader(io.BytesIO(data).readline, stop=10)
    assert [told(found) for found in reader] == ["a1", "a2"]
    assert reader.offset == len(data)


def test_every_style_in_one_file_and_positions_of_the_outer_record() -> None:
    pretty = json.dumps(json.loads(event("b")), indent=1).encode()
    batch = b'{"kind":"EventList","items":[' + event("c") + b"," + event("d") + b"]}"
    data = event("a") + b"\n" + pretty + b"\n" + batch + event("e") + b"\n" + event("f")
    records = read(data)
    assert [told(found) for found in records] == ["a", "b", "c", "d", "e", "f"]
    pretty_lines = pretty.count(b"\n") + 1
    assert [found.line for found in records] == [
        1,
        2,
        pretty_lines + 2,
        pretty_lines + 2,
        pretty_lines + 2,
        pretty_lines + 3,
    ]
    assert [found.index for found in records] == [0, 0, 0, 1, 0, 0]
    assert records[4].offset == data.index(event("e"))


def test_key_order_and_pretty_print_give_the_same_event() -> None:
    fields = json.loads(event("a"))
    shuffled = json.dumps(dict(reversed(fields.items()))).encode()
    pretty = json.dumps(fields, indent=2, sort_keys=True).encode()
    first, second, third = read(event("a") + b"\n" + shuffled + b"\n" + pretty)
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert isinstance(third, Record)
    assert first.event == second.event == third.event


def test_an_array_over_many_lines_gives_its_events() -> None:
    assert ids(b"[\n" + event("a1") + b",\n" + event("a2") + b"\n]\n") == ["a1", "a2"]


@pytest.mark.parametrize("cut", range(1, len(event("a2")), 7))
def test_a_line_cut_anywhere_does_not_harm_its_neighbours(cut: int) -> None:
    data = event("a1") + b"\n" + event("a2")[:cut] + b"\n" + event("a3") + b"\n" + event("a4") + b"\n"
    assert ids(data) == ["a1", CUT, "a3", "a4"]


def test_a_line_cut_before_a_value_gives_way_to_the_next_one_even_at_the_end() -> None:
    assert ids(b'{"requestObject":\n' + event("a")) == [CUT, "a"]


def test_whole_elements_of_a_torn_batch_are_kept() -> None:
    torn = b'{"kind":"EventList","items":[' + event("a") + b"," + event("b") + b"," + event("c")[:99]
    assert ids(torn + b"\n" + event("d")) == ["a", "b", CUT, "d"]
    found = read(torn)[-1]
    assert isinstance(found, Rejected)
    assert found.audit_id == "c"


def test_elements_on_their_own_lines_survive_a_torn_array() -> None:
    assert ids(b"[\n" + event("a") + b",\n" + event("b") + b",\n" + event("c")[:50]) == [CUT, "a", "b", CUT]


def test_text_behind_a_value_is_malformed_and_other_text_is_filtered() -> None:
    assert ids(event("a") + b" junk\nI0301 08:00:00.000001       1 main.go:42] started\nhello\n[1, 2]\n{}\n") == [
        "a",
        "malformed:text after a JSON value",
        "filtered:klog",
        "filtered:text",
        "filtered:other JSON",
        "filtered:other JSON",
    ]


def test_a_line_that_begins_like_json_and_is_none_is_malformed() -> None:
    assert ids(b"{oops}\n[GIN] 200 OK\n") == ["malformed:not valid JSON"] * 2


def test_an_event_behind_a_word_in_brackets_is_found() -> None:
    assert ids(b"[2026-03-01 08:00:00] audit " + event("a") + b"\n[x]" + event("b")) == ["a", "b"]


def test_an_audit_event_that_says_nothing_is_malformed_not_filtered() -> None:
    assert ids(b'{"kind":"Event","apiVersion":"audit.k8s.io/v1","user":"x"}') == [
        "malformed:audit event without verb and URI"
    ]


def test_a_message_that_a_cloud_has_cut_is_truncated_and_its_id_known() -> None:
    (found,) = read(event("a7")[:120] + b"[Truncated...]\n")
    assert isinstance(found, Rejected)
    assert (found.kind, found.audit_id) == ("truncated", "a7")


def test_pieces_of_two_streams_are_joined_each_at_its_first_piece() -> None:
    one, two = event("a"), event("b")
    stamp = b"2026-03-01T08:00:00.000000001Z "
    lines = [
        stamp + b"stdout P " + one[:50],
        stamp + b"stderr P " + two[:70],
        stamp + b"stdout F " + one[50:],
        event("c"),
        stamp + b"stderr F " + two[70:],
    ]
    data = b"\n".join(lines)
    assert ids(data) == ["a", "c", "b"]
    assert [found.line for found in read(data)] == [1, 4, 2]
    reader = Reader(io.BytesIO(data).readline, stop=3)
    assert [told(found) for found in reader] == ["a", "c", "b"]
    assert reader.offset == len(data)


def test_a_piece_without_its_end_is_truncated() -> None:
    assert ids(b"2026-03-01T08:00:00Z stdout P " + event("a")[:99] + b"\n" + event("b")) == ["b", CUT]


def test_pieces_longer_together_than_the_cap_are_one_truncated_record() -> None:
    stamp = b"2026-03-01T08:00:00Z stdout "
    data = b"\n".join([stamp + b"P " + event("a"), *[stamp + b"P " + b"x" * 900] * 9, stamp + b"F x", event("b")])
    assert ids(data, cap=2_048) == ["truncated:beyond the record cap", "b"]


def test_pieces_do_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kwho.formats.reader.HOLD", 100)
    piece = b"2026-03-01T08:00:00Z stdout P {\n"
    reader = Reader(io.BytesIO(piece + b"text\n" * 50 + event("a")).readline, stop=40)
    assert CUT in [told(found) for found in reader]
    assert reader.offset < 200


@pytest.mark.parametrize("known", [lambda: None, Shapes, known_lines])
@pytest.mark.parametrize("blocks", [False, True])
def test_pieces_do_not_wait_for_ever_while_events_follow(
    known: Callable[[], Known | None], blocks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kwho.formats.reader.HOLD", 5_000)
    stamp = b"2026-03-01T08:00:00Z stdout "
    log = stamp + b"P {\n" + (event("a") + b"\n") * 60 + stamp + b"F }\n"
    source = io.BufferedReader(io.BytesIO(log))
    reader = Reader(source.readline, stop=40, ahead=source if blocks else None)
    rejected = [found for found in reader.read(known()) if isinstance(found, Rejected)]
    assert [(told(found), found.offset) for found in rejected] == [(CUT, 0)]
    given_up = next(at for at in range(5_001, len(log)) if log[at - 1] == 10)
    assert reader.offset == given_up
    assert in_parts(log, [40]) == whole(log)


def test_pieces_are_given_up_in_the_order_in_which_they_began() -> None:
    stamp = b"2026-03-01T08:00:00Z "
    streams = (b"stdout P {\n", b"stderr P [\n", b'stdout P "a\n')
    assert [found.line for found in read(b"".join(stamp + piece for piece in streams))] == [1, 2]


def test_docker_pieces_are_joined() -> None:
    text = event("a").decode() + "\n"
    lines = [json.dumps({"log": part, "stream": "stdout", "time": "t"}) for part in (text[:40], text[40:90], text[90:])]
    assert ids("\n".join(lines).encode()) == ["a"]


@pytest.mark.parametrize("depth", [150, 500, 20_000])
def test_a_deep_body_gives_the_same_record_however_deep_a_decoder_can_go(depth: int) -> None:
    line = event("a")[:-1] + b',"requestObject":' + b"[" * depth + b"]" * depth + b"}\n"
    (found,) = read(line)
    assert isinstance(found, Record)
    assert found.damaged == (() if depth < 200 else ("requestObject",))
    assert (found.event.requestObject is ABSENT) is (depth > 200)


def test_a_body_that_is_no_utf_8_is_mended_and_named() -> None:
    (found,) = read(event("a")[:-1] + b',"requestObject":{"a":"\xff"}}\n')
    assert isinstance(found, Record)
    assert found.damaged == ("requestObject",)


def test_a_reused_audit_id_loses_neither_event() -> None:
    assert ids(event("a") + b"\n" + event("a", user={"username": "eve"})) == ["a", "a"]


def test_an_event_longer_than_the_cap_is_truncated_and_the_next_line_read() -> None:
    long = event("big", userAgent="x" * 5_000)
    for data in (long, b"2026-03-01T08:00:00Z stdout F " + long, json.dumps({"log": long.decode()}).encode()):
        assert ids(data + b"\n" + event("b"), cap=2_048) == ["truncated:beyond the record cap", "b"]
    assert ids(b"x" * 9_000 + b"\n" + event("b"), cap=2_048) == ["truncated:beyond the record cap", "b"]


def test_the_cap_is_that_of_the_innermost_record() -> None:
    escaped = json.dumps({"log": event("a", userAgent='"' * 700).decode()}).encode()
    assert len(escaped) > 2_048
    assert ids(escaped + b"\n", cap=2_048) == ["a"]


def test_a_reader_that_is_closed_early_stands_behind_what_it_gave() -> None:
    reader = Reader(io.BytesIO((event("a") + b"\n") * 3).readline)
    records = iter(reader)
    next(records)
    next(records)
    del records
    assert reader.lines == 2
    assert reader.offset == 2 * (len(event("a")) + 1)


def test_a_part_that_is_empty_reads_nothing() -> None:
    reader = Reader(io.BytesIO(event("a")).readline, stop=0)
    assert list(reader) == []
    assert (reader.offset, reader.lines) == (0, 0)


@st.composite
def logs(draw: st.DrawFn) -> bytes:
    """Examples of all formats, whole or mutilated, one after the other."""
    data = b""
    for _ in range(draw(st.integers(1, 5))):
        piece = bytearray(
            draw(st.sampled_from([*EXAMPLES, event("z"), json.dumps(json.loads(event("y")), indent=1).encode()]))
        )
        for _ in range(draw(st.integers(0, 2))):
            at = draw(st.integers(0, len(piece)))
            piece[at : at + draw(st.integers(0, 20))] = draw(
                st.sampled_from([b"", b"\n", b'"', b"{", b"]", b",\n", b"\\ud800", b"\x00", b"\xff", b"[" * 9])
            )
        data += bytes(piece) + draw(st.sampled_from([b"\n", b"\n", b"", b"\r\n"]))
    return data


@settings(max_examples=70, deadline=None)
@given(logs(), st.data())
def test_a_file_cut_at_any_line_starts_gives_the_same_records(data: bytes, draw: st.DataObject) -> None:
    starts = [at + 1 for at, byte in enumerate(data) if byte == 10 and at + 1 < len(data)]
    cuts = sorted(draw.draw(st.lists(st.sampled_from(starts), max_size=4))) if starts else []
    assert in_parts(data, cuts) == whole(data)


@settings(max_examples=70, deadline=None)
@given(
    st.lists(
        st.binary(max_size=30) | st.sampled_from([b"{", b"}", b'"a":', b"[", b"]", b",", b"\n", b'"']), max_size=20
    )
)
def test_any_bytes_are_read_to_the_end(pieces: list[bytes]) -> None:
    whole(b"".join(pieces))


def test_examples_cut_after_every_byte_never_raise() -> None:
    for example in EXAMPLES:
        for cut in range(0, len(example), 3):
            whole(example[:cut])


def test_recorded_examples_cut_after_any_byte_never_raise_and_never_lie() -> None:
    folder = os.environ.get("KWHO_EXAMPLES")
    if not folder or not Path(folder, "formats").is_dir():
        pytest.skip("no example files")
    chance = random.Random(7)
    for path in sorted(Path(folder, "formats").iterdir()):
        data = path.read_bytes()
        known = {told(found) for found in read(data) if isinstance(found, Record)}
        for cut in chance.sample(range(len(data)), 12):
            found = read(data[:cut])
            assert {told(record) for record in found if isinstance(record, Record)} <= known
