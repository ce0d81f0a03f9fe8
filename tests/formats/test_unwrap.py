"""Wrappers come off one after the other, within bounds."""

import json
import tracemalloc

import pytest

from kwho.formats import Facts
from kwho.formats.unwrap import START, Unwrapper, Way
from kwho.schema.record import Record, Rejected

EVENT = '{"auditID":"a1","stage":"ResponseComplete","verb":"get","level":"Metadata","user":{"username":"ada"}}'


def found(data: bytes, way: Way = START) -> list[Record | Rejected]:
    return [item for item in Unwrapper(1, 0).value(data, way) if isinstance(item, Record | Rejected)]


def told(data: bytes, way: Way = START) -> list[str | None]:
    return [
        item.event.auditID if isinstance(item, Record) else f"{item.kind}:{item.reason}" for item in found(data, way)
    ]


def wrapped(times: int) -> bytes:
    text = EVENT
    for _ in range(times):
        text = json.dumps({"message": text})
    return text.encode()


@pytest.mark.parametrize("times", range(5))
def test_four_levels_of_json_in_strings_are_followed(times: int) -> None:
    assert told(wrapped(times)) == ["a1"]


def test_a_fifth_level_is_one_malformed_record() -> None:
    assert told(wrapped(5)) == ["malformed:wrapped too often"]


def test_lists_in_lists_end_somewhere() -> None:
    assert told(b"[" * 50 + EVENT.encode() + b"]" * 50) == ["malformed:wrapped too often"]


def test_several_documents_in_one_string_are_several_records() -> None:
    text = json.dumps({"message": f"{EVENT}\n{EVENT}, {EVENT} junk"}).encode()
    assert told(text) == ["a1", "a1", "a1", "malformed:text after a JSON value"]
    assert [item.index for item in found(text)] == [0, 1, 2, 3]


def test_events_in_strings_of_a_list_are_found() -> None:
    assert told(json.dumps([EVENT, {"a": 1}, 3]).encode()) == ["a1", "filtered:other JSON", "filtered:other JSON"]


def test_a_document_that_holds_nothing_is_one_record() -> None:
    assert told(b'{"kind":"EventList","items":[]}') == ["filtered:nothing inside"]
    assert told(b"[]") == ["filtered:nothing inside"]
    assert told(b"") == ["filtered:empty"]


def test_the_facts_of_all_wrappers_meet_in_the_context() -> None:
    (item,) = found(EVENT.encode(), Way(Facts("outer", "shop", "node")))
    assert isinstance(item, Record)
    assert (item.context.format, item.context.cluster, item.context.instance) == ("outer", "shop", "node")


def test_a_torn_value_inside_a_wrapper_says_which_format_and_id() -> None:
    (item,) = found(json.dumps({"log": EVENT[:-30], "kubernetes": {}}).encode())
    assert isinstance(item, Rejected)
    assert (item.kind, item.audit_id, item.format) == ("truncated", "a1", "fluentbit-record")
    assert item.excerpt.startswith('{"auditID"')


@pytest.mark.parametrize("wrap", [b'{"items":%s}', b"%s", b'{"log":"%s"}', b'{"message":{"records":%s}}'])
def test_millions_of_scalars_are_one_record_in_bounded_memory(wrap: bytes) -> None:
    text = wrap % (b"[" + b"1," * 700_000 + b"1]")
    tracemalloc.start()
    reasons = told(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reasons == ["filtered:other JSON"]
    assert peak < 40 << 20


def test_scalars_among_events_are_one_record_and_cost_no_event() -> None:
    event = b'{"auditID":"k","stage":"ResponseComplete","verb":"get"}'
    for many in (b"1", b",".join([b"1"] * 600_000)):
        listed = b'{"items":[%s,%s,"x",%s,null]}' % (many, event, event)
        assert told(listed) == ["k", "k", "filtered:other JSON"]
