from collections.abc import Callable
from typing import Any

Make = Callable[..., Any]


def role(*verbs: str) -> dict[str, Any]:
    return {"kind": "Role", "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": list(verbs)}]}


BINDING = {"roleRef": {"kind": "Role", "name": "r"}, "subjects": [{"kind": "User", "name": "eve"}]}


def test_the_difference_and_the_holders_are_told(event: Make, tell: Make) -> None:
    found = tell(
        "changed_role",
        event("create", "roles", "r", requestObject=role("get")),
        event("create", "rolebindings", "b", requestObject=BINDING),
        event("update", "roles", "r", requestObject=role("list")),
    )
    assert found == {
        "grants.added": ("list:core/secrets",),
        "grants.removed": ("get:core/secrets",),
        "role.holders": ("User:eve",),
    }


def test_nothing_is_told_without_the_former_role(event: Make, tell: Make) -> None:
    assert tell("changed_role", event("update", "roles", "r", requestObject=role("list"))) == {}
