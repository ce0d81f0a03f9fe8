"""Documents over many lines, several on one line, and lists longer than memory."""

import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.formats.reader import Reader
from kwho.schema.record import Record, Rejected

BEYOND = "truncated:beyond the record cap"
CUT = "truncated:cut off inside a JSON value"
CAP = 4_096


def event(number: int, size: int = 0) -> dict[str, Any]:
    return {
        "level": "RequestResponse",
        "auditID": f"id{number}",
        "stage": "ResponseComplete",
        "verb": "list",
        "requestURI": "/api/v1/pods",
        "user": {"username": "ada"},
        "requestReceivedTimestamp": "2026-03-01T08:00:00.000001Z",
        "annotations": {"padding": '}]"{' * (size // 4)},
        "responseObject": {"kind": "PodList", "items": [{"a": 1}, {"b": "]}"}]},
    }


def read(data: bytes, cap: int = CAP) -> list[Record | Rejected]:
    reader = Reader(io.BytesIO(data).readline, cap=cap)
    found = list(reader)
    assert reader.offset == len(data)
    return found


def told(found: Record | Rejected) -> str | None:
    return found.event.auditID if isinstance(found, Record) else f"{found.kind}:{found.reason}"


def ids(data: bytes, cap: int = CAP) -> list[str | None]:
    return [told(found) for found in read(data, cap)]


def wrap(shape: str, events: list[dict[str, Any]]) -> Any:
    texts = [json.dumps(item) for item in events]
    cloudwatch = {"messageType": "DATA_MESSAGE", "logGroup": "/aws/eks/c/cluster", "subscriptionFilters": ["a", "b"]}
    records = [{"body": {"stringValue": text}} for text in texts]
    stream = {"stream": {"host": "h"}, "values": [["1", text] for text in texts]}
    return {
        "array": events,
        "batch": {"kind": "EventList", "metadata": {}, "items": events},
        "sorted": {"items": events, "kind": "EventList"},
        "cloudwatch": {**cloudwatch, "logEvents": [{"id": "1", "message": text} for text in texts]},
        "azure": {"records": [{"properties": {"log": text, "pod": "p"}} for text in texts]},
        "otlp": {"resourceLogs": [{"resource": {}, "scopeLogs": [{"scope": {}, "logRecords": records}]}]},
        "loki": {"data": {"resultType": "streams", "result": [stream]}},
    }[shape]


SHAPES = ["array", "batch", "sorted", "cloudwatch", "azure", "otlp", "loki"]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SHAPES), st.lists(st.sampled_from([0, 0, 40, 400]), min_size=1, max_size=40), st.booleans())
def test_a_list_longer_than_memory_gives_every_element_in_order(shape: str, sizes: list[int], pretty: bool) -> None:
    document = wrap(shape, [event(number, size) for number, size in enumerate(sizes)])
    data = json.dumps(document, indent=1 if pretty else None).encode()
    small = read(data)
    assert [told(found) for found in small] == [f"id{number}" for number in range(len(sizes))]
    assert [found.index for found in small] == list(range(len(sizes)))
    assert {(found.line, found.offset) for found in small} == {(1, 0)}


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SHAPES), st.lists(st.sampled_from([0, 0, 40, 20_000]), min_size=1, max_size=20))
def test_an_element_beyond_the_cap_costs_only_itself(shape: str, sizes: list[int]) -> None:
    data = json.dumps(wrap(shape, [event(number, size) for number, size in enumerate(sizes)])).encode()
    expected = [BEYOND if size > CAP else f"id{number}" for number, size in enumerate(sizes)]
    assert ids(data + b"\n" + json.dumps(event(99)).encode()) == [*expected, "id99"]


def test_a_long_event_is_never_taken_for_a_list_of_its_body() -> None:
    long = event(1)
    long["responseObject"] = {"kind": "PodList", "items": [event(number) for number in range(100)]}
    assert ids(json.dumps(long).encode() + b"\n" + json.dumps(event(2)).encode()) == [BEYOND, "id2"]


def test_a_long_list_that_breaks_keeps_what_came_before_and_the_lines_after() -> None:
    lines = ["["] + [json.dumps(event(number)) + "," for number in range(60)]
    data = "\n".join([*lines, json.dumps(event(60)), json.dumps(event(61)), json.dumps(event(62))]).encode()
    found = ids(data)
    assert found[:60] == [f"id{number}" for number in range(60)]
    assert found[60:] == ["malformed:not valid JSON", "id61", "id62"]


def test_a_long_list_that_ends_in_the_middle_keeps_its_whole_elements() -> None:
    data = json.dumps([event(number) for number in range(60)]).encode()
    assert ids(data[:-100]) == [*(f"id{number}" for number in range(59)), CUT]


def test_documents_glued_together_stand_where_they_begin() -> None:
    data = (
        json.dumps(event(1)).encode() + b" ," + json.dumps(event(2), indent=1).encode() + json.dumps(event(3)).encode()
    )
    first, second, third = read(data, 1 << 20)
    assert [told(found) for found in (first, second, third)] == ["id1", "id2", "id3"]
    assert second.offset == data.index(b"{\n")
    assert third.line == 1 + data.count(b"\n")


def test_a_document_that_never_closes_costs_only_its_first_line() -> None:
    good = json.dumps(event(1)).encode()
    assert ids(b"{\n" + good + b"\n" + good) == [CUT, "id1", "id1"]
    assert ids(b'{"a":{"b":\n' + good + b"\n") == [CUT, "id1"]


def test_a_newline_inside_a_string_ends_the_record() -> None:
    good = json.dumps(event(1)).encode()
    assert ids(b'{"a":\n"b\n' + good) == [CUT, "filtered:text", "id1"]


def test_brackets_that_open_on_every_line_take_no_time() -> None:
    found = ids(b"[\n" * 20_000, 1 << 24)
    assert found == ["malformed:nested too deeply"] * 19 + [CUT] * 1_000


@pytest.mark.parametrize(
    "text", [b"x" * 50_000, b'{"a":"' + b"\\" * 50_001, b'["' + b"y" * 50_000 + b'"]', b"[1" + b"1" * 50_000]
)
def test_lines_of_any_content_beyond_the_cap_are_one_record(text: bytes) -> None:
    assert ids(text + b"\n" + json.dumps(event(1)).encode()) == [BEYOND, "id1"]


def test_an_element_beyond_the_cap_that_never_ends_is_one_record() -> None:
    good = json.dumps(event(1)).encode()
    endless = b'[{"a":"' + b"x" * 30_000
    assert ids(endless) == [BEYOND]
    assert ids(endless + b"\n" + good) == [BEYOND, "id1"]
    assert ids(b'[{"a":"' + b"x" * 30_000 + b'"\n' + good) == [BEYOND, "id1"]


def test_blanks_between_long_documents_are_nothing() -> None:
    good = json.dumps(event(1)).encode()
    assert ids(good + b" " * 30_000 + good + b" " * 30_000 + b"\n" + good) == ["id1", "id1", "id1"]


def test_a_list_of_millions_of_the_shortest_elements_is_never_held_as_a_whole() -> None:
    data = b"[" + b"1," * (3 << 20) + b"1]\n" + json.dumps(event(1)).encode() + b"\n"
    reader = Reader(io.BytesIO(data).readline)
    tracemalloc.start()
    found = list(reader)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 18 * len(data)  # held as a whole, more than sixty times
    assert {told(each) for each in found} == {"filtered:other JSON", "id1"}
    assert [each.line for each in found][-1] == 2


def test_a_line_longer_than_a_step_keeps_its_number_when_its_document_breaks() -> None:
    long = b"[" + b"x" * (1 << 19) + b"}\n"
    found = read(long + json.dumps(event(2)).encode() + b"\n", cap=16 << 20)
    assert [(each.line, each.offset) for each in found] == [(1, 0), (2, len(long))]
