"""Rows of Alibaba's log service."""

import io
import json

from kwho.formats.reader import Reader
from kwho.schema.event import Status, User
from kwho.schema.record import Record

ROW = {
    "auditID": "b",
    "stage": "Panic",
    "verb": "get",
    "user": '{"username": "ada"}',
    "responseStatus": '{"code": 500}',
    "sourceIPs": '["10.0.0.1"]',
    "requestObject": '{"a": 1}',
    "objectRef": "",
    "timestamp": "2020-01-01T00:00:00Z",
    "__time__": "1",
}


def test_nested_values_are_read_out_of_their_strings() -> None:
    (found,) = Reader(io.BytesIO(json.dumps(ROW).encode()).readline)
    assert isinstance(found, Record)
    event = found.event
    assert (event.user, event.responseStatus, event.sourceIPs) == (User("ada"), Status(code=500), ("10.0.0.1",))
    assert bytes(event.requestObject) == b'{"a": 1}'
    assert (event.objectRef, event.requestReceivedTimestamp, found.damaged) == (None, None, ())
    assert found.context.format == "alibaba-sls"
