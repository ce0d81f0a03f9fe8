"""How an incident went: steps in order of time, each proved by its events; what was not seen; doubts; containment."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from kwho.detect.rule import Correlation, Rule
from kwho.link.graph import Forest
from kwho.link.score import tactics
from kwho.link.sentence import sentence
from kwho.link.trace import CROWD, Places, Trace, claim, order
from kwho.schema.finding import SEVERITIES, Citation
from kwho.schema.incident import Step
from kwho.schema.ledger import Gap
from kwho.schema.moment import MINUTE, format_moment, parse_moment

STEPS: Final = 60
"""Steps that are told; of more, the gravest, still in order of time."""
CITED: Final = 50
"""Events cited per step: the first and the last."""
ONE_GO: Final = 10 * MINUTE
"""Pause up to which like requests on different objects are one step."""
TITLES: Final = 6
"""Rules named in one sentence."""
SENTENCES: Final = 8
"""Sentences of advice, of doubts, and of what was not seen."""
NO_CAUSE: Final = "None known"
"""How a rule begins to say that it knows no honest cause, which is no doubt."""
IDENTITIES: Final = 4
"""Identities of which it is told where they were seen."""

Event = tuple[str, int, int]
"""Where an event stands: file, offset, index."""
Kind = tuple[str | None, str | None, str | None, str | None]
Rules = Mapping[str, Rule | Correlation]


class Horizon(NamedTuple):
    """What bounds the view of the log: its first moment, in microseconds, and its silences."""

    first: int | None = None
    gaps: tuple[Gap, ...] = ()


def steps(members: Sequence[Trace]) -> tuple[Step, ...]:
    """The steps of an incident in order of time; findings about the same or like requests are one step."""
    often = Counter(trace.finding.rule.id for trace in members)
    told = [step for _, step in sorted((_step(groups, often) for groups in _alike(_together(members))), key=_when)]
    if len(told) <= STEPS:
        return tuple(told)
    ranked = sorted(told, key=lambda step: -SEVERITIES.index(step.severity))
    kept = {id(step) for step in ranked[:STEPS]}
    return tuple(step for step in told if id(step) in kept)


def unseen(members: Sequence[Trace], rules: Rules, horizon: Horizon) -> tuple[str, ...]:
    """What the log could not show of this incident: silences within it, its own beginning, and blind spots of rules."""
    found: list[str] = []
    firsts = [trace.first for trace in members if trace.first is not None]
    lasts = [trace.last for trace in members if trace.last is not None]
    if firsts and lasts:
        found += _silences(min(firsts), max(lasts), horizon)
    for trace in _gravest(members):
        rule = rules.get(trace.finding.rule.id)
        found += rule.blind_spots if rule is not None else ()
    return _first(found)


def advice(members: Sequence[Trace], rules: Rules) -> tuple[str, ...]:
    """What the rules advise, the gravest first."""
    found: list[str] = []
    for trace in _gravest(members):
        rule = rules.get(trace.finding.rule.id)
        found += rule.response if rule is not None else ()
    return _first(found)


def doubts(members: Sequence[Trace], rules: Rules, places: Places) -> tuple[str, ...]:
    """What speaks for honest work: where each identity was seen in the whole log, and what the rules call harmless."""
    users = dict.fromkeys(user for trace in members for user in trace.users if user is not None)
    found = [_seen(user, places.peers[user]) for user in users if user in places.peers][:IDENTITIES]
    for trace in _gravest(members):
        rule = rules.get(trace.finding.rule.id)
        causes = rule.falsepositives if rule is not None else ()
        found += [f"{trace.finding.title} may be honest: {text}" for text in causes if not text.startswith(NO_CAUSE)]
    return _first(found)


def _seen(user: str, peers: frozenset[str]) -> str:
    if len(peers) == 1:
        return f"All that {user} did in this log came from {min(peers)}."
    many = f"{CROWD} or more addresses" if len(peers) >= CROWD else " and ".join(sorted(peers))
    return f"{user} was seen at {many} in this log."


def _silences(first: int, last: int, horizon: Horizon) -> list[str]:
    said = []
    if horizon.first is not None:
        said.append(f"What happened before {format_moment(horizon.first)}, where the log begins.")
    for gap in horizon.gaps:
        begun, ended = parse_moment(gap.from_), parse_moment(gap.to)
        if begun is not None and ended is not None and begun <= last and ended >= first:
            where = f" ({gap.instance})" if gap.instance else ""
            said.append(f"Anything from {gap.from_} to {gap.to}: the log is silent{where}.")
    return said


def _gravest(members: Sequence[Trace]) -> list[Trace]:
    return sorted((trace for trace in members if trace.rank), key=lambda trace: -trace.rank)


def _first(sentences: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(text.split()) for text in sentences))[:SENTENCES]


def _together(members: Sequence[Trace]) -> list[list[Trace]]:
    """Members about the same requests: rules about one kind of target whose events meet, and what was counted there."""
    forest = Forest(len(members))
    seen: dict[tuple[Event, Kind], int] = {}
    first: dict[Event, int] = {}
    for at, trace in enumerate(members):
        if trace.finding.detector == "rule":
            for event in _positions(trace):
                first.setdefault(event, at)
                forest.join(seen.setdefault((event, _kind(trace)), at), at)
    for at, trace in enumerate(members):
        if trace.finding.detector == "correlation":
            groups = {forest.root(first[event]) if event in first else None for event in _positions(trace)}
            if len(groups) == 1 and (group := groups.pop()) is not None:
                forest.join(group, at)
    return [[members[at] for at in tree] for tree in forest.trees().values()]


def _kind(trace: Trace) -> Kind:
    target = trace.finding.target
    return target.group, target.resource, target.subresource, target.namespace


def _positions(trace: Trace) -> list[Event]:
    return [(cited.file, cited.offset, cited.index) for cited in trace.finding.events]


def _alike(groups: list[list[Trace]]) -> list[list[list[Trace]]]:
    """Groups that one hand made in one go, by the same rules, differing in the object only."""
    runs: dict[object, tuple[int, list[list[Trace]]]] = {}
    found: list[list[list[Trace]]] = []
    for group in sorted(groups, key=lambda group: order(group[0])):
        top, begun = group[0], group[0].first or 0
        rules = frozenset(trace.finding.rule.id for trace in group)
        key = (top.users, top.peer, rules, top.verbs, top.finding.target.subresource, top.finding.outcome)
        newest, run = runs.get(key, (0, []))
        if not run or begun - newest > ONE_GO or top.finding.detector == "correlation":
            run = []
            found.append(run)
        run.append(group)
        runs[key] = (max(trace.last or 0 for trace in group), run)
    return found


def _step(groups: list[list[Trace]], often: Mapping[str, int]) -> tuple[Trace, Step]:
    """A step, and the finding that it is about above all."""
    ranked = [sorted(group, key=lambda trace: _weight(trace, often)) for group in groups]
    tops, every = [group[0] for group in ranked], [trace for group in ranked for trace in group]
    top, cited = tops[0], [event for group in ranked for event in _cited(group)]
    firsts = [trace.first for trace in every if trace.first is not None]
    shown = list(dict.fromkeys(trace.finding.title for trace in every if trace.rank or trace is top))
    more = len(shown) - TITLES
    return top, Step(
        time=format_moment(min(firsts)) if firsts else None,
        text=sentence(tops, [*shown[:TITLES], *([f"and {more} more"] if more > 0 else [])]),
        finding=top.finding.id,
        severity=top.finding.severity,
        tactics=tactics(every),
        findings=tuple(trace.finding.id for trace in every),
        events=tuple(cited if len(cited) <= CITED else [*cited[: CITED // 2], *cited[-CITED // 2 :]]),
        events_total=sum(_total(group) for group in ranked),
    )


def _weight(trace: Trace, often: Mapping[str, int]) -> tuple[int, int, bool, int, tuple[str | int, ...]]:
    """The gravest first, then what the incident says seldom, then what names a target of its own."""
    finding = trace.finding
    return -trace.rank, often[finding.rule.id], finding.target.resource is None, finding.count, claim(finding)


def _total(group: Sequence[Trace]) -> int:
    return max(len(_cited(group)), *(trace.finding.events_total for trace in group))


def _cited(together: Sequence[Trace]) -> list[Citation]:
    """Every cited event once, in the order in which the findings have them (by time), the widest finding first."""
    ordered = sorted(together, key=lambda trace: (-len(trace.finding.events), claim(trace.finding)))
    return list({(c.file, c.offset, c.index): c for trace in ordered for c in trace.finding.events}.values())


def _when(told: tuple[Trace, Step]) -> tuple[bool, str, int, bool, tuple[str | int, ...]]:
    """In order of time; of what began together first what ended first, and single requests before what counts them."""
    top, step = told
    return step.time is None, step.time or "", top.last or 0, top.finding.detector == "correlation", claim(top.finding)
