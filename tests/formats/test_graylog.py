"""Graylog, GELF and OVHcloud."""

import io
import json
from typing import Any

from kwho.formats.reader import Reader
from kwho.schema.record import Record, Rejected

EVENT = {"auditID": "g", "stage": "Panic", "verb": "get"}


def one(document: Any) -> Record | Rejected:
    (found,) = Reader(io.BytesIO(json.dumps(document).encode()).readline)
    return found


def test_an_event_that_stands_there_twice_is_given_once_from_the_exact_copy() -> None:
    found = one({**EVENT, "auditID": "rounded", "gl2_message_id": "1", "source": "cp-0", "message": json.dumps(EVENT)})
    assert isinstance(found, Record)
    assert (found.event.auditID, found.context.format, found.context.instance) == ("g", "graylog-export", "cp-0")


def test_without_the_copy_the_fields_at_the_top_are_the_event() -> None:
    found = one({**EVENT, "gl2_message_id": "1", "timestamp": "2026-03-01T08:00:09Z", "message": "GET /x"})
    assert isinstance(found, Record)
    assert (found.event.auditID, found.event.requestReceivedTimestamp) == ("g", None)


def test_other_messages_are_filtered() -> None:
    found = one({"gl2_message_id": "1", "message": "hello"})
    assert isinstance(found, Rejected)
    assert (found.kind, found.format) == ("filtered", "graylog-export")


def test_gelf_and_the_stream_of_ovh() -> None:
    gelf = {"version": "1.1", "host": "mks", "short_message": json.dumps(EVENT)}
    found = one(gelf)
    assert isinstance(found, Record)
    assert (found.context.format, found.context.instance) == ("gelf", "mks")
    found = one({"message": json.dumps({**gelf, "_appID": "kubernetes"})})
    assert isinstance(found, Record)
    assert found.context.format == "ovh-ldp"


def test_a_search_result_lists_messages() -> None:
    found = one({"messages": [{"message": {**EVENT, "gl2_message_id": "1"}}]})
    assert isinstance(found, Record)
