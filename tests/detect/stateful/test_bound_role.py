from collections.abc import Callable
from typing import Any

Make = Callable[..., Any]
ROLE = {"kind": "ClusterRole", "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}
EVE = {"kind": "User", "name": "eve"}
BINDING = {"roleRef": {"kind": "ClusterRole", "name": "helper"}, "subjects": [EVE]}


def test_a_harmless_name_is_resolved_to_what_it_grants(event: Make, tell: Make) -> None:
    found = tell(
        "bound_role",
        event("create", "clusterroles", "helper", None, requestObject=ROLE),
        event("create", "rolebindings", "b", requestObject=BINDING),
    )
    assert found["role.grants"] == ("*:*/*",)
    assert found["role.knowledge"] == "known"
    assert found["binding.clusterWide"] is False
    assert found["binding.added"] == ("User:eve",)


def test_a_patch_that_adds_a_subject_has_the_role_of_before(event: Make, tell: Make) -> None:
    patch = {"subjects": [EVE, {"kind": "User", "name": "mal"}]}
    found = tell(
        "bound_role",
        event("create", "clusterrolebindings", "b", None, requestObject=BINDING),
        event("patch", "clusterrolebindings", "b", None, requestObject=patch),
    )
    assert found["role.name"] == "ClusterRole/helper"
    assert found["role.knowledge"] == "unknown"
    assert found["binding.clusterWide"] is True
    assert found["binding.added"] == ("User:mal",)


def test_a_binding_without_a_known_role_tells_nothing(event: Make, tell: Make) -> None:
    assert tell("bound_role", event("patch", "rolebindings", "b", requestObject={"subjects": [EVE]})) == {}
