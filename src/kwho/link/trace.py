"""What linking looks at: one finding and the keys by which it belongs to others, which the finding does not carry."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from kwho.schema.finding import SEVERITIES, Finding
from kwho.views.principal import ANONYMOUS

GRAVE: Final = SEVERITIES.index("medium")
LOW: Final = SEVERITIES.index("low")


class Thing(NamedTuple):
    """One named object; `namespace` is empty for objects of the cluster."""

    resource: str
    namespace: str
    name: str


class Gain(NamedTuple):
    """An identity that the requests of a finding opened a way to, and how.

    `token`: a token of it was asked for or planted; `grant`: it was given rights; `certificate`: a certificate in its
    name was asked for; `account`: it was made; `entered`: a pod that runs as it was entered.
    """

    how: str
    user: str


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """One finding with its join keys. Names are as the log has them, neither cut nor masked.

    `first` and `last` are microseconds since 1970, None when no event has a believable time. `users` are all who did
    it; a correlation over several identities has several. `credentials` are ids that the requests were made with,
    `issued` ids that they handed out, `pods` those to which their credentials are bound. `entered` are pods that the
    requests opened a stream into, `made` objects that they wrote, `used` objects that they read or entered, `owners`
    what owns the objects that they made, `allowed` bindings that RBAC says allowed them. `payloads` are commands of at
    least 16 characters that they carried.
    An informational finding joins nothing: of the join keys it has its users and its peer only.
    """

    finding: Finding
    first: int | None = None
    last: int | None = None
    users: tuple[str | None, ...] = ()
    peer: str | None = None
    agents: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    issued: tuple[str, ...] = ()
    pods: tuple[str, ...] = ()
    gains: tuple[Gain, ...] = ()
    entered: tuple[str, ...] = ()
    made: tuple[Thing, ...] = ()
    used: tuple[Thing, ...] = ()
    owners: tuple[Thing, ...] = ()
    allowed: tuple[Thing, ...] = ()
    payloads: tuple[str, ...] = ()

    @property
    def rank(self) -> int:
        """The severity as a number, 0 for informational."""
        return SEVERITIES.index(self.finding.severity)


class Places(NamedTuple):
    """Who was seen where in the whole log, findings or not: what tells a shared address from one of its own.

    `users` are the named identities per peer, `peers` the peers per identity; anonymous callers are left out. Both
    hold at most `CROWD` names; a full set means many.
    """

    users: Mapping[str, frozenset[str]]
    peers: Mapping[str, frozenset[str]]


CROWD: Final = 4
"""Identities at one address from which on it says nothing about who is behind it: a gateway, a node, a proxy."""

NOWHERE: Final = Places({}, {})


def order(trace: Trace) -> tuple[bool, int, tuple[str | int, ...]]:
    """Orders traces by time, those without one last; ties by what is claimed, so that arrival never matters."""
    return trace.first is None, trace.first or 0, claim(trace.finding)


def claim(finding: Finding) -> tuple[str | int, ...]:
    """Orders findings of the same moment by rule, by who did what, and by where the first event stands.

    The id decides only what is otherwise alike, since it changes with the name of the cluster.
    """
    who, target = finding.principal, finding.target
    borrowed = who.impersonated.user if who.impersonated else None
    parts = (who.user, borrowed, finding.source.ip, target.group, target.resource, target.subresource, target.namespace)
    first = finding.events[0] if finding.events else None
    position = (first.file, first.offset, first.index) if first else ("", 0, 0)
    return finding.rule.id, *(part or "" for part in (*parts, finding.outcome)), *position, finding.id


def gathered(pairs: Iterable[tuple[str | None, str | None]]) -> Places:
    """Places out of pairs of user and peer, in any order."""
    users: dict[str, set[str]] = {}
    peers: dict[str, set[str]] = {}
    for user, peer in sorted((user, peer) for user, peer in pairs if user and peer and user != ANONYMOUS):
        for held, key, value in ((users, peer, user), (peers, user, peer)):
            known = held.setdefault(key, set())
            if len(known) < CROWD:
                known.add(value)
    return Places(
        {peer: frozenset(known) for peer, known in users.items()},
        {user: frozenset(known) for user, known in peers.items()},
    )
