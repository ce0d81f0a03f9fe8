"""Why a request was allowed."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.views.authorization import REASON, Allowed, allowed_by


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (
            'RBAC: allowed by ClusterRoleBinding "admins" of ClusterRole "cluster-admin" to Group "ops"',
            Allowed("ClusterRoleBinding/admins", "ClusterRole/cluster-admin", "Group:ops"),
        ),
        (
            'RBAC: allowed by RoleBinding "readers/team-a" of Role "reader" to ServiceAccount "robot/team-a"',
            Allowed("RoleBinding/team-a/readers", "Role/reader", "ServiceAccount:team-a/robot"),
        ),
        (
            'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "c" to User "a \\"quoted\\" \\\\ name"',
            Allowed("ClusterRoleBinding/b", "ClusterRole/c", 'User:a "quoted" \\ name'),
        ),
        ("", Allowed()),
        ("RBAC: allowed by something else", Allowed()),
        ('no: RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "c" to User "d"', Allowed()),
    ],
)
def test_binding_role_and_subject_are_parsed(look_at: Any, reason: str, expected: Allowed) -> None:
    assert allowed_by(look_at(annotations={REASON: reason})) == expected


def test_without_a_reason_nothing_is_known(look_at: Any) -> None:
    assert allowed_by(look_at()) == Allowed()


def test_an_endless_reason_is_not_parsed(look_at: Any) -> None:
    assert allowed_by(look_at(annotations={REASON: 'RBAC: allowed by A "' + "\\" * 1_000_000})) == Allowed()


@given(st.text(max_size=60))
@settings(max_examples=50)
def test_any_reason_is_survived(look_at: Any, text: str) -> None:
    allowed_by(look_at(annotations={REASON: f'RBAC: allowed by X "{text}" of Y "{text}" to Z "{text}"'}))
