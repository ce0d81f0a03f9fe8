import json
from typing import Any

import pytest

from kwho.schema.moment import parse_moment
from kwho.state import snapshot
from kwho.state.fact import BEFORE, NOBODY
from kwho.state.snapshot import read_snapshot
from kwho.state.world import World

ROLE: dict[str, Any] = {
    "kind": "Role",
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "metadata": {"name": "r", "namespace": "shop", "creationTimestamp": "2026-01-05T10:00:00Z"},
    "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}],
}
POD: dict[str, Any] = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "p", "namespace": "shop"}, "spec": {}}


def read(value: Any, **options: Any) -> snapshot.Snapshot:
    return read_snapshot("x.json", json.dumps(value).encode(), **options)


def test_one_object_is_a_snapshot() -> None:
    found = World(read(ROLE, cluster="c1").told)
    made = parse_moment("2026-01-05T10:00:00Z")
    assert made is not None
    assert found.role("c1", "shop", "r", (made,)).content is None
    answer = found.role("c1", "shop", "r", (made + 1,))
    assert (answer.knowledge, answer.content and answer.content.permissions) == ("known", ("get:core/secrets",))
    assert answer.told is not None
    assert answer.told.fact.actor == NOBODY


def test_a_list_is_read_and_what_kwho_does_not_follow_is_counted() -> None:
    config = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "x"}}
    found = read({"kind": "List", "apiVersion": "v1", "items": [ROLE, POD, config]})
    assert len(found.told) == 2
    assert found.ignored == {"ConfigMap": 1}
    assert found.told[1].sighting.time == BEFORE


def test_kinds_whose_plural_is_their_own_are_read() -> None:
    api, meta = "admissionregistration.k8s.io/v1", {"name": "x"}
    found = read({"kind": "ValidatingAdmissionPolicy", "apiVersion": api, "metadata": meta, "spec": {}})
    assert [told.fact.thing.name for told in found.told] == ["validatingadmissionpolicies/x"]


def test_items_of_a_typed_list_need_not_repeat_their_kind() -> None:
    bare = {"metadata": POD["metadata"], "spec": {"serviceAccountName": "web"}}
    found = World(read({"kind": "PodList", "apiVersion": "v1", "items": [bare]}).told)
    content = found.pod(None, "shop", "p", (0,)).content
    assert content is not None
    assert content.account == "web"


def test_a_certificate_request_tells_who_made_it() -> None:
    body = {
        "kind": "CertificateSigningRequest",
        "apiVersion": "certificates.k8s.io/v1",
        "metadata": {"name": "x"},
        "spec": {"username": "eve"},
        "status": {"conditions": [{"type": "Approved", "status": "True"}]},
    }
    content = World(read(body).told).certificate(None, "x", (0,)).content
    assert content is not None
    assert (content.requestor, content.approved, content.approver) == ("eve", True, None)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"kind: Pod", "x.json: no JSON of a Kubernetes object"),
        (b"[]", "x.json: no JSON of a Kubernetes object"),
        (b"\xff\xfe", "x.json: no JSON of a Kubernetes object"),
        (b"{}", "neither an object nor a list of objects"),
        (b'{"kind":"List","items":[{"kind":"Pod"}]}', r"object 0 \(Pod\) has no metadata.name"),
        (b'{"kind":"List","items":[{"kind":"Pod","metadata":{"name":"a"}},7]}', "object 1: "),
        (b'{"kind":"List","items":[{"kind":"Pod","metadata":{"name":5}}]}', "object 0: "),
    ],
)
def test_what_is_no_snapshot_is_refused_with_its_place(data: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_snapshot("x.json", data)


def test_a_huge_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "LONGEST", 10)
    with pytest.raises(ValueError, match="split it by kind"):
        read(POD)


def test_facts_of_two_files_have_keys_of_their_own() -> None:
    keys = {
        told.sighting.key
        for number in (0, 1)
        for told in read({"kind": "List", "items": [ROLE, POD]}, number=number).told
    }
    assert len(keys) == 4
