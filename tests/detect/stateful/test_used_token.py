from collections.abc import Callable
from typing import Any

Make = Callable[..., Any]


def token(pod: str, node: str | None = "n1") -> dict[str, Any]:
    extra = {"authentication.kubernetes.io/pod-name": [pod]}
    named = {"authentication.kubernetes.io/node-name": [node]} if node else {}
    return {
        "username": "system:serviceaccount:shop:web",
        "groups": ["system:serviceaccounts", "system:serviceaccounts:shop"],
        "extra": extra | named,
    }


def kubelet(node: str) -> dict[str, Any]:
    return {"username": f"system:node:{node}", "groups": ["system:nodes"]}


def test_the_node_whose_kubelet_alone_has_the_address_is_told_and_cited(event: Make, tell: Make, claim: Make) -> None:
    looks = (
        event("delete", "pods", "other", user=kubelet("n2"), sourceIPs=["10.0.0.2"]),
        event("create", "rolebindings", "b", user=token("web-0"), sourceIPs=["10.0.0.2"]),
    )
    assert tell("used_token", *looks) == {"token.pod": "shop/web-0", "token.node": "n1", "token.usedOnNode": "n2"}
    assert [at.time for at in claim("used_token", *looks).cites] == [60_000_000]


def test_on_its_own_node_or_where_no_kubelet_is_nothing_is_told(event: Make, tell: Make) -> None:
    use = event("create", "rolebindings", "b", user=token("web-0"), sourceIPs=["10.0.0.1"])
    own = event("delete", "pods", "other", user=kubelet("n1"), sourceIPs=["10.0.0.1"])
    assert "token.usedOnNode" not in tell("used_token", own, use)
    assert "token.usedOnNode" not in tell("used_token", use)


def test_without_a_node_in_the_token_the_pod_tells_it(event: Make, tell: Make) -> None:
    looks = (
        event("create", "pods/binding", "web-0", requestObject={"target": {"kind": "Node", "name": "n1"}}),
        event("delete", "pods", "other", user=kubelet("n2"), sourceIPs=["10.0.0.2"]),
        event("create", "rolebindings", "b", user=token("web-0", None), sourceIPs=["10.0.0.2"]),
    )
    assert tell("used_token", *looks)["token.usedOnNode"] == "n2"
    assert tell("used_token", *looks[1:])["token.node"] is None


def test_a_gateway_is_the_node_of_nobody(event: Make, tell: Make) -> None:
    def use(node: str) -> Any:
        return event("create", "rolebindings", "b", user=token(f"p-{node}", node), sourceIPs=["10.0.0.9"])

    gateway = event("delete", "pods", "other", user=kubelet("n9"), sourceIPs=["10.0.0.9"])
    assert "token.usedOnNode" in tell("used_token", gateway, use("n1"), use("n2"))
    assert "token.usedOnNode" not in tell("used_token", gateway, use("n1"), use("n2"), use("n3"))


def test_a_use_after_the_kubelet_took_the_pod_away_is_told(event: Make, tell: Make, claim: Make) -> None:
    looks = (
        event("delete", "pods", "web-7d4b9c6f5-x2x4z", user=kubelet("n1")),
        event("create", "rolebindings", "b", user=token("web-7d4b9c6f5-x2x4z")),
    )
    assert tell("used_token", *looks)["token.deadSeconds"] == 60
    assert [at.time for at in claim("used_token", *looks).cites] == [60_000_000]


def test_a_name_that_may_come_back_counts_only_where_the_log_tells_of_creations(event: Make, tell: Make) -> None:
    made, use = event("create", "pods", "web-0"), event("create", "rolebindings", "b", user=token("web-0"))
    end = event("delete", "pods", "web-0", user=kubelet("n1"))
    assert "token.deadSeconds" not in tell("used_token", end, use)
    assert tell("used_token", made, end, use)["token.deadSeconds"] == 60
    assert "token.deadSeconds" not in tell("used_token", made, end, made, use)


def test_a_pod_that_was_only_told_to_end_may_still_live(event: Make, tell: Make) -> None:
    looks = (
        event("delete", "pods", "web-7d4b9c6f5-x2x4z"),
        event("create", "rolebindings", "b", user=token("web-7d4b9c6f5-x2x4z")),
    )
    assert "token.deadSeconds" not in tell("used_token", *looks)
