"""Exclusions as they concern the rules: what decides, for a match, whether it is left out of the answer."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from kwho.detect.rule import Exclusion, Rule, RuleSet
from kwho.kernel.journal import UNKNOWN_TIME
from kwho.kernel.mask import is_settled, is_timeless
from kwho.query.match import compile_node
from kwho.schema.finding import Finding
from kwho.schema.result import Excluded, Hidden
from kwho.views import Look


class Excuse(NamedTuple):
    """An exclusion as it concerns one rule, or a correlation that the rule feeds: its `target`."""

    target: str
    exclusion: str
    condition: Callable[[Look], bool]
    expires: int | None
    settled: bool
    """True when it leaves out all or none of the events that could share a lane."""
    timeless: bool
    """True when it reads nothing that events of one shape have of their own."""

    def holds(self, look: Look, time: int) -> bool:
        """True when it leaves the event out; what has no believable time may have come after the end."""
        return (self.expires is None or UNKNOWN_TIME < time < self.expires) and self.condition(look)


def excuses(rule: Rule, rules: RuleSet) -> list[Excuse]:
    """The exclusions that concern a rule and the correlations it feeds, in order of id: the first that holds counts."""
    return [
        Excuse(
            target,
            exclusion.id,
            compile_node(exclusion.condition),
            exclusion.expires,
            exclusion.expires is None and is_settled(exclusion.condition),
            is_timeless(exclusion.condition),
        )
        for exclusion, target in _concerned(rule, rules)
    ]


def count_excluded(left_out: Sequence[Finding], exclusions: Iterable[Exclusion]) -> Excluded:
    """The exclusions that left findings out, the busiest first."""
    counts = Counter(finding.excluded for finding in left_out)
    hidden = [
        Hidden(entry.id, entry.title, entry.owner, entry.reason, counts[entry.id])
        for entry in exclusions
        if counts[entry.id]
    ]
    return Excluded(len(left_out), tuple(sorted(hidden, key=lambda entry: (-entry.findings, entry.id))))


def _concerned(rule: Rule, rules: RuleSet) -> Iterator[tuple[Exclusion, str]]:
    fed = [correlation.id for correlation in rules.correlations if rule.id in correlation.rules]
    for exclusion in sorted(rules.exclusions, key=lambda exclusion: exclusion.id):
        for target in (rule.id, *fed):
            if target in exclusion.rules:
                yield exclusion, target
