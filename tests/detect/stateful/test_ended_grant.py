from collections.abc import Callable
from typing import Any

from kwho.schema.moment import MINUTE

Make = Callable[..., Any]
BINDING = {"roleRef": {"kind": "ClusterRole", "name": "r"}, "subjects": [{"kind": "User", "name": "eve"}]}
EVE = {"username": "eve"}


def test_the_life_of_a_grant_is_told_with_what_was_done_meanwhile(event: Make, tell: Make, claim: Make) -> None:
    looks = (
        event("get", "pods/exec", "p", user=EVE),
        event("create", "clusterrolebindings", "b", None, requestObject=BINDING),
        event("get", "pods/exec", "p", user=EVE),
        event("create", "namespaces", "x", None, user=EVE),
        event("delete", "clusterrolebindings", "b", None),
    )
    assert tell("ended_grant", *looks) == {
        "grant.seconds": 180,
        "grant.role": "ClusterRole/r",
        "grant.grants": (),
        "grant.subjects": ("User:eve",),
        "grant.used": ("entries shop/p", "namespaces x"),
    }
    assert [at.time // MINUTE for at in claim("ended_grant", *looks).cites] == [2, 3, 4]


def test_of_a_grant_from_before_the_log_nothing_is_told(event: Make, tell: Make) -> None:
    assert tell("ended_grant", event("delete", "rolebindings", "b")) == {}


def test_a_binding_that_is_written_has_not_ended(event: Make, tell: Make) -> None:
    made = event("create", "rolebindings", "b", requestObject=BINDING)
    assert tell("ended_grant", made, event("update", "rolebindings", "b", requestObject=BINDING)) == {}


def test_members_of_a_group_count_where_the_binding_allowed_what_they_did(event: Make, tell: Make) -> None:
    def act(name: str, binding: str, *groups: str) -> Any:
        reason = f'RBAC: allowed by ClusterRoleBinding "{binding}" of ClusterRole "r" to Group "ops"'
        member = {"username": "eve", "groups": [*groups, "system:authenticated"]}
        annotations = {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": reason}
        return event("create", "namespaces", name, None, user=member, annotations=annotations)

    found = tell(
        "ended_grant",
        event("create", "clusterrolebindings", "b", None,
              requestObject={**BINDING, "subjects": [{"kind": "Group", "name": "ops"}]}),
        act("used", "b", "ops"),
        act("by-other-rights", "c", "ops"),
        act("by-somebody-else", "b", "dev"),
        event("delete", "clusterrolebindings", "b", None),
    )  # fmt: skip
    assert found["grant.used"] == ("namespaces used",)
