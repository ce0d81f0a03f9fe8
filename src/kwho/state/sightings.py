"""Where the kubelets of nodes and the tokens of pods were at work, as far as facts tell."""

from bisect import bisect_left
from collections import defaultdict
from typing import Final, NamedTuple

from kwho.schema.moment import HOUR
from kwho.state.fact import Told
from kwho.state.things.uses import Use

NEAR: Final = 6 * HOUR
"""Microseconds around a request within which a kubelet must have been at its address: addresses are given anew."""
GATEWAY: Final = 3
"""Nodes whose pods came through one address from which on it is a gateway: it says nothing about the node."""

_Place = tuple[str | None, str]
"""Cluster and address."""


class Kubelet(NamedTuple):
    """The node whose kubelet alone speaks from an address, and the nearest fact of it."""

    node: str
    told: Told


class Sightings:
    """Filled once, in order of time, while the world is folded."""

    def __init__(self) -> None:
        self._kubelets: dict[_Place, dict[str, list[Told]]] = defaultdict(lambda: defaultdict(list))
        self._through: dict[_Place, set[str]] = defaultdict(set)

    def add(self, told: Told) -> None:
        """Take in one fact."""
        actor, content = told.fact.actor, told.fact.content
        if actor.peer is None:
            return
        place = (told.fact.thing.cluster, actor.peer)
        if actor.node is not None:
            self._kubelets[place][actor.node].append(told)
        if isinstance(content, Use) and content.node is not None:
            self._through[place].add(content.node)

    def kubelet(self, cluster: str | None, peer: str | None, time: int) -> Kubelet | None:
        """The only kubelet that ever spoke from an address, when it did so near that time."""
        nodes = self._kubelets.get((cluster, peer or ""), {})
        if len(nodes) != 1:
            return None
        [(node, facts)] = nodes.items()
        at = bisect_left(facts, time, key=lambda told: told.sighting.time)
        near = min(facts[max(0, at - 1) : at + 1], key=lambda told: abs(told.sighting.time - time))
        return Kubelet(node, near) if abs(near.sighting.time - time) <= NEAR else None

    def is_gateway(self, cluster: str | None, peer: str | None) -> bool:
        """True for an address through which the pods of several nodes come."""
        return len(self._through.get((cluster, peer or ""), ())) >= GATEWAY
