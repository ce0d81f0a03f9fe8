"""What is behind so much that it joins nothing: shared addresses, components of the cluster, whoever sets it up."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from kwho.link.trace import CROWD, Places, Trace
from kwho.schema.moment import HOUR
from kwho.views.principal import ANONYMOUS, NODE, SERVICE_ACCOUNT

DAY: Final = 24 * HOUR
FEW: Final = 3
"""Principals at one object or payload, and identities or objects of one maker a day, up to which they join."""

_COMPONENT: Final = "system:serviceaccount:kube-system:"
_BOOTSTRAP: Final = "system:bootstrap:"


def shares_an_address(peer: str | None, places: Places) -> bool:
    """True when so many are behind an address, or nothing is known of it, that it tells nobody apart."""
    return peer is None or len(places.users.get(peer, ())) >= CROWD


def same_hand(one: Trace, other: Trace, places: Places) -> bool:
    """True when both come from one address that tells somebody apart."""
    return one.peer == other.peer and not shares_an_address(one.peer, places)


def is_program(user: str | None) -> bool:
    """True for the identity of a workload or a node."""
    return user is not None and user.startswith((SERVICE_ACCOUNT, NODE))


def is_component(user: str | None) -> bool:
    """True for what runs the cluster and acts for others: its findings are often the consequence of somebody's act."""
    if user is None or not user.startswith("system:"):
        return False
    if user.startswith(SERVICE_ACCOUNT):
        return user.startswith(_COMPONENT)
    return user != ANONYMOUS and not user.startswith((NODE, _BOOTSTRAP))


class Crowd:
    """Whoever opens ways to many identities, or makes many objects, within a day is setting something up."""

    def __init__(self, traces: Sequence[Trace], things: Callable[[Trace], Iterable[object]]) -> None:
        self._things: dict[tuple[object, ...], set[object]] = {}
        for trace in traces:
            found = list(things(trace))
            for key in _days(trace) if found else ():
                self._things.setdefault(key, set()).update(found)

    def around(self, trace: Trace) -> bool:
        """True when the one who did it did too much of the kind on that day."""
        return any(len(self._things.get(key, ())) > FEW for key in _days(trace))


def _days(trace: Trace) -> list[tuple[object, ...]]:
    return [(trace.finding.cluster, user, (trace.first or 0) // DAY) for user in trace.users]
