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


CONVERTED: dict[str, Any] = {
    "class_uid": 6003,
    "metadata": {
        "product": {"name": "Kubernetes"},
        "log_name": "audit",
        "log_level": "Request",
        "original_event_uid": "c",
        "original_time": "2026-03-01T08:00:00.000001Z",
    },
    "api": {"operation": "create", "group": {"name": "apps"}, "response": {"code": 201}},
    "actor": {
        "user": {"name": "ada", "groups": [{"name": "ops"}]},
        "authorizations": [{"decision": "allow", "policy": {"desc": "RBAC"}}],
    },
    "http_request": {"url": {"path": "/apis", "query_string": "dryRun=All"}},
    "src_endpoint": {"ip": "10.0.0.1", "intermediate_ips": ["192.0.2.1"]},
    "resources": [{"type": "deployments/scale", "name": "n", "namespace": "shop", "version": "v1"}],
    "time_dt": "2026-03-01T08:00:01.000000Z",
    "unmapped": {
        "stage": "ResponseComplete", "requestObject": {"kind": "Scale"}, "cluster": "east", "annotations": {"a": "b"},
    },
}  # fmt: skip


def test_an_activity_that_kwho_converted_gives_its_event_back() -> None:
    found = one(CONVERTED)
    assert isinstance(found, Record)
    event = found.event
    assert (event.auditID, event.stage, event.verb) == ("c", "ResponseComplete", "create")
    assert event.requestURI == "/apis?dryRun=All"
    assert event.sourceIPs == ("192.0.2.1", "10.0.0.1")
    assert event.annotations == {
        "a": "b",
        "authorization.k8s.io/decision": "allow",
        "authorization.k8s.io/reason": "RBAC",
    }
    assert event.objectRef is not None
    assert (event.objectRef.resource, event.objectRef.subresource, event.objectRef.apiGroup) == (
        "deployments",
        "scale",
        "apps",
    )
    assert bytes(event.requestObject) == b'{"kind": "Scale"}'
    assert found.context.cluster == "east"


def test_a_converted_activity_of_which_little_is_left_is_still_an_event() -> None:
    found = one({**{key: CONVERTED[key] for key in ("class_uid", "metadata", "api")}, "unmapped": {"stage": "Panic"}})
    assert isinstance(found, Record)
    assert (found.event.user, found.event.objectRef, found.event.sourceIPs) == (None, None, None)
