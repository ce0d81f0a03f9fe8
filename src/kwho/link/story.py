"""How an incident went: steps in order of time, each proved by its events; what was not seen; how to contain it."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from kwho.detect.rule import Correlation, Rule
from kwho.link.graph import Forest
from kwho.link.score import tactics
from kwho.link.sentence import sentence
from kwho.link.trace import Trace
from kwho.schema.finding import SEVERITIES, Citation
from kwho.schema.incident import Step
from kwho.schema.ledger import Gap
from kwho.schema.moment import format_moment, parse_moment

STEPS: Final = 60
"""Steps that are told; of more, the gravest, still in order of time."""
CITED: Final = 50
"""Events cited per step: the first and the last."""
TITLES: Final = 6
"""Rules named in one sentence."""
SENTENCES: Final = 8
"""Sentences of advice, and of what was not seen."""

Rules = Mapping[str, Rule | Correlation]


class Horizon(NamedTuple):
    """What bounds the view of the log: its first moment, in microseconds, and its silences."""

    first: int | None = None
    gaps: tuple[Gap, ...] = ()


def steps(members: Sequence[Trace]) -> tuple[Step, ...]:
    """The steps of an incident in order of time; findings that cite the same requests are one step."""
    told = sorted((_step(together) for together in _together(members)), key=_when)
    if len(told) <= STEPS:
        return tuple(told)
    ranked = sorted(told, key=lambda step: (-SEVERITIES.index(step.severity), _when(step)))
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
    """Members about the same requests: rules whose events meet, and what was counted within one such group."""
    forest = Forest(len(members))
    seen: dict[tuple[str, int, int], int] = {}
    wide = [at for at, trace in enumerate(members) if trace.finding.detector == "correlation"]
    for at, trace in enumerate(members):
        if trace.finding.detector == "rule":
            for event in _positions(trace):
                forest.join(seen.setdefault(event, at), at)
    for at in wide:
        groups = {forest.root(seen[event]) if event in seen else None for event in _positions(members[at])}
        if len(groups) == 1 and (group := groups.pop()) is not None:
            forest.join(group, at)
    return [[members[at] for at in tree] for tree in forest.trees().values()]


def _positions(trace: Trace) -> list[tuple[str, int, int]]:
    return [(cited.file, cited.offset, cited.index) for cited in trace.finding.events]


def _step(together: list[Trace]) -> Step:
    ranked = sorted(together, key=lambda trace: (-trace.rank, _breadth(trace), trace.finding.id))
    top = ranked[0]
    cited = _cited(together)
    firsts = [trace.first for trace in together if trace.first is not None]
    shown = [trace.finding.title for trace in ranked if trace.rank or trace is top]
    more = len(dict.fromkeys(shown)) - TITLES
    titles = [*list(dict.fromkeys(shown))[:TITLES], *([f"and {more} more"] if more > 0 else [])]
    return Step(
        time=format_moment(min(firsts)) if firsts else None,
        text=sentence(top, titles),
        finding=top.finding.id,
        severity=top.finding.severity,
        tactics=tactics(ranked),
        findings=tuple(trace.finding.id for trace in ranked),
        events=tuple(cited if len(cited) <= CITED else [*cited[: CITED // 2], *cited[-CITED // 2 :]]),
        events_total=max(len(cited), *(trace.finding.events_total for trace in together)),
    )


def _breadth(trace: Trace) -> tuple[bool, int]:
    """A claim with a target of its own says more than one over many."""
    return trace.finding.target.resource is None, trace.finding.count


def _cited(together: list[Trace]) -> list[Citation]:
    """Every cited event once, in the order in which the findings have them (by time), the widest finding first."""
    ordered = sorted(together, key=lambda trace: (-len(trace.finding.events), trace.finding.id))
    return list({(c.file, c.offset, c.index): c for trace in ordered for c in trace.finding.events}.values())


def _when(step: Step) -> tuple[bool, str, str]:
    return step.time is None, step.time or "", step.finding
