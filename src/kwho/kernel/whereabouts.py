"""Claims about where credentials were used: in several places, or on a node that is not theirs.

What a network does to many is taken for the network's habit and not told.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from kwho.detect.correlate import DAY
from kwho.kernel.claim import Claim, Doubted, Group, best, person
from kwho.kernel.findings import listed, span
from kwho.kernel.journal import Sighting, position
from kwho.kernel.witness import Credential, Spot, Stretch, Use
from kwho.schema.finding import Evidence
from kwho.schema.moment import HOUR
from kwho.views.principal import SERVICE_ACCOUNT
from kwho.views.source import network_of

MOVING: Final = 20
"""Tokens in several places from which on, when they are more than `MOVED` of all, the network moves them."""
MOVED: Final = 0.05
NEAR: Final = 6
"""Hours before the first and after the last request of a kubelet in which its address is taken for its own."""
GATEWAY: Final = 3
"""Nodes whose pods come through one address from which on it says nothing about the node."""


def moved(doubted: Doubted) -> Iterator[Claim]:
    """Per service account and day the tokens of pods that were used from several addresses."""
    bound = {token: _outside(uses) for token, uses in doubted.witness.uses.items() if token.pod is not None}
    apart = {token: uses for token, uses in bound.items() if _apart(uses)}
    if len(apart) > max(MOVING, MOVED * len(bound)):
        return
    yield from _places(apart, "a token that is bound to a pod was used from several addresses; a pod has one")


def _apart(uses: Mapping[str, Use]) -> bool:
    """True for several networks, and for several addresses with different programs.

    Proxies and pools of build machines lend one program neighbouring addresses.
    """
    programs = {(use.agent or "").partition("/")[0].lower() for use in uses.values()}
    return len({network_of(peer) for peer in uses}) > 1 or (len(uses) > 1 and len(programs) > 1)


def lent(doubted: Doubted) -> Iterator[Claim]:
    """Per user and day the other credentials that were used from several networks within an hour."""
    free = {token: _outside(uses) for token, uses in doubted.witness.uses.items() if token.pod is None}
    apart = {token: uses for token, uses in free.items() if len({network_of(peer) for peer in uses}) > 1}
    if len(apart) > max(MOVING, MOVED * len(free)):
        return
    yield from _places(apart, "a credential was used from several networks within the same hour")


def _outside(uses: Mapping[str, Use]) -> dict[str, Use]:
    """The uses at addresses of the family that most of them have, those of the server itself left out."""
    known = {peer: use for peer, use in uses.items() if network_of(peer) not in _LOOPBACK}
    short = {peer: use for peer, use in known.items() if ":" not in peer}
    return short if 2 * len(short) >= len(known) else {peer: known[peer] for peer in known if ":" in peer}


_LOOPBACK: Final = (None, network_of("127.0.0.1"), network_of("::1"))


def _places(tokens: Mapping[Credential, Mapping[str, Use]], what: str) -> Iterator[Claim]:
    """What is claimed, and cited first, begins at the second place; the use at the first place is cited beside it."""
    groups: dict[Group, list[tuple[Credential, Mapping[str, Use]]]] = {}
    for token, uses in tokens.items():
        times = sorted(use.sighting.time for use in uses.values())
        groups.setdefault((token.cluster, token.user, max(times[1], 0) // DAY), []).append((token, uses))
    for group, found in groups.items():
        user = found[0][0].user
        in_order = [sorted((use.sighting for use in uses.values()), key=position) for _, uses in found]
        looks = best(look for _, *elsewhere in in_order for look in elsewhere)
        yield Claim(
            group,
            person(user, "service_account" if (user or "").startswith(SERVICE_ACCOUNT) else "human"),
            span(look.time for look in looks),
            looks,
            Evidence("used from", "source.ip", listed(peer for _, uses in found for peer in uses)),
            f"{what}: {', '.join(listed(token.id for token, _ in found))}",
            beside=best(first for first, *_ in in_order),
        )


class _Stray(NamedTuple):
    """The use of a token at an address, and the node whose kubelet alone speaks from there."""

    token: Credential
    use: Use
    peer: str
    node: str
    stretch: Stretch


def strayed(doubted: Doubted) -> Iterator[Claim]:
    """Per service account and day the tokens of pods that were used where the kubelet of another node alone speaks."""
    bound = {token: _outside(uses) for token, uses in doubted.witness.uses.items() if token.node is not None}
    ways = _ways(bound)
    found = []
    for token, uses in bound.items():
        for peer, use in uses.items():
            nodes = doubted.witness.kubelets.get(Spot(token.cluster, peer), {})
            if len(nodes) == 1 and token.node not in nodes and not _is_usual(ways, token, peer):
                [(node, stretch)] = nodes.items()
                if stretch.first - NEAR <= use.sighting.time // HOUR <= stretch.last + NEAR:
                    found.append(_Stray(token, use, peer, node, stretch))
    if len({stray.token for stray in found}) <= max(MOVING, MOVED * len(bound)):
        yield from _elsewhere(found)


_Ways = Mapping[str | None, Mapping[str | None, Mapping[str | None, set[str]]]]
"""Addresses by cluster, node and pod."""


def _ways(bound: Mapping[Credential, Mapping[str, Use]]) -> _Ways:
    ways: dict[str | None, dict[str | None, dict[str | None, set[str]]]] = {}
    for token, uses in bound.items():
        ways.setdefault(token.cluster, {}).setdefault(token.node, {}).setdefault(token.pod, set()).update(uses)
    return ways


def _is_usual(ways: _Ways, token: Credential, peer: str) -> bool:
    """True where the pods of several nodes come through, or most pods of that node, as they do through a gateway."""
    nodes = ways[token.cluster]
    through = sum(any(peer in peers for peers in pods.values()) for pods in nodes.values())
    pods = nodes[token.node].values()
    return through >= GATEWAY or 2 * sum(peers == {peer} for peers in pods) >= len(pods)


def _elsewhere(found: Iterable[_Stray]) -> Iterator[Claim]:
    """What strayed is cited, then the nearest that the kubelet there asked, of its first and its last hour."""
    groups: dict[Group, list[_Stray]] = {}
    for stray in found:
        token, day = stray.token, stray.use.sighting.time // DAY
        groups.setdefault((token.cluster, token.user, day), []).append(stray)
    for group, strays in groups.items():
        told = {f"{one.token.id} of {one.token.node} from {one.peer}, which is {one.node}" for one in strays}
        yield Claim(
            group,
            person(strays[0].token.user, "service_account"),
            span(one.use.sighting.time for one in strays),
            best(one.use.sighting for one in strays),
            Evidence("used from", "source.ip", listed(one.peer for one in strays)),
            "a token that is bound to a pod was used where only the kubelet of another node speaks: "
            f"{'; '.join(listed(told))}",
            beside=best(map(_nearest, strays)),
        )


def _nearest(stray: _Stray) -> Sighting:
    time = stray.use.sighting.time
    return min(stray.stretch.begun, stray.stretch.ended, key=lambda look: (abs(look.time - time), position(look)))
