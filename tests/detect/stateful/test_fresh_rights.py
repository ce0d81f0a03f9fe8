from collections.abc import Callable
from typing import Any

from kwho.schema.moment import MINUTE

Make = Callable[..., Any]
EVE = {"username": "eve"}
ROLE = {"kind": "Role", "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}]}
BINDING = {
    "roleRef": {"kind": "Role", "name": "r"},
    "subjects": [{"kind": "ServiceAccount", "namespace": "shop", "name": "web"}],
}
POD = {"kind": "Pod", "metadata": {"name": "p"}, "spec": {"serviceAccountName": "web"}}


def test_rights_by_another_hand_are_fresh(event: Make, tell: Make, claim: Make) -> None:
    looks = (
        event("create", "roles", "r", requestObject=ROLE),
        event("create", "rolebindings", "b", requestObject=BINDING, user=EVE),
        event("create", "pods", "p", requestObject=POD),
    )
    assert tell("fresh_rights", *looks) == {
        "account.name": "shop/web",
        "account.freshBindings": ("shop/b",),
        "account.freshBy": ("eve",),
        "account.freshGrants": ("list:core/secrets",),
    }
    assert [at.time // MINUTE for at in claim("fresh_rights", *looks).cites] == [2]


def test_rights_by_the_same_hand_are_not(event: Make, tell: Make) -> None:
    found = tell(
        "fresh_rights",
        event("create", "rolebindings", "b", requestObject=BINDING),
        event("create", "pods", "p", requestObject=POD),
    )
    assert found["account.freshBy"] == ()


def test_rights_of_yesterday_are_not(event: Make, tell: Make) -> None:
    idle = [event("get", "pods", "p")] * 61
    found = tell(
        "fresh_rights",
        event("create", "rolebindings", "b", requestObject=BINDING, user=EVE),
        *idle,
        event("create", "pods", "p", requestObject=POD),
    )
    assert found["account.freshBy"] == ()


def test_rights_of_all_accounts_of_the_namespace_are_those_of_the_account(event: Make, tell: Make) -> None:
    group = {**BINDING, "subjects": [{"kind": "Group", "name": "system:serviceaccounts:shop"}]}
    found = tell(
        "fresh_rights",
        event("create", "rolebindings", "b", requestObject=group, user=EVE),
        event("create", "pods", "p", requestObject=POD),
    )
    assert found["account.freshBy"] == ("eve",)
