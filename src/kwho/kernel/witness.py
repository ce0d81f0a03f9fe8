"""What single events are remembered for, whatever the rules say: credentials, lost answers, audit levels, clocks.

Credentials are noted once per hour and kind of request, and again for a request that was received before the one that
was noted, so the quiet majority of events costs nothing. Requests at RequestReceived are noted where they would write,
and forgotten within their part once an answer is there.
Bounds: `CREDENTIALS` credentials (those with the least checksum, so that any cut of the input keeps the same), `PEERS`
peers of each, `UNANSWERED` requests.
"""

import zlib
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeVar

from kwho.kernel.journal import Sighting, position
from kwho.kernel.judge import clip
from kwho.schema.event import ObjectRef
from kwho.views import Look
from kwho.views.principal import principal_kind
from kwho.views.source import peer as peer_of

CREDENTIALS: Final = 50_000
"""Credentials and hours that are followed; of more, a sample that does not depend on their order."""
PEERS: Final = 8
"""Peers remembered of one credential: the alphabetically first."""
KINDS: Final = 5_000
"""Kinds of writes of which levels are remembered, the alphabetically first."""
HOURS: Final = 8
"""Hours of a kind that are told apart; more make nothing surer."""
UNANSWERED: Final = 10_000
"""Requests without an answer that are remembered: the first in order of time."""
CLOCKS: Final = 1_000
"""Servers, hours and directions in which clocks leapt: the first in order of time."""
LEAPS: Final = 20
"""Requests that show one of them: those that show most."""
SPOTS: Final = 20_000
"""Addresses of kubelets; of more, a sample that does not depend on their order."""
NODES: Final = 2
"""Nodes at one of them; more make nothing surer."""

T = TypeVar("T")

_NOTHING: Final = ObjectRef()


class Credential(NamedTuple):
    """What is followed: one credential, and for one that is bound to no pod one hour of it (else 0)."""

    cluster: str | None
    id: str
    user: str | None
    pod: str | None
    hour: int
    node: str | None = None
    """The node that the token names."""


class Spot(NamedTuple):
    """An address of a cluster."""

    cluster: str | None
    peer: str


class Use(NamedTuple):
    """The first request that a credential was used for at a peer."""

    sighting: Sighting
    agent: str | None


class Kind(NamedTuple):
    """A kind of successful writes, and whether the level of those meant asks for bodies."""

    cluster: str | None
    deep: bool
    verb: str
    target: str


class Stretch(NamedTuple):
    """The first and the last hour of what comes again and again, each with the first such request in it."""

    first: int
    last: int
    hours: frozenset[int]
    """Up to `HOURS` of them, the smallest."""
    begun: Sighting
    ended: Sighting


class Asked(NamedTuple):
    """A request that was received: who asked for what."""

    sighting: Sighting
    cluster: str | None
    user: str | None
    kind: str
    peer: str | None
    verb: str | None
    target: tuple[str | None, str | None, str | None, str | None]
    """API group, resource, subresource, namespace."""
    uri: str | None


class Ticking(NamedTuple):
    """The clock of an API server in an hour, and the direction in which requests show it to have leapt."""

    hour: int
    back: bool
    cluster: str | None
    instance: str | None
    family: str | None
    """The family of files that it wrote, where no instance is told."""


class Leap(NamedTuple):
    """A request that shows it: how long its answer took by the clock, in microseconds; below zero when it went back."""

    took: int
    sighting: Sighting


@dataclass(slots=True)
class Witness:
    """What the events of one or more parts are remembered for; `merge` is associative and commutative."""

    uses: dict[Credential, dict[str, Use]] = field(default_factory=dict)
    asked: dict[int, Asked] = field(default_factory=dict)
    """By request key."""
    levels: dict[Kind, Stretch] = field(default_factory=dict)
    leaps: dict[Ticking, dict[int, Leap]] = field(default_factory=dict)
    """By request key."""
    kubelets: dict[Spot, dict[str, Stretch]] = field(default_factory=dict)
    """The nodes whose kubelets spoke from an address, the alphabetically first `NODES` of them."""

    def use(self, credential: Credential, peer: str, use: Use) -> None:
        """Note the use of a credential at a peer."""
        peers = self.uses.get(credential)
        if peers is None:
            if len(self.uses) >= 2 * CREDENTIALS:
                self.prune()
            peers = self.uses[credential] = {}
        held = peers.get(peer)
        if held is None or position(use.sighting) < position(held.sighting):
            peers[peer] = use
            if len(peers) > 2 * PEERS:
                self.uses[credential] = _first(peers)

    def record(self, kind: Kind, hour: int, sighting: Sighting) -> None:
        """Note a write of this kind in an hour."""
        _extend(self.levels, kind, Stretch(hour, hour, frozenset([hour]), sighting, sighting))
        if len(self.levels) > 2 * KINDS:
            self.prune()

    def leap(self, ticking: Ticking, leap: Leap) -> None:
        """Note a request in which a clock leapt."""
        found = self.leaps.setdefault(ticking, {})
        held = found.get(leap.sighting.key)
        if held is None or _extent(leap) < _extent(held):
            found[leap.sighting.key] = leap
            if len(found) > 2 * LEAPS:
                self.leaps[ticking] = _furthest(found)
        if len(self.leaps) > 2 * CLOCKS:
            self.prune()

    def house(self, spot: Spot, node: str, stretch: Stretch) -> None:
        """Note that the kubelet of a node spoke from an address."""
        nodes = self.kubelets.get(spot)
        if nodes is None:
            if len(self.kubelets) >= 2 * SPOTS:
                self.prune()
            nodes = self.kubelets[spot] = {}
        _extend(nodes, node, stretch)
        if len(nodes) > NODES:
            del nodes[max(nodes)]

    def ask(self, look: Look, sighting: Sighting, uri: str | None) -> None:
        """Note a request that was received; `look` may be at another one like it but for name and URI."""
        event = look.event
        ref, user = event.objectRef or _NOTHING, event.user
        target = (ref.apiGroup, ref.resource, ref.subresource, ref.namespace)
        name, kind = user.username if user is not None else None, look.see(principal_kind)
        self._ask(Asked(sighting, look.context.cluster, name, kind, peer_of(look), event.verb, target, clip(uri)))

    def _ask(self, asked: Asked) -> None:
        """Of several events under one key, which say different things, the alphabetically first tells."""
        held = self.asked.get(asked.sighting.key)
        if held is None or _said(asked) < _said(held):
            self.asked[asked.sighting.key] = asked

    def forget(self, stages: Iterable[Iterable[tuple["array[int]", "array[int]"]]]) -> None:
        """Forget the requests whose keys are among those of later stages."""
        for columns in stages if self.asked else ():
            for keys, _ in columns:
                for key in keys:
                    self.asked.pop(key, None)
        self.prune()

    def merge(self, other: "Witness") -> None:
        """Take in another part."""
        for credential, peers in other.uses.items():
            for peer, use in peers.items():
                self.use(credential, peer, use)
        for asked in other.asked.values():
            self._ask(asked)
        for kind, stretch in other.levels.items():
            _extend(self.levels, kind, stretch)
        for spot, nodes in other.kubelets.items():
            for node, stretch in nodes.items():
                self.house(spot, node, stretch)
        for ticking, leaps in other.leaps.items():
            for leap in leaps.values():
                self.leap(ticking, leap)
        self.prune()

    def rename(self, families: Mapping[str | None, str]) -> None:
        """Call the API servers that only files tell apart as they are called from now on."""
        leaps, self.leaps = self.leaps, {}
        for ticking, found in leaps.items():
            renamed = families.get(ticking.family, ticking.family)
            for leap in found.values():
                self.leap(ticking._replace(family=renamed), leap)
        self.prune()

    def prune(self) -> None:
        """Forget what is beyond the bounds."""
        if len(self.uses) > CREDENTIALS:
            kept = sorted(self.uses, key=_rank)[:CREDENTIALS]
            self.uses = {credential: self.uses[credential] for credential in kept}
        if len(self.kubelets) > SPOTS:
            self.kubelets = {spot: self.kubelets[spot] for spot in sorted(self.kubelets, key=_sample)[:SPOTS]}
        for credential, peers in self.uses.items():
            if len(peers) > PEERS:
                self.uses[credential] = _first(peers)
        if len(self.levels) > KINDS:
            self.levels = {kind: self.levels[kind] for kind in sorted(self.levels, key=repr)[:KINDS]}
        if len(self.leaps) > CLOCKS:
            self.leaps = {ticking: self.leaps[ticking] for ticking in sorted(self.leaps, key=_since)[:CLOCKS]}
        for ticking, leaps in self.leaps.items():
            if len(leaps) > LEAPS:
                self.leaps[ticking] = _furthest(leaps)
        if len(self.asked) > UNANSWERED:
            first = sorted(self.asked.items(), key=lambda item: position(item[1].sighting))
            self.asked = dict(first[:UNANSWERED])


def _extend(known: dict[T, Stretch], key: T, other: Stretch) -> None:
    """Make a stretch longer by another, which mostly lies within it."""
    held = known.get(key)
    if held is None:
        known[key] = other
        return
    begins = (other.first, *position(other.begun)) < (held.first, *position(held.begun))
    ends = (-other.last, *position(other.ended)) < (-held.last, *position(held.ended))
    if begins or ends or not other.hours <= held.hours:
        first, begun = (other.first, other.begun) if begins else (held.first, held.begun)
        last, ended = (other.last, other.ended) if ends else (held.last, held.ended)
        known[key] = Stretch(first, last, frozenset(sorted(held.hours | other.hours)[:HOURS]), begun, ended)


def _said(asked: Asked) -> tuple[object, ...]:
    target = tuple(part or "" for part in asked.target)
    return asked.peer or "", target, asked.kind, position(asked.sighting)


def _since(ticking: Ticking) -> tuple[int, bool, str]:
    return ticking.hour, ticking.back, repr(ticking)


def _extent(leap: Leap) -> tuple[int, ...]:
    """Smaller for the request that shows more."""
    return -abs(leap.took), *position(leap.sighting)


def _furthest(leaps: dict[int, Leap]) -> dict[int, Leap]:
    return dict(sorted(leaps.items(), key=lambda item: _extent(item[1]))[:LEAPS])


def _first(peers: dict[str, Use]) -> dict[str, Use]:
    return {peer: peers[peer] for peer in sorted(peers)[:PEERS]}


def _rank(credential: Credential) -> tuple[int, str]:
    text = f"{credential.cluster}\0{credential.id}\0{credential.hour}"
    return _checksum(text), repr(credential)


def _sample(spot: Spot) -> tuple[int, str]:
    text = f"{spot.cluster}\0{spot.peer}"
    return _checksum(text), text


def _checksum(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))
