from collections.abc import Callable, Iterable
from typing import Any

import pytest

from kwho.state.sightings import NEAR, Sightings

Make = Callable[..., Any]
LATER = 10 * NEAR


@pytest.fixture
def kubelet(event: Make, told: Make) -> Make:
    def deletes(node: str, peer: str, time: int, groups: Iterable[str] = ("system:nodes",)) -> Any:
        user = {"username": f"system:node:{node}", "groups": list(groups)}
        return told(event("delete", "pods", "p", user=user, sourceIPs=[peer]), time)

    return deletes


def seen(*told: Any) -> Sightings:
    sightings = Sightings()
    for item in (item for items in told for item in items):
        sightings.add(item)
    return sightings


def test_an_address_is_that_of_the_only_kubelet_that_speaks_from_it(kubelet: Make) -> None:
    found = seen(kubelet("n1", "10.0.0.1", LATER), kubelet("n2", "10.0.0.2", LATER)).kubelet("c1", "10.0.0.2", LATER)
    assert found is not None
    assert found.node == "n2"


def test_an_address_of_several_kubelets_is_that_of_none(kubelet: Make) -> None:
    sightings = seen(kubelet("n1", "10.0.0.1", LATER), kubelet("n2", "10.0.0.1", LATER))
    assert sightings.kubelet("c1", "10.0.0.1", LATER) is None


def test_an_address_says_nothing_in_another_cluster_or_long_before_and_after(kubelet: Make) -> None:
    sightings = seen(kubelet("n1", "10.0.0.1", LATER))
    assert sightings.kubelet("c2", "10.0.0.1", LATER) is None
    assert sightings.kubelet("c1", "10.0.0.1", LATER - NEAR - 1) is None
    assert sightings.kubelet("c1", "10.0.0.1", LATER + NEAR + 1) is None
    assert sightings.kubelet("c1", None, LATER) is None


def test_who_calls_himself_a_node_without_its_group_is_none(kubelet: Make) -> None:
    assert seen(kubelet("n1", "10.0.0.1", LATER, ["staff"])).kubelet("c1", "10.0.0.1", LATER) is None


def test_an_address_through_which_pods_of_several_nodes_come_is_a_gateway(event: Make, told: Make) -> None:
    def use(node: str) -> Any:
        extra = {"authentication.kubernetes.io/pod-name": ["p"], "authentication.kubernetes.io/node-name": [node]}
        user = {"username": "system:serviceaccount:shop:web", "groups": ["system:serviceaccounts"], "extra": extra}
        return told(event("create", "rolebindings", "b", user=user))

    assert seen(use("n1"), use("n2"), use("n3")).is_gateway("c1", "192.0.2.7")
    assert not seen(use("n1"), use("n1"), use("n2")).is_gateway("c1", "192.0.2.7")
