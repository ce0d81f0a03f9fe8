"""Tallies to traces: the join keys of a finding, which linking looks at and the finding does not carry."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeVar

import msgspec

from kwho.kernel.tally import VARIED, Fact, GroupKey, Tally
from kwho.link.trace import LOW, Gain, Thing, Trace
from kwho.schema.finding import Finding
from kwho.schema.moment import parse_moment
from kwho.state.gained import Gained, gained
from kwho.state.world import World

PAYLOAD: Final = 16
"""Characters from which on a command tells its author apart."""

BROUGHT: Final = 20
"""Identities that one finding brought, and bindings that allowed it, the alphabetically first."""
ASKED: Final = 1_000
"""Requests of a finding that are asked which binding allowed them, the first in order of time."""

T = TypeVar("T")
_BRINGING: Final = {
    ("pods", "exec"),
    ("pods", "attach"),
    ("pods", "ephemeralcontainers"),
    ("serviceaccounts", "token"),
    ("certificatesigningrequests", None),
    ("certificatesigningrequests", "approval"),
}
_COMMANDS: Final = frozenset({"exec.command", "pod.commands"})
_GAINS: Final = ("token", "grant", "certificate", "account")
_STREAMS: Final = frozenset({"exec", "attach", "ephemeralcontainers"})
"""Ways into a container, from where its token can be read; a tunnel to a port is none."""
_WRITES: Final = frozenset({"create", "update", "patch"})
_USED: Final = frozenset({"pods", "secrets"})
"""Kinds of objects whose use by another than their maker tells that the two belong together."""


def brought(key: GroupKey, requests: Iterable[int], world: World) -> tuple[Gained, ...]:
    """The identities that the requests of a finding brought, as far as the state of the time proves it."""
    if (key.resource, key.subresource) not in _BRINGING or key.answer != "success":
        return ()
    proved = {(each.user, each.how, each.credential): each for each in gained(world, requests) if each.proved}
    return tuple(proved[name] for name in sorted(proved, key=str)[:BROUGHT])


def allowed(key: GroupKey, requests: Iterable[int], world: World) -> tuple[Thing, ...]:
    """The bindings that RBAC says allowed the requests of a finding, of those that tell of the state."""
    if key.answer != "success":
        return ()
    told = {each.fact.actor.binding for each in world.told_by(requests)}
    return tuple(_binding(name) for name in sorted(name for name in told if name)[:BROUGHT])


def _binding(name: str) -> Thing:
    """A binding as RBAC names it: `ClusterRoleBinding/name` or `RoleBinding/namespace/name`."""
    kind, _, rest = name.partition("/")
    namespace, _, own = rest.partition("/") if kind == "RoleBinding" else ("", "", rest)
    return Thing(f"{kind.lower()}s", namespace, own)


class Asked(NamedTuple):
    """The requests of a finding in order of time, by their keys, and the world that is asked what they brought."""

    requests: Iterable[int]
    world: World


def rule_trace(finding: Finding, key: GroupKey, tally: Tally, times: Sequence[int], asked: Asked) -> Trace:
    """The trace of a finding of one rule, with its believable times; one that is informational joins nothing."""
    first, last = (times[0], times[-1]) if times else (None, None)
    shown = Trace(finding=finding, first=first, last=last, users=(key.user or None,), peer=key.peer)
    if shown.rank < LOW:
        return shown
    marks = {kind: tuple(values[:VARIED]) for kind, values in tally.marks.items()}
    verbs = marks.get("verb", ())
    requests = list(asked.requests)
    identities = brought(key, requests, asked.world)
    accepted = key.answer == "success"
    things = tuple(
        Thing(key.resource, key.namespace or "", name) for name in _names(tally) if key.resource and accepted
    )
    streams = key.resource == "pods" and key.subresource in _STREAMS
    writes = not key.subresource and bool(_WRITES.intersection(verbs))
    reads = key.resource in _USED and not key.subresource and "get" in verbs
    return msgspec.structs.replace(
        shown,
        agents=tuple(tally.agents[:VARIED]),
        verbs=verbs,
        credentials=marks.get("credential", ()),
        issued=_unique(*marks.get("issued", ()), *(each.credential for each in identities if each.credential)),
        pods=marks.get("pod", ()),
        gains=_unique(
            *(Gain(how, user) for how in _GAINS for user in marks.get(how, ())),
            *(Gain(each.how, each.user) for each in identities),
        ),
        entered=tuple(f"{thing.namespace}/{thing.name}" for thing in things) if streams else (),
        made=things if writes else (),
        used=things if streams or reads else (),
        owners=tuple(_thing(owner) for owner in marks.get("owner", ())),
        allowed=allowed(key, requests[:ASKED], asked.world),
        payloads=_payloads(finding),
    )


def correlation_trace(finding: Finding, tallies: Sequence[Tally]) -> Trace:
    """The trace of a finding of a correlation, from the tallies of the rules it is made of."""
    users = sorted({user for tally in tallies for user in tally.users})
    peers = {tally.facts.peer for tally in tallies}
    peer = peers.pop() if len(peers) == 1 else None
    return Trace(
        finding=finding,
        first=parse_moment(finding.time.first),
        last=parse_moment(finding.time.last),
        users=tuple(user or None for user in users[: VARIED + 1]),
        peer=peer if isinstance(peer, str) else None,
    )


def _unique(*values: T) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))


def _names(tally: Tally) -> tuple[str, ...]:
    fact: Fact = tally.name
    return (fact,) if isinstance(fact, str) and fact else tuple(tally.names[:VARIED])


def _thing(owner: str) -> Thing:
    namespace, _, rest = owner.partition("/")
    resource, _, name = rest.partition("/")
    return Thing(resource, namespace, name)


def _payloads(finding: Finding) -> tuple[str, ...]:
    """The commands that the finding cites as evidence, when they are long enough to tell anything."""
    found = (item.value for item in finding.evidence if item.field in _COMMANDS)
    texts = (text for value in found for text in (value if isinstance(value, tuple) else (value,)))
    return tuple(dict.fromkeys(text for text in texts if isinstance(text, str) and len(text) >= PAYLOAD))
