"""Entries of Cloud Logging are rebuilt into events, and what is derived or lost is said."""

import io
import json
from typing import Any

import pytest

from kwho.formats.reader import Reader
from kwho.schema.event import ABSENT
from kwho.schema.record import Record, Rejected
from kwho.views import Look
from kwho.views.outcome import dry_run


def entry(method: str, name: str, **payload: Any) -> dict[str, Any]:
    who = {"principalEmail": "system:serviceaccount:shop:web"}
    base = {"serviceName": "k8s.io", "methodName": method, "resourceName": name, "authenticationInfo": who}
    return {"insertId": "g", "timestamp": "2026-03-01T08:00:00.1Z", "protoPayload": {**base, **payload}}


def one(document: dict[str, Any]) -> Record | Rejected:
    (found,) = Reader(io.BytesIO(json.dumps(document).encode()).readline)
    return found


def event(method: str, name: str, **payload: Any) -> Record:
    found = one(entry(method, name, **payload))
    assert isinstance(found, Record)
    return found


@pytest.mark.parametrize(
    ("method", "name", "verb", "uri", "ref"),
    [
        ("io.k8s.get", "apis/networking.gke.io/v1", "get", "/apis/networking.gke.io/v1", None),
        ("io.k8s.post", "cgi-bin/status", "post", "/cgi-bin/status", None),
        (
            "io.k8s.core.v1.namespaces.get",
            "core/v1/namespaces/x",
            "get",
            "/api/v1/namespaces/x",
            ("namespaces", "x", "x", None, None),
        ),
        (
            "io.k8s.core.v1.namespaces.finalize.update",
            "core/v1/namespaces/x/finalize",
            "update",
            "/api/v1/namespaces/x/finalize",
            ("namespaces", "x", "x", None, "finalize"),
        ),
        (
            "io.k8s.core.v1.pods.list",
            "core/v1/namespaces/x/pods",
            "list",
            "/api/v1/namespaces/x/pods",
            ("pods", "x", None, None, None),
        ),
        (
            "io.k8s.authorization.rbac.v1.clusterroles.create",
            "rbac.authorization.k8s.io/v1/clusterroles/r",
            "create",
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/r",
            ("clusterroles", None, "r", "rbac.authorization.k8s.io", None),
        ),
        (
            "io.example.v1beta1.widgets.status.patch",
            "widgets.example.io/v1beta1/namespaces/n/widgets/w/status",
            "patch",
            "/apis/widgets.example.io/v1beta1/namespaces/n/widgets/w/status",
            ("widgets", "n", "w", "widgets.example.io", "status"),
        ),
    ],
)
def test_the_method_decides_what_the_name_means(
    method: str, name: str, verb: str, uri: str, ref: tuple[str | None, ...] | None
) -> None:
    found = event(method, name).event
    assert (found.verb, found.requestURI) == (verb, uri)
    named = found.objectRef
    seen = named and (named.resource, named.namespace, named.name, named.apiGroup, named.subresource)
    assert seen == ref


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (None, 200),
        ({}, 200),
        ({"code": 0}, 200),
        ({"code": 5}, 404),
        ({"code": 7}, 403),
        ({"code": 99}, 500),
        ({"code": "x"}, 500),
    ],
)
def test_codes_of_grpc_become_codes_of_http(status: object, code: int) -> None:
    found = event("io.k8s.get", "livez", status=status).event
    assert found.responseStatus is not None
    assert found.responseStatus.code == code


def test_a_refusal_without_status_is_a_refusal_and_its_decision_derived() -> None:
    found = event("io.k8s.get", "x", authorizationInfo=[{"granted": False}])
    assert found.event.responseStatus is not None
    assert found.event.responseStatus.code == 403
    assert found.event.annotations == {"authorization.k8s.io/decision": "forbid"}
    assert "annotations.decision" in found.context.derived


def test_standard_groups_are_derived_and_those_of_people_are_lost() -> None:
    found = event("io.k8s.get", "x")
    assert found.event.user is not None
    assert found.event.user.groups == ("system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated")
    assert "user.groups" in found.context.derived
    for who, groups in (("system:node:n", ("system:nodes", "system:authenticated")), ("ada@example.test", None)):
        found = event("io.k8s.get", "x", authenticationInfo={"principalEmail": who})
        assert found.event.user is not None
        assert found.event.user.groups == groups
    assert "user.groups" in found.context.lost


def test_bodies_lose_the_type_that_google_adds_and_set_the_level() -> None:
    body = {"@type": "core.k8s.io/v1.Pod", "kind": "Pod"}
    found = event("io.k8s.core.v1.pods.create", "core/v1/namespaces/n/pods/p", request=body, response=body).event
    assert bytes(found.requestObject) == b'{"kind":"Pod"}'
    assert (found.level, found.stage) == ("RequestResponse", "ResponseComplete")
    assert event("io.k8s.get", "x").event.requestObject is ABSENT


@pytest.mark.parametrize(
    ("method", "label", "key", "uri"),
    [
        ("create", "true", "command.gke.io/dryRun", "/api/v1/namespaces/shop/pods/web?dryRun=All"),
        ("patch", "All", "command_gke_io_dryRun", "/api/v1/namespaces/shop/pods/web?dryRun=All"),
        ("create", "false", "command.gke.io/dryRun", "/api/v1/namespaces/shop/pods/web"),
        ("delete", "true", "command.gke.io/dryRun", "/api/v1/namespaces/shop/pods/web"),
        ("create", "true", "command.example/dryRun", "/api/v1/namespaces/shop/pods/web"),
    ],
)
def test_the_label_of_a_dry_run_counts_where_the_query_would(method: str, label: str, key: str, uri: str) -> None:
    written = entry(f"io.k8s.core.v1.pods.{method}", "core/v1/namespaces/shop/pods/web")
    found = one({**written, "labels": {key: label}})
    assert isinstance(found, Record)
    assert found.event.requestURI == uri
    assert dry_run(Look(found.event, found.context)) is uri.endswith("All")


def test_a_start_of_a_long_request_is_not_its_end() -> None:
    document = entry("io.k8s.core.v1.pods.watch", "core/v1/pods") | {"operation": {"first": True}}
    found = one(document)
    assert isinstance(found, Record)
    assert found.event.stage == "ResponseStarted"


def test_a_row_of_bigquery_is_the_same_event() -> None:
    payload = {**entry("io.k8s.get", "livez")["protoPayload"], "requestJson": '{"a":1}', "status": None}
    row = {
        "insertId": "g",
        "timestamp": "2026-03-01 08:00:00.1 UTC",
        "labels": {"authorization_k8s_io_decision": "allow", "k8s_io_deprecated": None},
        "protopayload_auditlog": payload,
        "resource": {"labels": {"project_id": "p", "location": "l", "cluster_name": "c"}},
    }
    found = one(row)
    assert isinstance(found, Record)
    assert found.event.annotations == {"authorization.k8s.io/decision": "allow"}
    assert found.event.requestReceivedTimestamp == "2026-03-01T08:00:00.1Z"
    assert bytes(found.event.requestObject) == b'{"a":1}'
    assert (found.context.format, found.context.cluster) == ("gke-bigquery-row", "p/l/c")


def test_other_services_of_google_are_filtered_by_name() -> None:
    document = entry("google.container.v1.ClusterManager.CreateCluster", "x", serviceName="container.googleapis.com")
    found = one(document)
    assert isinstance(found, Rejected)
    assert (found.kind, found.reason) == ("filtered", "Google Cloud administration")


def test_a_user_that_is_no_text_costs_no_event() -> None:
    found = event("io.k8s.get", "x", authenticationInfo={"principalEmail": 7}, requestMetadata={"callerIp": 3})
    assert found.damaged == ("sourceIPs",)
