"""Whom a binding gives which role."""

from typing import Any

import pytest

from kwho.views.binding import Binding, binding

GROUP = "rbac.authorization.k8s.io"
ROLE = {"apiGroup": GROUP, "kind": "ClusterRole", "name": "cluster-admin"}
SUBJECTS = [
    {"kind": "ServiceAccount", "name": "default", "namespace": "a"},
    {"kind": "ServiceAccount", "name": "lost"},
    {"kind": "User", "name": "eve", "namespace": "ignored"},
    {"kind": "Group", "name": "system:unauthenticated"},
    {"name": "bare"},
    {"kind": "User"},
    7,
]


@pytest.mark.parametrize("resource", ["rolebindings", "clusterrolebindings"])
def test_role_and_subjects_of_both_kinds_of_bindings_are_read(look_at: Any, resource: str) -> None:
    look = look_at(
        verb="create",
        objectRef={"apiGroup": GROUP, "resource": resource},
        requestObject={"roleRef": ROLE, "subjects": SUBJECTS},
    )
    assert binding(look) == Binding(
        "ClusterRole/cluster-admin",
        "cluster-admin",
        ("ServiceAccount:a/default", "ServiceAccount:lost", "User:eve", "Group:system:unauthenticated", "bare"),
    )


def test_a_patch_names_subjects_and_the_answer_the_role(look_at: Any) -> None:
    members: dict[str, Any] = {"verb": "patch", "objectRef": {"apiGroup": GROUP, "resource": "clusterrolebindings"}}
    patch = [{"op": "add", "path": "/subjects/-", "value": {"kind": "User", "name": "eve"}}]
    assert binding(look_at(**members, requestObject=patch)) == Binding(None, None, ("User:eve",))
    whole = {"metadata": {}, "roleRef": ROLE, "subjects": [{"kind": "Group", "name": "g"}]}
    found = binding(look_at(**members, requestObject=patch, responseObject=whole))
    assert found == Binding("ClusterRole/cluster-admin", "cluster-admin", ("Group:g",))


def test_a_role_without_a_kind_keeps_its_name(look_at: Any) -> None:
    look = look_at(verb="create", requestObject={"kind": "RoleBinding", "roleRef": {"name": "edit"}})
    assert binding(look) == Binding("edit", "edit", ())


@pytest.mark.parametrize("body", [None, "x", {"roleRef": [], "subjects": {}}, {"roleRef": {"kind": 1, "name": 2}}])
def test_malformed_bindings_read_as_empty(look_at: Any, body: Any) -> None:
    ref = {"apiGroup": GROUP, "resource": "rolebindings"}
    assert binding(look_at(verb="create", objectRef=ref, requestObject=body)) == Binding()


def test_other_objects_are_no_bindings(look_at: Any) -> None:
    look = look_at(verb="create", objectRef={"resource": "pods"}, requestObject={"roleRef": ROLE})
    assert binding(look) == Binding()
