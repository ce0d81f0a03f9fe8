"""Foreign keys beside an event."""

import io
import json

from kwho.formats.reader import Reader
from kwho.schema.event import Event
from kwho.schema.record import Record


def test_foreign_keys_do_not_change_the_event_and_do_not_get_lost() -> None:
    fields = {"auditID": "p", "stage": "Panic", "level": "Metadata", "verb": "get", "user": {"username": "ada"}}
    foreign = {"cluster_name": "shop", "kubernetes": {"pod_name": "p"}, "http": {"verb": "evil"}}
    (found,) = Reader(io.BytesIO(json.dumps({**fields, **foreign}).encode()).readline)
    assert isinstance(found, Record)
    assert isinstance(found.event, Event)
    assert found.event.verb == "get"
    assert (found.context.format, found.context.cluster, found.context.instance) == ("fluentbit-parsed", "shop", "p")
    assert b'"evil"' in found.raw
