"""Traces to incidents: join, leave out what is routine, weigh, tell."""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from kwho.detect.rule import Correlation, Rule
from kwho.link.graph import Forest, Tie
from kwho.link.hubs import is_component
from kwho.link.joins import JOINS
from kwho.link.scene import Scene
from kwho.link.score import severity_of, tactics, weigh
from kwho.link.story import Horizon, advice, steps, unseen
from kwho.link.trace import GRAVE, LOW, Places, Trace, order
from kwho.schema.finding import Span
from kwho.schema.incident import Bond, Incident
from kwho.schema.moment import HOUR, MINUTE, format_moment
from kwho.views.principal import ANONYMOUS

LISTED: Final = 1_000
"""Findings listed per incident; those beyond are counted."""
TOLD: Final = 1_000
"""Incidents of one answer, the gravest."""
BONDS: Final = 200
"""Bonds told per incident."""
ROUTINE: Final = 5
"""Findings of one rule about one identity from which on a low one is habit, and told only near something grave."""
NEAR: Final = 15 * MINUTE
"""How near to a member an informational finding of the same identity and address is told with it."""
BESIDE: Final = 50
"""Informational findings told with an incident."""


class Case(NamedTuple):
    """What `link` must know beside the traces."""

    rules: Mapping[str, Rule | Correlation]
    places: Places
    horizon: Horizon = Horizon()


def link(traces: Iterable[Trace], case: Case) -> tuple[Incident, ...]:
    """The incidents in the findings, the gravest first; independent of the order of the traces.

    Only findings above informational join; one that nobody would call an incident alone is told with what it belongs
    to, or not at all.
    """
    ordered = sorted(traces, key=order)
    nodes = [trace for trace in ordered if trace.rank >= LOW]
    forest = Forest(len(nodes))
    scene = Scene(nodes, case.places)
    for join in JOINS:
        for tie in join(scene):
            forest.tie(tie)
    ties: dict[int, list[Tie]] = {}
    for tie in forest.ties:
        ties.setdefault(forest.root(tie.one), []).append(tie)
    beside = _Beside(trace for trace in ordered if trace.rank < LOW)
    found = [
        _incident(nodes, members, ties.get(root, []), case, beside)
        for root, members in forest.trees().items()
        if any(nodes[at].rank >= GRAVE for at in members)
    ]
    return tuple(sorted(found, key=lambda item: (-item.score, item.time.first or "~", item.id))[:TOLD])


def _incident(nodes: Sequence[Trace], tree: list[int], ties: list[Tie], case: Case, beside: "_Beside") -> Incident:
    kept = set(_told(nodes, tree))
    members = [nodes[at] for at in tree if at in kept]
    bonds = _telling(nodes, [tie for tie in ties if tie.one in kept and tie.other in kept])
    weights = weigh(members, sum(1 for tie in bonds if _names(nodes[tie.one]) != _names(nodes[tie.other])))
    score = sum(weight.points for weight in weights)
    anchor = next(trace for trace in members if trace.rank >= GRAVE)
    every = sorted([*members, *beside.of(members)], key=order)
    firsts = [trace.first for trace in members if trace.first is not None]
    lasts = [trace.last for trace in members if trace.last is not None]
    return Incident(
        id=identify(anchor.finding.id),
        title=_title(members),
        severity=severity_of(score),
        score=score,
        cluster=anchor.finding.cluster,
        principals=_principals(members),
        tactics=tactics(members),
        time=Span(format_moment(min(firsts)) if firsts else None, format_moment(max(lasts)) if lasts else None),
        findings=tuple(trace.finding.id for trace in every[:LISTED]),
        findings_total=len(every),
        story=steps(every),
        weights=weights,
        bonds=tuple(
            Bond(tie.kind, (nodes[tie.one].finding.id, nodes[tie.other].finding.id), tie.text) for tie in bonds[:BONDS]
        ),
        unseen=unseen(members, case.rules, case.horizon),
        advice=advice(members, case.rules),
    )


def identify(finding: str) -> str:
    """An incident id: a keyless hash of the id of its earliest finding that is at least medium."""
    return "i-" + hashlib.blake2b(finding.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _telling(nodes: Sequence[Trace], ties: Iterable[Tie]) -> list[Tie]:
    """Each reason once, where it holds for the first time; those between different identities first."""
    once: dict[str, Tie] = {}
    for tie in sorted(ties, key=lambda tie: _names(nodes[tie.one]) == _names(nodes[tie.other])):
        once.setdefault(tie.text, tie)
    return list(once.values())


def _told(nodes: Sequence[Trace], tree: list[int]) -> Iterator[int]:
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


class _Beside:
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


def _title(members: Sequence[Trace]) -> str:
    """Who, and the gravest thing that was done; how much more there is."""
    top = max(members, key=lambda trace: trace.rank)
    users = _principals(members)
    others = "" if len(users) < 2 else f" and {len(users) - 1} more {'identity' if len(users) == 2 else 'identities'}"
    leader = _names(top)[0] if len(_names(top)) == 1 else users[0]
    ranked = sorted(members, key=lambda trace: -trace.rank)
    titles = list(dict.fromkeys(trace.finding.title for trace in ranked))
    more = len(titles) - 2
    said = " · ".join([*titles[:2], *([f"{more} more"] if more > 0 else [])])
    return f"{leader}{others}: {said}"


def _principals(members: Sequence[Trace]) -> tuple[str, ...]:
    """Who did it, in the order in which they appear."""
    return tuple(dict.fromkeys(name for trace in members for name in _names(trace)))


def _names(trace: Trace) -> tuple[str, ...]:
    return tuple(dict.fromkeys(user or ANONYMOUS for user in trace.users))
