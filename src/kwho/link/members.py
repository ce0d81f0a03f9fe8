"""Which findings are told with an incident: neither habits far from anything grave, nor activity of another hand."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from kwho.link.hubs import is_component
from kwho.link.trace import GRAVE, Trace, order
from kwho.schema.moment import HOUR, MINUTE

ROUTINE: Final = 5
"""Findings of one rule about one identity from which on a low one is habit, and told only near something grave."""
NEAR: Final = 15 * MINUTE
"""How near to a member an informational finding of the same identity and address is told with it."""
BESIDE: Final = 50
"""Informational findings told with an incident."""


def told(nodes: Sequence[Trace], tree: list[int]) -> Iterator[int]:
    """The members of a tree without low findings of habit that are far from anything grave."""
    often: dict[tuple[str, tuple[str | None, ...]], int] = {}
    for at in tree:
        key = (nodes[at].finding.rule.id, nodes[at].users)
        often[key] = often.get(key, 0) + 1
    grave = _hands(nodes[at] for at in tree if nodes[at].rank >= GRAVE)
    for at in tree:
        trace = nodes[at]
        habit = often[trace.finding.rule.id, trace.users] >= ROUTINE
        if trace.rank >= GRAVE or not habit or _near_by(grave, trace):
            yield at


def _near_by(hands: Mapping[tuple[str | None, str | None], Sequence[int]], trace: Trace) -> bool:
    """True when the same identity did something grave from the same address within the hour."""
    return any(_near(hands.get((user, trace.peer), ()), trace, HOUR) for user in trace.users)


def _hands(traces: Iterable[Trace]) -> dict[tuple[str | None, str | None], list[int]]:
    """The times of findings, in order, by identity and address."""
    times: dict[tuple[str | None, str | None], list[int]] = {}
    for trace in traces:
        for user in trace.users:
            times.setdefault((user, trace.peer), []).extend(at for at in (trace.first, trace.last) if at is not None)
    return {hand: sorted(found) for hand, found in times.items()}


def _near(times: Sequence[int], trace: Trace, span: int) -> bool:
    """True when one of the sorted times lies within `span` of the finding."""
    if trace.first is None or trace.last is None:
        return False
    return bisect_left(times, trace.first - span) < bisect_right(times, trace.last + span)


class Beside:
    """Informational findings by identity and address, to be told with what the same hand did at the same time."""

    def __init__(self, traces: Iterable[Trace]) -> None:
        self._held: dict[tuple[object, ...], list[Trace]] = {}
        for trace in traces:
            for user in trace.users:
                if not is_component(user):
                    self._held.setdefault((trace.finding.cluster, user, trace.peer), []).append(trace)

    def of(self, members: Sequence[Trace]) -> list[Trace]:
        """Those near to the members, in order, at most `BESIDE`."""
        cluster = members[0].finding.cluster
        found = {
            trace.finding.id: trace
            for (user, peer), times in _hands(members).items()
            for trace in self._held.get((cluster, user, peer), ())
            if _near(times, trace, NEAR) and _inside(times, trace)
        }
        return sorted(found.values(), key=order)[:BESIDE]


def _inside(times: Sequence[int], trace: Trace) -> bool:
    """True when a finding begins and ends with the others, so that it is no habit of the whole hour."""
    begun, ended = trace.first or 0, trace.last or 0
    return times[0] - NEAR <= begun and ended <= times[-1] + NEAR
