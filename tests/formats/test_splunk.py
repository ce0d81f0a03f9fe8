"""Splunk's envelopes."""

import io
import json

from kwho.formats.reader import Reader
from kwho.schema.record import Record

EVENT = {"auditID": "s", "stage": "Panic", "verb": "get"}


def formats(data: str) -> list[str | None]:
    found = Reader(io.BytesIO(data.encode()).readline)
    return [record.context.format if isinstance(record, Record) else record.kind for record in found]


def test_glued_envelopes_hold_objects_or_text() -> None:
    one, two = json.dumps({"host": "h", "event": EVENT}), json.dumps({"time": 1, "event": json.dumps(EVENT)})
    assert formats(one + two) == ["splunk-hec", "splunk-hec"]


def test_results_of_a_search_hold_the_raw_line() -> None:
    row = {"_raw": json.dumps(EVENT)}
    assert formats(json.dumps({"result": row}) + json.dumps(row) + json.dumps({"results": [row]})) == [
        "splunk-search-export",
        "splunk-search-export",
        "splunk-search-export",
    ]


def test_an_event_key_without_an_envelope_is_left_to_others() -> None:
    assert formats(json.dumps({"host": "h", "event": 3})) == ["filtered"]
