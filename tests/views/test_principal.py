"""Who acts, and whose rights were used."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.schema.event import User
from kwho.views import principal
from kwho.views.principal import Account


@pytest.mark.parametrize(
    ("user", "kind"),
    [
        (None, "anonymous"),
        ({}, "anonymous"),
        ({"username": ""}, "anonymous"),
        ({"groups": ["system:masters"]}, "anonymous"),
        ({"username": "system:anonymous"}, "anonymous"),
        ({"username": "eve", "groups": ["system:unauthenticated"]}, "anonymous"),
        ({"username": "system:serviceaccount:a:b"}, "service_account"),
        ({"username": "system:node:n1", "groups": ["system:nodes"]}, "node"),
        ({"username": "system:node:n1", "groups": ["system:masters"]}, "system"),
        ({"username": "system:node:n1"}, "system"),
        ({"username": "system:apiserver"}, "system"),
        ({"username": "SYSTEM:apiserver"}, "human"),
        ({"username": "System:ServiceAccount:a:b"}, "human"),
        ({"username": "alice@example.com", "groups": ["system:masters"]}, "human"),
        ({"username": " system:apiserver"}, "human"),
    ],
)
def test_the_kind_follows_from_exact_names_and_groups(look_at: Any, user: Any, kind: str) -> None:
    members = {} if user is None else {"user": user}
    assert principal.principal_kind(look_at(**members)) == kind


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ({"username": "system:serviceaccount:ns1:robot"}, Account("ns1", "robot")),
        ({"username": "system:serviceaccount:ns1"}, Account(None, None)),
        ({"username": "system:serviceaccount:a:b:c"}, Account(None, None)),
        ({"username": "system:node:n1", "groups": ["system:nodes"]}, Account(None, "n1")),
        ({"username": "system:node:n1"}, Account(None, None)),
        ({"username": "alice"}, Account(None, None)),
        ({}, Account(None, None)),
    ],
)
def test_the_parts_of_a_service_account_or_node_are_told(look_at: Any, user: Any, expected: Account) -> None:
    assert principal.account(look_at(user=user)) == expected


def test_rights_are_those_of_the_impersonated_identity(look_at: Any) -> None:
    look = look_at(user={"username": "alice"}, impersonatedUser={"username": "system:admin"})
    assert principal.impersonation(look)
    effective = principal.effective(look)
    assert effective is not None
    assert effective.username == "system:admin"
    assert principal.principal_kind(look) == "human"


def test_without_impersonation_rights_are_the_callers(look_at: Any) -> None:
    look = look_at(user={"username": "alice"})
    assert not principal.impersonation(look)
    assert principal.effective(look) is look.event.user
    assert principal.effective(look_at()) is None


@pytest.mark.parametrize(
    "message",
    [
        'users "root" is forbidden: User "bob" cannot impersonate resource "users" in API group ""',
        'configmaps is forbidden: User "bob" cannot impersonate-on:user-info:list resource "configmaps"',
    ],
)
def test_a_refused_impersonation_is_told_by_its_message(look_at: Any, message: str) -> None:
    assert principal.impersonation_refused(look_at(responseStatus={"code": 403, "message": message}))


@pytest.mark.parametrize(
    "changed",
    [
        {"responseStatus": {"code": 200, "message": "cannot impersonate"}},
        {"responseStatus": {"code": 403, "message": "forbidden"}},
        {"responseStatus": {"code": 403}},
        {"responseStatus": None},
        {"annotations": {"authorization.k8s.io/decision": "forbid"}},
        {"annotations": {"authorization.k8s.io/reason": ""}},
        {"impersonatedUser": {"username": "x"}},
    ],
)
def test_other_refusals_are_no_refused_impersonation(look_at: Any, changed: dict[str, Any]) -> None:
    members = {"responseStatus": {"code": 403, "message": "x cannot impersonate y"}, **changed}
    assert not principal.impersonation_refused(look_at(**members))


@given(st.none() | st.text(max_size=30), st.none() | st.lists(st.text(max_size=10)).map(tuple))
@settings(max_examples=50)
def test_everybody_has_a_kind(name: str | None, groups: tuple[str, ...] | None) -> None:
    kinds = {"anonymous", "service_account", "node", "system", "human"}
    assert principal.kind_of(User(username=name, groups=groups)) in kinds
