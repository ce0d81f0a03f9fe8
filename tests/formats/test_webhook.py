"""Batches of the webhook backend."""

import io
import json
from typing import Any

from kwho.formats.reader import Reader
from kwho.schema.record import Record

EVENT = {"level": "Metadata", "auditID": "w", "stage": "Panic", "verb": "get", "requestReceivedTimestamp": "t"}


def read(document: Any) -> list[Record]:
    found = list(Reader(io.BytesIO(json.dumps(document).encode()).readline))
    return [record for record in found if isinstance(record, Record)]


def test_items_are_numbered_and_nothing_is_assumed_of_their_kind() -> None:
    first, second = read({"kind": "EventList", "items": [EVENT, EVENT]})
    assert (first.index, second.index) == (0, 1)
    assert (first.context.format, first.assumed, first.event.kind) == ("webhook-eventlist", (), None)


def test_a_bare_list_and_one_whose_kind_was_lost_are_read_too() -> None:
    assert [record.context.format for record in read([EVENT])] == ["native-log"]
    assert [record.context.format for record in read({"items": [EVENT]})] == ["webhook-eventlist"]


def test_items_of_another_kind_are_looked_at_and_a_batch_is_no_event() -> None:
    assert read({"kind": "PodList", "items": [{"kind": "Pod"}]}) == []
    assert [record.event.auditID for record in read({**EVENT, "items": [EVENT, EVENT]})] == ["w"]
