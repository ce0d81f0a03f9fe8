"""A short form becomes a line whose URI, reference, status and annotations agree."""

import json

import msgspec
import pytest

from kwho.sample.cast import Cast, anonymous, unknown
from kwho.sample.request import Ask, Identity, template
from kwho.schema.event import Event

ALICE = Cast(1).person("alice@example.com")


def written(ask: Ask, who: Identity = ALICE) -> Event:
    line = template(who, ask).line("an-id", "2026-03-17T06:00:00.000000Z", "2026-03-17T06:00:00.002500Z")
    return msgspec.json.decode(line, type=Event)


@pytest.mark.parametrize(
    ("spec", "uri"),
    [
        ("get core/pods shop/web", "/api/v1/namespaces/shop/pods/web"),
        ("create core/pods shop/web", "/api/v1/namespaces/shop/pods"),
        ("create core/pods/binding shop/web", "/api/v1/namespaces/shop/pods/web/binding"),
        ("get core/pods/log shop/web", "/api/v1/namespaces/shop/pods/web/log"),
        ("delete apps/deployments shop/web", "/apis/apps/v1/namespaces/shop/deployments/web"),
        ("get core/namespaces /shop", "/api/v1/namespaces/shop"),
        ("get metrics.k8s.io/pods shop/web", "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods/web"),
        ("list core/secrets", "/api/v1/secrets"),
        ("get /healthz", "/healthz"),
    ],
)
def test_the_uri_is_the_one_a_client_sends(spec: str, uri: str) -> None:
    assert (written(Ask(spec)).requestURI or "").partition("?")[0] == uri


def test_a_watch_of_one_object_names_it_by_a_field_selector_as_the_server_logs_it() -> None:
    event = written(Ask("watch core/secrets shop/key", query="?watch=true"))
    assert event.requestURI == "/api/v1/namespaces/shop/secrets?watch=true&fieldSelector=metadata.name%3Dkey"
    assert event.objectRef is not None
    assert event.objectRef.name == "key"


def test_a_request_outside_resources_has_no_reference() -> None:
    assert written(Ask("get /version")).objectRef is None


def test_a_namespace_is_its_own_namespace_in_the_reference() -> None:
    reference = written(Ask("get core/namespaces /shop")).objectRef
    assert reference is not None
    assert (reference.namespace, reference.name) == ("shop", "shop")


@pytest.mark.parametrize(
    ("spec", "code", "reason", "words"),
    [
        ("get core/secrets shop/key", 404, "NotFound", 'secrets "key" not found'),
        ("create core/secrets shop/key", 409, "AlreadyExists", "already exists"),
        ("update core/secrets shop/key", 409, "Conflict", "has been modified"),
        ("get core/secrets shop/key", 403, "Forbidden", 'cannot get resource "secrets" in API group ""'),
        ("list core/nodes", 403, "Forbidden", "at the cluster scope"),
        ("get /metrics", 403, "Forbidden", 'cannot get path "/metrics"'),
        ("get /metrics", 503, "ServiceUnavailable", "ServiceUnavailable"),
        ("create core/pods shop/", 422, "Invalid", "Invalid"),
    ],
)
def test_a_failure_says_why_in_the_words_of_the_server(spec: str, code: int, reason: str, words: str) -> None:
    status = written(Ask(spec, code)).responseStatus
    assert status is not None
    assert (status.code, status.reason, status.status) == (code, reason, "Failure")
    assert words in (status.message or "")


def test_a_refusal_is_a_decision_and_a_failed_login_is_none() -> None:
    refused = written(Ask("list core/pods", 403)).annotations or {}
    assert refused == {"authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": ""}
    nobody = written(Ask("list core/pods", 401), unknown("203.0.113.9", "curl/8.9.1"))
    assert nobody.annotations is None
    assert nobody.user is not None
    assert nobody.user.username is None


@pytest.mark.parametrize(
    ("who", "spec", "role"),
    [
        (ALICE, "get core/pods shop/web", "platform"),
        (ALICE, "get /apis/apps/v1", "system:discovery"),
        (ALICE, "get /openapi/v2", "system:discovery"),
        (anonymous("10.0.0.10", "kube-probe/1.33"), "get /readyz", "system:public-info-viewer"),
    ],
)
def test_the_reason_names_the_role_that_allows(who: Identity, spec: str, role: str) -> None:
    reason = (written(Ask(spec), who).annotations or {})["authorization.k8s.io/reason"]
    assert f'of ClusterRole "{role}"' in reason


def test_masters_are_let_in_without_a_reason() -> None:
    event = written(Ask("get core/services default/kubernetes"), Cast(1).api_server())
    assert (event.annotations or {})["authorization.k8s.io/reason"] == ""


@pytest.mark.parametrize(
    ("spec", "level"),
    [
        ("create core/pods shop/", "RequestResponse"),
        ("delete core/pods shop/web", "RequestResponse"),
        ("get core/pods shop/web", "Metadata"),
        ("create core/secrets shop/key", "Metadata"),
        ("create core/pods/binding shop/web", "Metadata"),
        ("patch core/pods/status shop/web", "Request"),
    ],
)
def test_the_policy_of_the_demo_records_workloads_and_never_secrets(spec: str, level: str) -> None:
    event = written(Ask(spec))
    assert event.level == level
    assert bool(bytes(event.responseObject)) == (level == "RequestResponse")
    assert bool(bytes(event.requestObject)) == (level == "Request")


def test_bodies_are_kept_as_given_and_a_refusal_is_its_own_body() -> None:
    given = written(Ask("create core/pods shop/", 201, sent=b'{"a":1}', answered=b'{"a":2}'))
    assert (bytes(given.requestObject), bytes(given.responseObject)) == (b'{"a":1}', b'{"a":2}')
    refused = json.loads(bytes(written(Ask("update apps/deployments shop/web", 409)).responseObject))
    assert (refused["kind"], refused["status"], refused["code"]) == ("Status", "Failure", 409)


def test_only_kubectl_sends_the_query_of_kubectl() -> None:
    operator = Cast(1).account("ops", "bot", "bot/1.0")
    assert "fieldManager" in (written(Ask("create core/pods shop/")).requestURI or "")
    assert "fieldManager" not in (written(Ask("create core/pods shop/"), operator).requestURI or "")


def test_notes_join_the_annotations_in_order() -> None:
    notes = written(
        Ask("get core/pods shop/web", note=(("z.example.com/a", "1"), ("a.example.com/b", "2")))
    ).annotations
    assert list(notes or {}) == sorted(notes or {})
    assert {"z.example.com/a", "a.example.com/b", "authorization.k8s.io/decision"} == set(notes or {}) - {
        "authorization.k8s.io/reason"
    }
