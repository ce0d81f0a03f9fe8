from collections.abc import Callable
from typing import Any

from kwho.state.things.bindings import Binding

Make = Callable[..., Any]
BODY = {
    "kind": "RoleBinding",
    "roleRef": {"kind": "Role", "name": "r"},
    "subjects": [{"kind": "User", "name": "eve"}, {"kind": "ServiceAccount", "name": "web", "namespace": "shop"}],
}


def test_a_written_binding_tells_role_and_subjects(event: Make, told: Make) -> None:
    [fact] = told(event("create", "rolebindings", "b", requestObject=BODY))
    assert fact.fact.thing == ("bindings", "c1", "shop", "b")
    assert fact.fact.content == Binding("Role/r", ("User:eve", "ServiceAccount:shop/web"), replaces=True)


def test_a_merge_patch_replaces_the_subjects_and_keeps_the_role(event: Make, world: Make) -> None:
    patch = event("patch", "rolebindings", "b", requestObject={"subjects": [{"kind": "User", "name": "bo"}]})
    answer = world(event("create", "rolebindings", "b", requestObject=BODY), patch).binding("c1", "shop", "b", (9,))
    assert answer.knowledge == "known"
    assert answer.content == Binding("Role/r", ("User:bo",))


def test_a_json_patch_adds_a_subject(event: Make, world: Make) -> None:
    operation = {"op": "add", "path": "/subjects/-", "value": {"kind": "User", "name": "bo"}}
    patch = event("patch", "rolebindings", "b", requestObject=[operation])
    answer = world(event("create", "rolebindings", "b", requestObject=BODY), patch).binding("c1", "shop", "b", (9,))
    assert answer.knowledge == "partly"
    assert answer.content.subjects == ("User:eve", "ServiceAccount:shop/web", "User:bo")


def test_without_a_body_a_deleted_binding_is_still_gone(event: Make, world: Make) -> None:
    found = world(event("create", "rolebindings", "b", requestObject=BODY), event("delete", "rolebindings", "b"))
    assert found.binding("c1", "shop", "b", (1, 9)).knowledge == "known"
    assert found.binding("c1", "shop", "b", (9,)).knowledge == "gone"
