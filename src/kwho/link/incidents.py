"""Traces to incidents: join, leave out what is routine, weigh, tell."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from kwho.detect.rule import Correlation, Rule
from kwho.link.graph import Forest, Tie
from kwho.link.hubs import is_component
from kwho.link.joins import JOINS, PAIR
from kwho.link.members import Beside, told
from kwho.link.scene import Scene
from kwho.link.score import severity_of, tactics, weigh
from kwho.link.story import Horizon, advice, doubts, steps, unseen
from kwho.link.trace import GRAVE, LOW, Places, Trace, order
from kwho.schema.finding import Finding, Span
from kwho.schema.incident import Bond, Incident, Weight
from kwho.schema.moment import format_moment
from kwho.views.principal import ANONYMOUS

MOST: Final = 100_000
"""Findings that are linked, the gravest."""
LISTED: Final = 1_000
"""Findings listed per incident; those beyond are counted."""
TOLD: Final = 1_000
"""Incidents of one answer, the gravest."""
BONDS: Final = 200
"""Bonds told per incident."""


class Case(NamedTuple):
    """What `link` must know beside the traces."""

    rules: Mapping[str, Rule | Correlation]
    places: Places
    horizon: Horizon = Horizon()


class Linked(NamedTuple):
    """The incidents that are told, the gravest first; how many more there are; how many findings were not linked."""

    incidents: tuple[Incident, ...]
    more: int = 0
    apart: int = 0


class _Group(NamedTuple):
    """What belongs together, before it is told: members in order of time, telling bonds, and what it weighs."""

    members: list[Trace]
    ties: list[Tie]
    weights: tuple[Weight, ...]

    @property
    def score(self) -> int:
        return sum(weight.points for weight in self.weights)

    @property
    def anchor(self) -> Finding:
        """The earliest finding that is at least medium; of several the one with the least id, as ids are made of it."""
        grave = (trace for trace in self.members if trace.rank >= GRAVE)
        return min(grave, key=lambda trace: (trace.first is None, trace.first or 0, trace.finding.id)).finding


def link(traces: Iterable[Trace], case: Case) -> Linked:
    """The incidents in the findings, independent of the order of the traces.

    Only findings above informational join; one that nobody would call an incident alone is told with what it belongs
    to, or not at all.
    """
    found = list(traces)
    every = sorted((trace for trace in found if trace.rank >= LOW), key=order)
    nodes = every if len(every) <= MOST else sorted(sorted(every, key=lambda trace: -trace.rank)[:MOST], key=order)
    groups = sorted(_groups(nodes, case), key=lambda group: (-group.score, order(group.members[0])))
    beside = Beside(trace for trace in found if trace.rank < LOW)
    incidents = tuple(_incident(nodes, group, case, beside) for group in groups[:TOLD])
    return Linked(incidents, len(groups) - len(incidents), len(every) - len(nodes))


def _groups(nodes: Sequence[Trace], case: Case) -> Iterator[_Group]:
    """Trees with something in them that is an incident alone."""
    forest, scene = Forest(len(nodes)), Scene(nodes, case.places)
    for join in JOINS:
        for tie in join(scene):
            forest.tie(tie)
    ties: dict[int, list[Tie]] = {}
    for tie in forest.ties:
        ties.setdefault(forest.root(tie.one), []).append(tie)
    for root, tree in forest.trees().items():
        if any(_stands_alone(nodes[at]) for at in tree):
            kept = set(told(nodes, tree))
            members = [nodes[at] for at in tree if at in kept]
            inside = (tie for tie in ties.get(root, ()) if tie.one in kept and tie.other in kept)
            telling = _telling(nodes, inside)
            passages = sum(1 for tie in telling if _names(nodes[tie.one]) != _names(nodes[tie.other]))
            yield _Group(members, telling, weigh(members, passages))


def _stands_alone(trace: Trace) -> bool:
    """True for what is an incident without anything beside it.

    A claim about more than two identities tells of a place, not of somebody; what components do is of another's making,
    and less than high tells little about them.
    """
    if len(trace.users) > PAIR:
        return False
    return trace.rank > GRAVE or (trace.rank == GRAVE and not all(is_component(user) for user in trace.users))


def _incident(nodes: Sequence[Trace], group: _Group, case: Case, beside: Beside) -> Incident:
    members, anchor = group.members, group.anchor
    every = sorted([*members, *beside.of(members)], key=order)
    firsts = [trace.first for trace in every if trace.first is not None]
    lasts = [trace.last for trace in every if trace.last is not None]
    return Incident(
        id=identify(anchor.id),
        title=_title(members),
        severity=severity_of(group.score),
        score=group.score,
        cluster=anchor.cluster,
        principals=_principals(members),
        tactics=tactics(members),
        time=Span(format_moment(min(firsts)) if firsts else None, format_moment(max(lasts)) if lasts else None),
        findings=tuple(trace.finding.id for trace in every[:LISTED]),
        findings_total=len(every),
        story=steps(every),
        weights=group.weights,
        bonds=tuple(
            Bond(tie.kind, (nodes[tie.one].finding.id, nodes[tie.other].finding.id), tie.text)
            for tie in group.ties[:BONDS]
        ),
        unseen=unseen(members, case.rules, case.horizon),
        doubts=doubts(members, case.rules, case.places),
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
