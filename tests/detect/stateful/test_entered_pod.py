from collections.abc import Callable
from typing import Any

Make = Callable[..., Any]
POD = {
    "kind": "Pod",
    "metadata": {"name": "p"},
    "spec": {"serviceAccountName": "web", "hostPID": True, "volumes": [{"hostPath": {"path": "/etc"}}]},
}
ROLE = {"kind": "Role", "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}]}
BINDING = {
    "kind": "RoleBinding",
    "roleRef": {"kind": "Role", "name": "r"},
    "subjects": [{"kind": "ServiceAccount", "namespace": "shop", "name": "web"}],
}


def test_the_target_and_its_account_are_told(event: Make, tell: Make) -> None:
    found = tell(
        "entered_pod",
        event("create", "roles", "r", requestObject=ROLE),
        event("create", "rolebindings", "b", requestObject=BINDING),
        event("create", "pods", "p", requestObject=POD),
        event("get", "pods/exec", "p"),
    )
    assert found["pod.knowledge"] == "known"
    assert found["pod.demands"] == ("hostPID",)
    assert found["pod.hostPaths"] == ("/etc",)
    assert found["pod.account"] == "shop/web"
    assert found["pod.author"] == "ana"
    assert found["account.grants"] == ("list:core/secrets",)
    assert found["account.clusterGrants"] == ()
    assert found["account.roles"] == ("Role/r",)


def test_of_an_unknown_pod_only_that_is_told(event: Make, tell: Make) -> None:
    assert tell("entered_pod", event("get", "pods/exec", "p")) == {"pod.knowledge": "unknown"}


def test_what_came_later_does_not_count(event: Make, tell: Make, told: Make) -> None:
    found = tell("entered_pod", event("create", "pods", "p", requestObject=POD), event("get", "pods/exec", "p"))
    assert found["account.grants"] == ()


def test_what_everybody_may_do_is_not_the_power_of_a_pod(event: Make, tell: Make) -> None:
    everybody = {"kind": "Group", "name": "system:authenticated"}
    binding = {"roleRef": {"kind": "ClusterRole", "name": "r"}, "subjects": [everybody]}
    found = tell(
        "entered_pod",
        event("create", "clusterroles", "r", None, requestObject={**ROLE, "kind": "ClusterRole"}),
        event("create", "clusterrolebindings", "b", None, requestObject=binding),
        event("create", "pods", "p", requestObject=POD),
        event("get", "pods/exec", "p"),
    )
    assert (found["account.grants"], found["account.roles"]) == ((), ())


def test_the_maker_is_who_created_the_pod_not_who_touched_it_last(event: Make, tell: Make) -> None:
    bound = event(
        "create", "pods/binding", "p", user={"username": "scheduler"}, requestObject={"target": {"name": "n"}}
    )
    found = tell("entered_pod", event("create", "pods", "p", requestObject=POD), bound, event("get", "pods/exec", "p"))
    assert (found["pod.author"], found["pod.knowledge"], found["pod.node"]) == ("ana", "known", "n")
