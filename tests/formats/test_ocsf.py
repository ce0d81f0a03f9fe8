"""OCSF keeps a part of the event."""

import io
import json
from typing import Any

from kwho.formats.reader import Reader
from kwho.schema.record import Record, Rejected

ACTIVITY: dict[str, Any] = {
    "class_uid": 6003,
    "metadata": {"product": {"name": "Amazon EKS"}, "log_level": "Metadata"},
    "message": "ResponseComplete",
    "api": {"operation": "create", "request": {"uid": "o"}, "response": {"code": 201}},
    "actor": {"user": {"name": "ada", "uid": "u", "groups": [{"name": "ops"}]}},
    "http_request": {"url": {"path": "/api/v1/nodes"}, "user_agent": "kubelet"},
    "resources": [{"type": "nodes", "name": "n"}],
    "src_endpoint": {"ip": "10.0.0.1"},
    "start_time_dt": "2026-03-01 08:00:00.5",
    "time": 1772352000500,
    "unmapped": {"annotations.authorization.k8s.io/decision": "allow", "requestObject.kind": "Node"},
}


def one(document: dict[str, Any]) -> Record | Rejected:
    (found,) = Reader(io.BytesIO(json.dumps(document).encode()).readline)
    return found


def test_what_the_activity_keeps_becomes_an_event() -> None:
    found = one(ACTIVITY)
    assert isinstance(found, Record)
    event = found.event
    assert (event.auditID, event.stage, event.verb, event.level) == ("o", "ResponseComplete", "create", "Metadata")
    assert event.user is not None
    assert event.user.groups == ("ops",)
    assert event.requestReceivedTimestamp == "2026-03-01T08:00:00.5Z"
    assert event.stageTimestamp == "2026-03-01T08:00:00.500000Z"
    assert event.annotations == {"authorization.k8s.io/decision": "allow"}
    assert event.objectRef is not None
    assert event.objectRef.resource == "nodes"
    assert "requestObject" in found.context.lost


def test_an_activity_with_little_in_it_is_still_an_event() -> None:
    keep = {key: ACTIVITY[key] for key in ("class_uid", "metadata", "message", "api")}
    found = one({**keep, "time": "x"})
    assert isinstance(found, Record)
    assert found.event.requestReceivedTimestamp is None


def test_other_products_are_filtered() -> None:
    for document in ({**ACTIVITY, "metadata": {"product": {"name": "S3"}}}, {"class_uid": 1, "metadata": {}}):
        found = one(document)
        assert isinstance(found, Rejected)
        assert found.kind == "filtered"
