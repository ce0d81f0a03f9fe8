"""What a role allows, flattened."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.views import grants as module
from kwho.views.grants import Grants, grants

REF = {"apiGroup": "rbac.authorization.k8s.io", "resource": "clusterroles"}
LISTS = st.none() | st.text(max_size=3) | st.lists(st.text(max_size=3) | st.integers() | st.none(), max_size=4)


@pytest.fixture
def role(look_at: Any) -> Any:
    def build(*rules: Any, **members: Any) -> Any:
        defaults = {"verb": "create", "objectRef": REF, "requestObject": {"kind": "ClusterRole", "rules": list(rules)}}
        return look_at(**{**defaults, **members})

    return build


def rule(verbs: Any, groups: Any, resources: Any, **more: Any) -> dict[str, Any]:
    return {"verbs": verbs, "apiGroups": groups, "resources": resources, **more}


def test_verb_group_and_resource_of_one_rule_stay_together(role: Any) -> None:
    found = grants(role(rule(["get", "list"], [""], ["secrets", "pods/exec"]), rule(["*"], ["apps"], ["*"])))
    assert found.resources == (
        "get:core/secrets", "get:core/pods/exec", "list:core/secrets", "list:core/pods/exec", "*:apps/*",
    )  # fmt: skip
    assert found.verbs == ("get", "list", "*")
    assert not found.capped


def test_everything_on_everything_is_one_permission(role: Any) -> None:
    found = grants(role(rule(["*"], ["*"], ["*"]), {"verbs": ["*"], "nonResourceURLs": ["*"]}))
    assert found.resources == ("*:*/*",)
    assert found.paths == ("*:*",)


def test_names_bound_a_permission(role: Any) -> None:
    assert grants(role(rule(["get"], [""], ["secrets"], resourceNames=["a", "b"]))).resources == (
        "get:core/secrets[a]",
        "get:core/secrets[b]",
    )


def test_permissions_on_paths_are_their_own_list(role: Any) -> None:
    found = grants(role({"verbs": ["get"], "nonResourceURLs": ["/metrics"]}))
    assert found == Grants((), ("get:/metrics",), ("get",))


def test_a_patch_is_read_from_the_whole_role_or_from_its_fragment(role: Any) -> None:
    fragment = [{"op": "add", "path": "/rules/-", "value": rule(["escalate"], ["*"], ["roles"])}]
    assert grants(role(verb="patch", requestObject=fragment)).resources == ("escalate:*/roles",)
    whole = {"metadata": {}, "rules": [rule(["bind"], ["*"], ["roles"])]}
    assert grants(role(verb="patch", requestObject=fragment, responseObject=whole)).resources == ("bind:*/roles",)


def test_a_verb_added_by_json_patch_is_seen_although_its_rule_is_not(role: Any) -> None:
    found = grants(role(verb="patch", requestObject=[{"op": "add", "path": "/rules/0/verbs/-", "value": "*"}]))
    assert found.verbs == ("*",)
    assert found.resources == ()


@pytest.mark.parametrize("ref", [{"resource": "pods"}, {"apiGroup": "example.com", "resource": "roles"}])
def test_other_objects_with_rules_are_no_roles(role: Any, ref: Any) -> None:
    assert grants(role(rule(["*"], ["*"], ["*"]), objectRef=ref)) == Grants()


def test_the_product_of_one_rule_is_capped_and_a_wildcard_is_never_cut(role: Any) -> None:
    many = [f"r{number}" for number in range(module.MAX_PER_RULE)]
    found = grants(role(rule(["get", "*"], ["", "*"], [*many, "*"]), rule(["delete"], [""], ["pods"])))
    assert found.capped
    assert len(found.resources) == module.MAX_PER_RULE + 1
    assert "*:*/*" in found.resources
    assert "delete:core/pods" in found.resources


def test_the_permissions_of_one_role_are_capped(role: Any) -> None:
    rules = [rule(["get"], [f"g{group}"], [f"r{number}" for number in range(4_000)]) for group in range(18)]
    found = grants(role(*rules))
    assert found.capped
    assert len(found.resources) == module.MAX_PER_ROLE


@given(
    st.lists(
        st.fixed_dictionaries({"verbs": LISTS, "apiGroups": LISTS, "resources": LISTS, "resourceNames": LISTS}),
        max_size=3,
    )
)
@settings(max_examples=50)
def test_any_rules_are_survived(look_at: Any, rules: Any) -> None:
    grants(look_at(verb="create", objectRef=REF, requestObject={"rules": rules}))


@pytest.mark.parametrize("body", [None, [], "x", {"rules": {}}, {"rules": [1, None]}])
def test_malformed_roles_grant_nothing_known(role: Any, body: Any) -> None:
    assert grants(role(requestObject=body)) == Grants()
