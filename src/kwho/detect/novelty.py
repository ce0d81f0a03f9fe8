"""What is new in a log, or back in it: the log itself is what is learnt from, so a short log can tell nothing.

Learning is done when the log has held events on as many UTC days as the period has, and when what is grouped by has
been in the log for the period. Days are counted rather than subtracted, so that one event with a wrong time makes
nothing new.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

from kwho.detect.correlate import DAY
from kwho.detect.rule import Correlation

Group = TypeVar("Group")
Value = TypeVar("Value")


class Shown(NamedTuple):
    """What a log has shown of time: its UTC days with events, in order, and whether they are those of one cluster."""

    days: Sequence[int] = ()
    alone: bool = True

    def learnt(self, correlation: Correlation, time: int) -> bool:
        """True when the log held events on as many days before the day of `time` as the period has."""
        return bisect_left(self.days, time // DAY) >= days_of(correlation)


def days_of(correlation: Correlation) -> int:
    """The learning period, or the absence, in whole days."""
    return -(-correlation.timespan // DAY)


def striking(
    correlation: Correlation, groups: Mapping[Group, Mapping[Value, Sequence[int]]], shown: Shown
) -> list[tuple[Group, Value, int]]:
    """The group, value and UTC day of each value that is new, or back after its absence.

    `groups` holds the times of all matches by group and value, in any order, times that are not believable left out.
    """
    found: list[tuple[Group, Value, int]] = []
    for group, values in groups.items():
        start = min((min(times) for times in values.values() if times), default=0)
        counts_alone = not correlation.group_by and shown.alone
        for value, times in values.items():
            found += [
                (group, value, time // DAY)
                for time in _moments(correlation, sorted(times))
                if shown.learnt(correlation, time) and (counts_alone or time - start >= correlation.timespan)
            ]
    return found


def _moments(correlation: Correlation, times: Sequence[int]) -> list[int]:
    """When a value strikes: at its first match, or at each that follows an absence."""
    if correlation.type == "new_value":
        return list(times[:1])
    return [after for before, after in pairwise(times) if after - before >= correlation.timespan]
