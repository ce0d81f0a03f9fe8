from collections.abc import Callable
from typing import Any

from kwho.state.spec import Owner, Spec

Make = Callable[..., Any]


def pod(**spec: Any) -> dict[str, Any]:
    return {"kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "a", "image": "i"}], **spec}}


def generated(**spec: Any) -> dict[str, Any]:
    owner = {"kind": "ReplicaSet", "name": "web-5c9"}
    return {**pod(**spec), "metadata": {"generateName": "web-5c9-", "ownerReferences": [owner]}}


def test_a_pod_tells_what_it_asks_for(event: Make, told: Make) -> None:
    body = pod(
        hostPID=True,
        hostNetwork=False,
        serviceAccountName="web",
        volumes=[{"hostPath": {"path": "/etc"}}],
        containers=[
            {"name": "a", "image": "i", "securityContext": {"privileged": True, "capabilities": {"add": ["X"]}}}
        ],
    )
    [fact] = told(event("create", "pods", "p", requestObject=body))
    assert fact.fact.content == Spec("web", ("privileged", "hostPID"), ("/etc",), ("X",), (("a", "i"),))
    assert not fact.fact.content.plain


def test_a_pod_with_the_default_account_is_plain(event: Make, told: Make) -> None:
    [fact] = told(event("create", "pods", "p", requestObject=pod()))
    assert fact.fact.content.account == "default"
    assert fact.fact.content.plain


def test_the_name_of_a_generated_pod_is_known_by_its_prefix(event: Make, world: Make) -> None:
    found = world(event("create", "pods", requestObject=generated(serviceAccountName="web")))
    answer = found.pod("c1", "shop", "web-5c9-x7kq2", (9,))
    assert answer.knowledge == "partly"
    assert answer.content.account == "web"
    assert answer.content.owners == (Owner("ReplicaSet", "web-5c9"),)
    assert found.pod("c1", "shop", "web-5c9-x7kq2", (0,)).knowledge == "unknown"
    assert found.pod("c1", "shop", "web-other", (9,)).knowledge == "unknown"
    assert found.pod("c1", "bank", "web-5c9-x7kq2", (9,)).knowledge == "unknown"


def test_the_response_tells_the_generated_name(event: Make, world: Make) -> None:
    whole = {**generated(), "metadata": {"name": "web-5c9-x7kq2", "generateName": "web-5c9-"}}
    found = world(event("create", "pods", requestObject=generated(), responseObject=whole))
    assert found.pod("c1", "shop", "web-5c9-x7kq2", (9,)).knowledge == "known"


def test_a_binding_tells_the_node_and_the_rest_stays_known(event: Make, world: Make) -> None:
    bind = event("create", "pods/binding", "p", requestObject={"target": {"kind": "Node", "name": "n1"}})
    answer = world(event("create", "pods", "p", requestObject=pod()), bind).pod("c1", "shop", "p", (9,))
    assert (answer.knowledge, answer.content.node, answer.content.account) == ("known", "n1", "default")
    bound = event("create", "pods/binding", "web-5c9-x7kq2", requestObject={"target": {"name": "n1"}})
    late = world(event("create", "pods", requestObject=generated(serviceAccountName="web")), bound)
    answer = late.pod("c1", "shop", "web-5c9-x7kq2", (9,))
    assert (answer.knowledge, answer.content.node, answer.content.account) == ("partly", "n1", "web")


def test_an_evicted_or_deleted_pod_is_gone(event: Make, world: Make) -> None:
    made = event("create", "pods", "p", requestObject=pod())
    for end in (
        event("delete", "pods", "p"),
        event("create", "pods/eviction", "p", requestObject={"kind": "Eviction"}),
    ):
        assert world(made, end).pod("c1", "shop", "p", (9,)).knowledge == "gone"


def test_an_ephemeral_container_joins_the_others_and_shares_its_power_with_none(event: Make, world: Make) -> None:
    debug = {"name": "debug", "image": "tools", "securityContext": {"privileged": True}}
    patch = event("patch", "pods/ephemeralcontainers", "p", requestObject={"spec": {"ephemeralContainers": [debug]}})
    answer = world(event("create", "pods", "p", requestObject=pod()), patch).pod("c1", "shop", "p", (9,))
    assert answer.content.demands == ()
    assert answer.content.containers == (("a", "i"), ("debug", "tools"))
    assert answer.content.account == "default"


def test_without_a_body_only_the_maker_is_known(event: Make, told: Make) -> None:
    [fact] = told(event("create", "pods", "p"))
    assert (fact.fact.change, fact.fact.content) == ("made", None)
    assert told(event("create", "pods")) == []
