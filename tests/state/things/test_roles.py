from collections.abc import Callable
from typing import Any

from kwho.state.things.roles import PERMISSIONS, Role

READ = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}
WRITE = {"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]}

Make = Callable[..., Any]


def test_a_written_role_tells_its_permissions(event: Make, told: Make) -> None:
    [fact] = told(event("create", "roles", "r", requestObject={"kind": "Role", "rules": [READ]}))
    assert fact.fact.thing == ("roles", "c1", "shop", "r")
    assert fact.fact.change == "made"
    assert fact.fact.actor.user == "ana"
    assert fact.fact.content == Role(("get:core/secrets",))


def test_without_a_body_the_content_is_unknown(event: Make, told: Make) -> None:
    [fact] = told(event("update", "clusterroles", "r", None))
    assert fact.fact.change == "changed"
    assert fact.fact.content is None


def test_a_refused_write_and_a_read_tell_nothing(event: Make, told: Make) -> None:
    assert told(event("update", "roles", "r", responseStatus={"code": 403})) == []
    assert told(event("get", "roles", "r")) == []


def test_a_json_patch_adds_and_a_merge_patch_replaces(event: Make, world: Make) -> None:
    made = event("create", "roles", "r", requestObject={"kind": "Role", "rules": [READ]})
    added = event("patch", "roles", "r", requestObject=[{"op": "add", "path": "/rules/-", "value": WRITE}])
    replaced = event("patch", "roles", "r", requestObject={"rules": [WRITE]})
    both = world(made, added).role("c1", "shop", "r", (9,))
    assert both.knowledge == "partly"
    assert both.content.permissions == ("get:core/secrets", "create:core/pods")
    after = world(made, replaced).role("c1", "shop", "r", (9,))
    assert (after.knowledge, after.content.permissions) == ("known", ("create:core/pods",))


def test_a_huge_role_is_capped_and_says_so(event: Make, told: Make) -> None:
    rules = [{"apiGroups": [""], "resources": [f"r{number}" for number in range(3_000)], "verbs": ["get", "*"]}]
    [fact] = told(event("create", "roles", "r", requestObject={"kind": "Role", "rules": rules}))
    assert len(fact.fact.content.permissions) == PERMISSIONS
    assert fact.fact.content.permissions[0].startswith("*:")
    assert fact.fact.content.capped


def test_an_aggregated_role_names_what_it_takes_in(event: Make, told: Make) -> None:
    body = {
        "kind": "ClusterRole",
        "metadata": {"labels": {"team": "web"}},
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"to": "x"}}, "broken"]},
    }
    [fact] = told(event("create", "clusterroles", "r", None, requestObject=body))
    assert fact.fact.content.aggregates == (("to=x",),)
    assert fact.fact.content.labels == ("team=web",)
