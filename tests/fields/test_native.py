"""Native fields read what the event says, in the API's own spelling."""

from typing import Any

import pytest

from kwho.fields.native import NATIVE
from kwho.views import Look

EVENT: dict[str, Any] = {
    "kind": "Event",
    "apiVersion": "audit.k8s.io/v1",
    "auditID": "id-1",
    "requestURI": "/api/v1/namespaces/a/pods/p?x=1",
    "user": {"username": "alice", "uid": "u1", "groups": ["g"], "extra": {"k": ["v", "w"]}},
    "impersonatedUser": {"username": "bob", "uid": "u2", "groups": ["h"], "extra": {"i": ["j"]}},
    "sourceIPs": ["192.0.2.1", "198.51.100.1"],
    "objectRef": {"namespace": "a", "name": "p", "uid": "o1", "apiVersion": "v1", "resourceVersion": "7"},
    "responseStatus": {"status": "Failure", "reason": "NotFound", "message": "no", "code": 404},
    "requestReceivedTimestamp": "2026-01-05T10:00:00.000000Z",
    "stageTimestamp": "2026-01-05T10:00:01.000000Z",
    "annotations": {"a": "b"},
    "requestObject": {"kind": "Pod"},
    "responseObject": b'"\xff"',
}
EXPECTED: dict[str, Any] = {
    "kind": "Event",
    "apiVersion": "audit.k8s.io/v1",
    "auditID": "id-1",
    "requestURI": "/api/v1/namespaces/a/pods/p?x=1",
    "user.uid": "u1",
    "user.extra": ("k=v", "k=w"),
    "impersonatedUser.username": "bob",
    "impersonatedUser.uid": "u2",
    "impersonatedUser.groups": ("h",),
    "impersonatedUser.extra": ("i=j",),
    "sourceIPs": ("192.0.2.1", "198.51.100.1"),
    "objectRef.namespace": "a",
    "objectRef.name": "p",
    "objectRef.uid": "o1",
    "objectRef.apiVersion": "v1",
    "objectRef.resourceVersion": "7",
    "responseStatus.status": "Failure",
    "responseStatus.reason": "NotFound",
    "responseStatus.message": "no",
    "requestReceivedTimestamp": "2026-01-05T10:00:00.000000Z",
    "stageTimestamp": "2026-01-05T10:00:01.000000Z",
    "annotations": ("a=b",),
    "requestObject": '{"kind": "Pod"}',
    "responseObject": '"\ufffd"',
}


@pytest.fixture
def look(look_at: Any) -> Look:
    found: Look = look_at(**EVENT)
    return found


def test_every_native_field_reads_its_member(look: Look) -> None:
    assert {row.name: row.read(look) for row in NATIVE} == EXPECTED


def test_absent_members_read_as_absent(look_at: Any) -> None:
    assert not any(row.read(look_at()) for row in NATIVE)
