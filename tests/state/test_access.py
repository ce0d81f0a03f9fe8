from collections.abc import Callable
from typing import Any

import pytest

from kwho.state.access import EVERYTHING, Access
from kwho.state.fact import Thing
from kwho.state.world import World

Make = Callable[..., Any]
WEB = "system:serviceaccount:shop:web"


def rule(verb: str, resource: str) -> dict[str, Any]:
    return {"apiGroups": [""], "resources": [resource], "verbs": [verb]}


@pytest.fixture
def bind(event: Make) -> Make:
    def made(name: str, role: str, *subjects: dict[str, str], target: str = "rolebindings", **members: Any) -> Any:
        kind, _, bare = role.partition("/")
        body = {"roleRef": {"kind": kind, "name": bare}, "subjects": list(subjects)}
        return event("create", target, name, "shop" if target == "rolebindings" else None, requestObject=body)

    return made


@pytest.fixture
def role(event: Make) -> Make:
    def made(name: str, *rules: dict[str, Any], target: str = "roles", **members: Any) -> Any:
        body = {"rules": list(rules), **members}
        return event("create", target, name, "shop" if target == "roles" else None, requestObject=body)

    return made


ACCOUNT = {"kind": "ServiceAccount", "namespace": "shop", "name": "web"}


def test_an_account_has_what_its_bindings_give_in_their_namespace(world: Make, role: Make, bind: Make) -> None:
    access = Access(world(role("r", rule("get", "secrets")), bind("b", "Role/r", ACCOUNT)))
    [grant] = access.grants("c1", WEB, (), (9,))
    assert grant.namespace == "shop"
    assert grant.permissions == ("get:core/secrets",)
    assert grant.knowledge == "known"
    assert access.permissions("c1", WEB, (), (0,)) == ()
    assert access.permissions("c2", WEB, (), (9,)) == ()


def test_groups_and_users_are_bound_too(world: Make, role: Make, bind: Make) -> None:
    access = Access(
        world(
            role("r", rule("get", "pods"), target="clusterroles"),
            bind("u", "ClusterRole/r", {"kind": "User", "name": "eve"}, target="clusterrolebindings"),
            bind("g", "ClusterRole/r", {"kind": "Group", "name": "system:serviceaccounts:shop"}),
        )
    )
    assert [grant.namespace for grant in access.grants("c1", "eve", (), (9,))] == [None]
    assert [grant.namespace for grant in access.grants("c1", WEB, (), (9,))] == ["shop"]
    assert access.holders(Thing("roles", "c1", None, "r"), (9,)) == ("Group:system:serviceaccounts:shop", "User:eve")


def test_masters_may_do_everything(world: Make) -> None:
    assert Access(world()).permissions("c1", "eve", ("system:masters",), (9,)) == EVERYTHING


def test_an_aggregated_role_takes_in_what_its_selectors_pick(world: Make, role: Make, bind: Make) -> None:
    whole = role(
        "whole", target="clusterroles", aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"to": "x"}}]}
    )
    part = role("part", rule("get", "secrets"), target="clusterroles", metadata={"labels": {"to": "x"}})
    other = role("other", rule("get", "pods"), target="clusterroles", metadata={"labels": {"to": "y"}})
    access = Access(world(whole, part, other, bind("b", "ClusterRole/whole", ACCOUNT)))
    assert access.permissions("c1", WEB, (), (9,)) == ("get:core/secrets",)


def test_roles_that_kubernetes_ships_are_known_until_the_log_tells_otherwise(
    world: Make, role: Make, bind: Make
) -> None:
    defaults = {"edit": ["get:core/secrets"]}
    before = Access(world(bind("b", "ClusterRole/edit", ACCOUNT)), defaults)
    [grant] = before.grants("c1", WEB, (), (9,))
    assert (grant.permissions, grant.knowledge) == (("get:core/secrets",), "default")
    own = role("edit", rule("get", "pods"), target="clusterroles")
    after = Access(world(own, bind("b", "ClusterRole/edit", ACCOUNT)), defaults)
    assert after.permissions("c1", WEB, (), (9,)) == ("get:core/pods",)


def test_a_role_that_nobody_told_of_is_unknown(world: Make, bind: Make) -> None:
    [grant] = Access(world(bind("b", "Role/r", ACCOUNT))).grants("c1", WEB, (), (9,))
    assert (grant.permissions, grant.knowledge) == ((), "unknown")


def test_a_binding_that_is_gone_gives_nothing(world: Make, role: Make, bind: Make, event: Make) -> None:
    found = world(role("r", rule("get", "pods")), bind("b", "Role/r", ACCOUNT), event("delete", "rolebindings", "b"))
    assert Access(found).permissions("c1", WEB, (), (2, 9)) == ("get:core/pods",)
    assert Access(found).permissions("c1", WEB, (), (9,)) == ()


def test_an_account_with_a_broken_name_may_do_nothing() -> None:
    assert Access(World()).permissions(None, "system:serviceaccount:broken", (), (9,)) == ()


def test_a_binding_counts_by_the_subject_that_it_had_at_the_time(
    world: Make, role: Make, bind: Make, event: Make
) -> None:
    group, named = {"kind": "Group", "name": "system:serviceaccounts:shop"}, bind("b", "Role/r", ACCOUNT)
    access = Access(world(role("r", rule("get", "pods")), bind("b", "Role/r", group), named))
    assert [grant.subject for grant in access.grants("c1", WEB, (), (2, 9))] == ["Group:system:serviceaccounts:shop"]
    assert [grant.subject for grant in access.grants("c1", WEB, (), (9,))] == ["ServiceAccount:shop/web"]


def test_what_all_have_is_not_ones_own(world: Make, role: Make, bind: Make) -> None:
    everybody = {"kind": "Group", "name": "system:authenticated"}
    access = Access(world(role("r", rule("get", "pods")), bind("b", "Role/r", everybody)))
    assert access.permissions("c1", WEB, (), (9,)) == ("get:core/pods",)
    assert list(access.own("c1", WEB, (9,))) == []
