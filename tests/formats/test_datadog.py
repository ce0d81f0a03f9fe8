"""Logs of Datadog."""

import io
import json
from typing import Any

from kwho.formats.reader import Reader
from kwho.schema.record import Record

EVENT = {"auditID": "d", "stage": "Panic", "verb": "get", "http": {"status_code": 1}, "usr": {}}


def one(document: Any) -> Record:
    (found,) = Reader(io.BytesIO(json.dumps(document).encode()).readline)
    assert isinstance(found, Record)
    return found


def test_attributes_are_the_event_and_tags_name_the_cluster() -> None:
    found = one({"id": "1", "content": {"tags": ["a", "kube_cluster_name:shop", 3], "host": "h", "attributes": EVENT}})
    assert (found.event.auditID, found.context.cluster, found.context.instance) == ("d", "shop", "h")


def test_the_newer_api_and_lists_are_read_too() -> None:
    log = {"id": "1", "attributes": {"attributes": EVENT}}
    assert one({"logs": [log]}).context.format == "datadog-log"
