"""ViaQ records and node prefixes."""

import io
import json
from typing import Any

from kwho.formats.reader import Reader
from kwho.schema.record import Record, Rejected

VIAQ: dict[str, Any] = {
    "@timestamp": "2026-03-01T08:00:09Z",
    "timestamp": "2026-03-01T08:00:09Z",
    "auditID": "o",
    "hostname": "cp-0",
    "k8s_audit_level": "Request",
    "level": "default",
    "log_source": "kubeAPI",
    "openshift": {"cluster_id": "c-1"},
    "stage": "ResponseComplete",
    "verb": "get",
    "requestReceivedTimestamp": "2026-03-01T08:00:00.000001Z",
}


def one(document: dict[str, Any]) -> Record | Rejected:
    (found,) = Reader(io.BytesIO(json.dumps(document).encode()).readline)
    return found


def test_the_level_that_the_collector_moved_wins() -> None:
    found = one(VIAQ)
    assert isinstance(found, Record)
    assert found.event.level == "Request"
    assert found.event.requestReceivedTimestamp == VIAQ["requestReceivedTimestamp"]
    assert (found.context.format, found.context.cluster, found.context.instance) == ("openshift-viaq", "c-1", "cp-0")


def test_a_level_that_was_lost_is_assumed() -> None:
    found = one({key: value for key, value in VIAQ.items() if key != "k8s_audit_level"})
    assert isinstance(found, Record)
    assert (found.event.level, found.assumed) == ("Metadata", ("level",))


def test_the_collectors_time_is_never_the_events() -> None:
    found = one({key: value for key, value in VIAQ.items() if key != "requestReceivedTimestamp"})
    assert isinstance(found, Record)
    assert found.event.requestReceivedTimestamp is None


def test_the_audit_of_hosts_is_filtered() -> None:
    found = one({"log_source": "auditd", "log_type": "audit", "message": "type=SYSCALL"})
    assert isinstance(found, Rejected)
    assert (found.kind, found.reason) == ("filtered", "host audit")


def test_a_node_before_the_line_is_the_instance() -> None:
    (found,) = Reader(io.BytesIO(b'cp-0.example.test {"auditID":"a","stage":"Panic","verb":"get"}').readline)
    assert isinstance(found, Record)
    assert (found.context.format, found.context.instance) == ("openshift-node-logs", "cp-0.example.test")


def test_the_person_behind_a_login_stays_in_the_annotation() -> None:
    annotations = {"authentication.openshift.io/username": "ada", "authentication.openshift.io/decision": "deny"}
    found = one({**VIAQ, "user": {"username": "system:anonymous"}, "annotations": annotations})
    assert isinstance(found, Record)
    assert found.event.user is not None
    assert found.event.user.username == "system:anonymous"
    assert found.event.annotations == annotations
