"""Requests in few words, judged by the pack."""

import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import pytest

from kwho.detect.pack import assemble
from kwho.detect.rule import RuleSet
from kwho.engine.memory import scan_bytes
from kwho.schema.result import Result

GROUPS = {
    "apiservices": "apiregistration.k8s.io", "certificatesigningrequests": "certificates.k8s.io",
    "clusterrolebindings": "rbac.authorization.k8s.io", "clusterroles": "rbac.authorization.k8s.io",
    "cronjobs": "batch",
    "daemonsets": "apps", "deployments": "apps", "endpointslices": "discovery.k8s.io", "jobs": "batch",
    "leases": "coordination.k8s.io", "replicasets": "apps", "rolebindings": "rbac.authorization.k8s.io",
    "roles": "rbac.authorization.k8s.io", "statefulsets": "apps",
    "validatingadmissionpolicybindings": "admissionregistration.k8s.io",
}  # fmt: skip


def _groups(user: str) -> list[str]:
    if user.startswith("system:serviceaccount:"):
        space = user.split(":")[2]
        return ["system:serviceaccounts", f"system:serviceaccounts:{space}", "system:authenticated"]
    return ["system:nodes", "system:authenticated"] if user.startswith("system:node:") else ["system:authenticated"]


def _request(at: int, user: str, verb: str, target: str, **members: Any) -> dict[str, Any]:
    """`target` is `namespace:resource/name/subresource`, the namespace and the end of which may be missing."""
    space, _, path = target.rpartition(":")
    resource, name, subresource = (*path.split("/"), "", "")[:3]
    group = GROUPS.get(resource)
    root = f"/apis/{group}/v1" if group else "/api/v1"
    uri = root + (f"/namespaces/{space}" if space else "") + "/" + "/".join(filter(None, path.split("/")))
    ref = {
        "resource": resource, "namespace": space, "name": name, "subresource": subresource, "apiGroup": group,
        "apiVersion": "v1",
    }  # fmt: skip
    time = f"2026-01-05T10:{at // 60:02d}:{at % 60:02d}.000000Z"
    made = {
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse",
        "auditID": f"{at:08d}-0000-4000-8000-000000000000", "stage": "ResponseComplete", "requestURI": uri,
        "verb": verb, "user": {"username": user, "groups": _groups(user)}, "sourceIPs": ["10.0.0.7"],
        "userAgent": "kubectl/v1.34.1 (linux/amd64) kubernetes/93248f9",
        "objectRef": {key: value for key, value in ref.items() if value},
        "responseStatus": {"code": 201 if verb == "create" else 200},
        "requestReceivedTimestamp": time, "stageTimestamp": time,
        "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": ""},
    }  # fmt: skip
    return made | members


@lru_cache(maxsize=1)
def _pack() -> RuleSet:
    return assemble([])


@pytest.fixture(scope="session")
def request_() -> Callable[..., dict[str, Any]]:
    return _request


@pytest.fixture
def told(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """What the pack says of a story."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))

    def scan(story: Iterable[dict[str, Any]]) -> Result:
        return scan_bytes(b"".join(json.dumps(event).encode() + b"\n" for event in story), _pack())

    return scan
