from collections.abc import Callable
from typing import Any

from kwho.state.things.uses import Use

Make = Callable[..., Any]
WEB = {
    "username": "system:serviceaccount:shop:web",
    "groups": ["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"],
    "extra": {
        "authentication.kubernetes.io/pod-name": ["web-0"],
        "authentication.kubernetes.io/node-name": ["n1"],
        "authentication.kubernetes.io/credential-id": ["JTI=1"],
    },
}


def test_the_use_of_a_token_tells_its_pod_whatever_the_request_is_about(event: Make, told: Make) -> None:
    [fact] = [each.fact for each in told(event("create", "rolebindings", "b", "other", user=WEB)) if _is_use(each)]
    assert fact.thing == ("uses", "c1", "shop", "web-0")
    assert (fact.content, fact.change) == (Use("n1", "JTI=1"), "used")


def test_what_an_older_server_leaves_out_is_unknown(event: Make, told: Make) -> None:
    old = {**WEB, "extra": {"authentication.kubernetes.io/pod-name": ["web-0"]}}
    [fact] = [each.fact for each in told(event("get", "pods/exec", "p", user=old)) if _is_use(each)]
    assert fact.content == Use()


def test_daily_work_and_tokens_of_no_pod_tell_nothing(event: Make, told: Make) -> None:
    free = {**WEB, "extra": {}}
    several = {**WEB, "extra": {"authentication.kubernetes.io/pod-name": ["web-0", "web-1"]}}
    looks = [
        event("update", "leases", "l", user=WEB),
        event("get", "secrets", "s", user=WEB),
        event("create", "rolebindings", "b", user=free),
        event("create", "rolebindings", "b", user=several),
        event("create", "rolebindings", "b", user={**WEB, "username": "eve"}),
    ]
    assert not any(_is_use(each) for look in looks for each in told(look))


def _is_use(told: Any) -> bool:
    return bool(told.fact.thing.kind == "uses")
