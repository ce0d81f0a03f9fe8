"""A line is of a known shape only when decoding it gives what the shape says."""

import re
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.formats import CONTEXT_NATIVE, shape
from kwho.formats.ladder import STRICT
from kwho.formats.reader import Reader
from kwho.formats.shape import LONGEST, SHAPES, Alike, Shapes, Strange, mark
from kwho.kernel import express
from kwho.kernel.express import Express, known_lines
from kwho.sample import generate
from kwho.schema.event import Event
from kwho.schema.moment import format_moment, parse_moment
from kwho.schema.record import Record, Rejected

LINE = (
    b'{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"7f1d101c-fc49-434b-a239-646edda33632",'
    b'"stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/configmaps/web","verb":"update",'
    b'"user":{"username":"alice","groups":["system:authenticated"]},"sourceIPs":["10.2.3.4"],"userAgent":"kubectl/v1.33",'
    b'"objectRef":{"resource":"configmaps","namespace":"shop","name":"web","uid":"4be71f79-94fc-4e5d-9091-df67ef052599",'
    b'"apiVersion":"v1","resourceVersion":"357"},"responseStatus":{"metadata":{},"code":200},'
    b'"requestReceivedTimestamp":"2026-03-17T06:00:00.018751Z","stageTimestamp":"2026-03-17T06:00:00.019692Z",'
    b'"annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"RBAC: \\"x\\" \xc3\xa9"}}\n'
)
BODY = b'"requestObject":{"a":[1,-0.5e3,{"b":"\\u00e9\\n"}],"c":true,"d":null},'
BODIED = LINE.replace(b'"Metadata"', b'"Request"').replace(b'"requestReceived', BODY + b'"requestReceived')
WATCH = LINE.replace(b'configmaps/web","verb":"update"', b'configmaps?a=b\\u0026timeoutSeconds=571","verb":"watch"')
Way = Callable[[], Shapes | Express]
WAYS: Final = [pytest.param(Shapes, id="python"), pytest.param(known_lines, id="compiled")]
PIECES = [b"", b'"', b"\\", b"x", b"{", b'"name":"', b"\x00", b"\xc3", b'","uid":"', b"0"]
PLACES = [b"7f1d101c", b"/web", b'"web"', b"4be71f79", b"357", b".018751", b".019692", b"alice", b"10.2.3.4"]


def learned(line: bytes, way: Way = Shapes) -> Shapes | Express:
    known = way()
    known.learn(Record(STRICT.decode(line), CONTEXT_NATIVE, line, 1, 0))
    return known


def find(known: Shapes | Express, line: bytes, number: int = 1, offset: int = 0) -> Alike | None:
    """What is told of a line, if its shape is known."""
    found = known.sweep(line, number - 1, offset, sys.maxsize)
    return next((each for each in found if not isinstance(each, Strange)), None)


def told(alike: Alike, known: Shapes | Express) -> Event:
    """The event that a shape and the values of a line make."""
    make_mark = known.mark if isinstance(known, Express) else mark
    known_shape, audit_id, received, answered, marked, line, _, _ = alike
    example, event = known_shape.event, STRICT.decode(line)
    assert answered == parse_moment(event.stageTimestamp)
    queried = known_shape.varied and event.verb == "watch"
    query = (event.requestURI or "").partition("?")[2] if queried else ""
    asked = make_mark(query.encode(), b"") if queried else 0
    assert marked == make_mark(audit_id, format_moment(received).encode()) ^ asked
    if known_shape.varied:
        example = msgspec.structs.replace(
            example, requestObject=event.requestObject, responseObject=event.responseObject
        )
    if queried:
        path = (example.requestURI or "").partition("?")[0]
        example = msgspec.structs.replace(example, requestURI=f"{path}?{query}")
    ref, own = example.objectRef, event.objectRef
    if ref is not None and own is not None:
        ref = msgspec.structs.replace(ref, resourceVersion=own.resourceVersion)
    return msgspec.structs.replace(
        example,
        auditID=audit_id.decode(),
        objectRef=ref,
        requestReceivedTimestamp=format_moment(received),
        stageTimestamp=event.stageTimestamp,
    )


def lines() -> Iterator[bytes]:
    return islice(generate(7), 0, 6_000)


def test_most_lines_of_a_log_come_by_their_shape_and_mean_what_they_decode_to() -> None:
    shapes, source = Shapes(), lines()
    found = list(Reader(lambda _: next(source, b"")).read(shapes))
    alike = [record for record in found if isinstance(record, tuple)]
    assert len(found) == 6_000
    assert len(alike) > 3_000
    for record in alike:
        assert told(record, shapes) == STRICT.decode(record[5])


def test_lines_and_offsets_are_counted_alike() -> None:
    first, second = lines(), lines()
    plain = list(Reader(lambda _: next(first, b"")))
    for record, other in zip(plain, Reader(lambda _: next(second, b"")).read(Shapes()), strict=True):
        assert not isinstance(record, Rejected)
        assert not isinstance(other, Rejected)
        at = (other[6], other[7]) if isinstance(other, tuple) else (other.line, other.offset)
        assert at == (record.line, record.offset)


@pytest.mark.parametrize("way", WAYS)
def test_a_line_like_another_is_recognised_with_its_own_values(way: Way) -> None:
    other = LINE.replace(b"7f1d101c", b"00000000").replace(b"357", b"12345").replace(b"06:00:00.019", b"06:00:09.019")
    found = find(learned(LINE, way), other, 5, 77)
    assert found is not None
    received, answered = parse_moment("2026-03-17T06:00:00.018751Z"), parse_moment("2026-03-17T06:00:09.019692Z")
    assert found[1:4] == (b"00000000-fc49-434b-a239-646edda33632", received, answered)
    assert found[6:] == (5, 77)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("harm", [b'"', b"\\", b"\\n", b"\x00", b"\x1f", b"\n", b"\xc3\xa9", b"\xff", b'","x":"', b""])
def test_a_value_that_is_not_plain_is_decoded(place: bytes, harm: bytes, way: Way) -> None:
    line = LINE.replace(place, place[:1] + harm + place[2:], 1)
    known = learned(LINE, way)
    found = find(known, line)
    if found is not None:
        assert told(found, known) == STRICT.decode(line)


@pytest.mark.parametrize("example", [LINE, BODIED, WATCH], ids=["without", "with a body", "a watch"])
@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=300)
@given(data=st.data())
def test_whatever_is_done_to_a_line_it_is_known_only_if_it_decodes_to_what_is_told(
    data: st.DataObject, way: Way, example: bytes
) -> None:
    line = bytearray(example)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(line) - 1))
        piece = data.draw(
            st.sampled_from([b"", b'"', b"\\", b"x", b"{", b'"name":"', b"\x00", b"\xc3", b'","uid":"', b"0"])
        )
        line[at : at + data.draw(st.integers(0, 2))] = piece
    known = learned(example, way)
    found = find(known, bytes(line))
    if found is not None:
        assert told(found, known) == STRICT.decode(found[5])


@pytest.mark.parametrize(
    ("query", "known"),
    [
        (b"timeoutSeconds=300", True), (b"", True), (b"a?b", True), (b"a=%3D\\u0026b&c", True), (b"x" * 1024, True),
        (b"x" * 1025, False), (b"a\\u003cb", False), (b"a\\\\b", False), (b"\xc3\xa9", False), (b"\x7f", False),
    ],
)  # fmt: skip
def test_watches_that_differ_in_their_query_are_alike(query: bytes, known: bool, compiler: list[str]) -> None:
    line = WATCH.replace(b"a=b\\u0026timeoutSeconds=571", query)
    shapes = learned(WATCH, known_lines)
    found = find(shapes, line)
    assert (found is not None) == known
    if found is not None:
        assert told(found, shapes) == STRICT.decode(line)


@pytest.mark.parametrize(
    "line",
    [
        WATCH.replace(b"?", b"/"),
        WATCH.replace(b"watch", b"list"),
        re.sub(rb'"objectRef":{[^}]*},', b"", WATCH),
    ],
    ids=["without a query", "of another verb", "on no resource"],
)
def test_of_other_requests_the_whole_uri_counts(line: bytes, compiler: list[str]) -> None:
    shapes = learned(line, known_lines)
    assert find(shapes, line.replace(b"571", b"572")) is None


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "line",
    [
        LINE.replace(
            b'"requestReceivedTimestamp"',
            b'"requestObject":{"requestReceivedTimestamp":"x"},"requestReceivedTimestamp"',
        ),
        LINE.replace(b'"verb"', b'"auditID":"later","verb"'),
        LINE.replace(b'"responseStatus"', b'"requestURI":"/again","responseStatus"'),
        LINE.replace(b'"resource":', b'"name":"before","resource":'),
        LINE.replace(b"7f1d101c-fc49-434b-a239-646edda33632", b"short"),
        LINE.replace(b'"stageTimestamp"', b'"x":"","stageTimestamp"'),
    ],
    ids=["fake time in a body", "second audit ID", "second URI", "second name", "short audit ID", "foreign member"],
)
def test_a_line_whose_members_cannot_be_told_is_not_learned_wrongly(line: bytes, way: Way) -> None:
    known = way()
    try:
        event = STRICT.decode(line)
    except msgspec.MsgspecError:
        return
    known.learn(Record(event, CONTEXT_NATIVE, line, 1, 0))
    found = find(known, line)
    if found is not None:
        assert told(found, known) == event


@pytest.mark.parametrize("way", WAYS)
def test_a_second_after_the_known_ones_is_believed_only_when_it_is_well_written(way: Way) -> None:
    known = learned(LINE, way)
    assert find(known, LINE.replace(b"T06:00:00.0187", b"T07:30:00.0187")) is not None
    for wrong in (b"T07-30:00.0187", b"T07:30:00,0187", b"T07:30:00.0x87"):
        assert find(known, LINE.replace(b"T06:00:00.0187", wrong)) is None


@pytest.mark.parametrize("way", WAYS)
def test_learning_has_a_bound(way: Way) -> None:
    known = way()
    for number in range(4_000):
        line = LINE.replace(b"alice", b"user-%d" % number)
        known.learn(Record(STRICT.decode(line), CONTEXT_NATIVE, line, 1, 0))
    found = sum(find(known, LINE.replace(b"alice", b"user-%d" % number)) is not None for number in range(4_000))
    assert 1_900 < found < 2_700 < SHAPES
    long = LINE.replace(b"kubectl", b"k" * LONGEST)
    known.learn(Record(STRICT.decode(long), CONTEXT_NATIVE, long, 1, 0))
    assert find(known, long) is None


@pytest.mark.parametrize("way", WAYS)
def test_shapes_beyond_the_room_for_their_lines_are_forgotten_and_learned_anew(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (shape, express):
        monkeypatch.setattr(module, "ROOM", 3 * len(LINE))
    known = way()
    for number in range(5):
        line = LINE.replace(b"alice", b"a-%03d" % number)
        known.learn(Record(STRICT.decode(line), CONTEXT_NATIVE, line, 1, 0))
    assert [find(known, LINE.replace(b"alice", b"a-%03d" % number)) is not None for number in range(5)] == [
        False, False, False, False, True
    ]  # fmt: skip
