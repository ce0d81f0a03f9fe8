"""How grave an incident is: points whose reasons add up to the score, from 0 to 100.

The gravest finding counts in full, each further rule less and less, each further tactic and each identity that was
gained a little. An incident is never less severe than its gravest finding, and more severe only when there is much
beside it. The points are start values, set on generated days and on recordings of a real server.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from kwho.detect.attack import attack_table
from kwho.link.trace import Trace
from kwho.schema.finding import SEVERITIES, Finding, Severity
from kwho.schema.incident import Weight

BANDS: Final[dict[Severity, int]] = {"critical": 90, "high": 60, "medium": 35, "low": 12, "informational": 0}
"""The least score of each severity, and the points of the gravest finding."""
FURTHER: Final[dict[Severity, int]] = {"critical": 12, "high": 6, "medium": 4, "low": 2, "informational": 0}
"""Points of each further rule that speaks of something else."""
ECHO: Final = 1
"""Points of a further rule that speaks of the same requests."""
TACTIC: Final = 3
GAIN: Final = 6
"""Points of a step from one identity to another that the log proves or makes likely."""
FULL: Final = 100
TOLD: Final = 6
"""Rules that are named each; those beyond share one weight."""


def weigh(members: Sequence[Trace], passages: int) -> tuple[Weight, ...]:
    """The weights of an incident, the heaviest first; `passages` counts the bonds from one identity to another."""
    rules = _rules(members)
    top = rules[0][0]
    weights = [Weight(BANDS[top.severity], f"{top.title} ({top.severity})")]
    weights += [Weight(points, f"also: {each.title} ({each.severity})") for each, points in rules[1 : TOLD + 1]]
    rest = sum(points for _, points in rules[TOLD + 1 :])
    if rest:
        more = len(rules) - TOLD - 1
        weights.append(Weight(rest, f"and {more} more {'rule' if more == 1 else 'rules'}"))
    reached = len(tactics(members))
    if reached > 1:
        weights.append(Weight(TACTIC * (reached - 1), f"{reached} tactics of an attack"))
    if passages:
        weights.append(Weight(GAIN * min(3, passages), "one identity led to another"))
    return tuple(_within_full(weights))


def severity_of(score: int) -> Severity:
    """The severity of a score."""
    return next(severity for severity, least in BANDS.items() if score >= least)


def tactics(members: Iterable[Trace]) -> tuple[str, ...]:
    """The tactics of the findings, in the order in which they first appear."""
    return tuple(dict.fromkeys(name for trace in members for name in tactics_of(trace.finding)))


def tactics_of(finding: Finding) -> tuple[str, ...]:
    """The tactics that the tags of a rule name, with dashes; techniques and other tags are left out."""
    known = attack_table()[1]
    named = (tag.lower().removeprefix("attack.").replace("_", "-") for tag in finding.rule.tags)
    return tuple(dict.fromkeys(name for name in named if name in known))


def _rules(members: Sequence[Trace]) -> list[tuple[Finding, int]]:
    """The gravest finding of each rule, the gravest rule first, and its points beside graver ones.

    A rule that speaks only of requests that graver rules speak of adds no act, and little weight.
    """
    seen: set[tuple[str, int, int]] = set()
    told: dict[str, tuple[Finding, set[tuple[str, int, int]]]] = {}
    for trace in sorted(members, key=lambda trace: -trace.rank):
        events = told.setdefault(trace.finding.rule.id, (trace.finding, set()))[1]
        events.update((cited.file, cited.offset, cited.index) for cited in trace.finding.events)
    found = []
    for finding, events in sorted(told.values(), key=lambda item: -SEVERITIES.index(item[0].severity)):
        found.append((finding, ECHO if events <= seen else FURTHER[finding.severity]))
        seen |= events
    return [found[0], *sorted(found[1:], key=lambda item: -item[1])]


def _within_full(weights: list[Weight]) -> Iterable[Weight]:
    """The weights cut where the sum is full, so that they add up to the score."""
    room = FULL
    for weight in weights:
        points = min(room, weight.points)
        room -= points
        if points:
            yield Weight(points, weight.text)
