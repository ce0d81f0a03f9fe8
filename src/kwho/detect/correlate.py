"""Correlations: windows over the matches of other rules, in event time, whatever order the events came in."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from kwho.detect.rule import Correlation
from kwho.schema.moment import HOUR

DAY: Final = 24 * HOUR
SHORTEST: Final = HOUR // 6
"""Microseconds of the shortest stretch: what is kept of shorter windows is hardly more precise, and costs more."""


class Match(NamedTuple):
    """One match of a base rule: when, of which rule (its place in the correlation), which request, which value."""

    time: int
    rule: int
    key: int
    value: int


class Run(NamedTuple):
    """The matches of the runs of overlapping qualifying windows that fall in one period; `period` is its number."""

    period: int
    matches: tuple[Match, ...]


def period_of(correlation: Correlation) -> int:
    """Microseconds at which runs are cut: a UTC hour, or a UTC day when the window is longer than an hour."""
    return HOUR if correlation.timespan <= HOUR else DAY


def width_of(correlation: Correlation) -> int:
    """Microseconds of the stretches in which matches are kept: a window, or the bound that it is beyond.

    Matches whose values may be new are kept by UTC days, as findings tell them.
    """
    return DAY if correlation.combination else min(max(correlation.timespan, SHORTEST), HOUR)


def within_reach(correlation: Correlation, times: Iterable[int], rules: int, values: int) -> bool:
    """A quick look: False when matches at these times can make no window.

    `rules` is how many of its rules they are of, `values` how many values they have between them.
    """
    if correlation.type in ("temporal", "temporal_ordered"):
        return rules >= (correlation.at_least or len(correlation.rules))
    if correlation.op not in ("gt", "gte"):
        return True
    more = max(correlation.threshold - (correlation.op == "gte"), 0)
    if correlation.type == "value_count" and values <= more:
        return False
    known = list(times)
    if len(known) <= more:
        return False
    known.sort()
    known = known[bisect_left(known, 0) :]
    return any(last - first <= correlation.timespan for first, last in zip(known, known[more:], strict=False))


def find_runs(correlation: Correlation, matches: list[Match]) -> Iterator[Run]:
    """The runs of one group, period by period.

    `matches` holds each request once per rule and value; the order does not matter. A match without a believable time
    takes no part, since no window can hold it.
    """
    ordered = sorted(match for match in matches if match.time >= 0)
    times = [match.time for match in ordered]
    periods: dict[int, list[Match]] = {}
    for start, end in _merge(_QUALIFY[correlation.type](correlation, ordered)):
        for match in ordered[bisect_left(times, start) : bisect_right(times, end)]:
            periods.setdefault(match.time // period_of(correlation), []).append(match)
    for period, inside in sorted(periods.items()):
        yield Run(period, tuple(inside))


def _merge(spans: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Join spans that overlap; they come in order of their start."""
    current: tuple[int, int] | None = None
    for start, end in spans:
        if current is not None and start <= current[1]:
            current = (current[0], max(current[1], end))
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current


def _event_count(correlation: Correlation, ordered: list[Match]) -> Iterator[tuple[int, int]]:
    """So many requests within one window; one that several rules match is one."""
    return _count(correlation, ordered, [match.key for match in ordered])


def _value_count(correlation: Correlation, ordered: list[Match]) -> Iterator[tuple[int, int]]:
    """So many distinct values within one window."""
    return _count(correlation, ordered, [match.value for match in ordered])


def _count(correlation: Correlation, ordered: list[Match], told: list[int]) -> Iterator[tuple[int, int]]:
    """The windows with so many distinct of the things that the matches tell."""
    first = 0
    counts: Counter[int] = Counter()
    rules: Counter[int] = Counter()
    wanted = len(correlation.rules) if correlation.every else 0
    for match, thing in zip(ordered, told, strict=True):
        counts[thing] += 1
        rules[match.rule] += 1
        while match.time - ordered[first].time > correlation.timespan:
            _forget(counts, told[first])
            _forget(rules, ordered[first].rule)
            first += 1
        if _holds(correlation, len(counts)) and len(rules) >= wanted:
            yield ordered[first].time, match.time


def _forget(counts: Counter[int], gone: int) -> None:
    counts[gone] -= 1
    if not counts[gone]:
        del counts[gone]


def _temporal(correlation: Correlation, ordered: list[Match]) -> Iterator[tuple[int, int]]:
    """All rules, or so many of them, within one window, in any order."""
    newest: dict[int, int] = {}
    wanted = correlation.at_least or len(correlation.rules)
    for match in ordered:
        newest[match.rule] = match.time
        inside = [time for time in newest.values() if match.time - time <= correlation.timespan]
        if len(inside) >= wanted:
            yield min(inside), match.time


def _temporal_ordered(correlation: Correlation, ordered: list[Match]) -> Iterator[tuple[int, int]]:
    """All rules within one window, in the order in which the correlation names them."""
    starts: list[int | None] = [None] * len(correlation.rules)
    for match in ordered:
        place = match.rule
        begun = match.time if place == 0 else starts[place - 1]
        if begun is None or match.time - begun > correlation.timespan:
            continue
        starts[place] = begun
        if place == len(starts) - 1:
            yield begun, match.time


def _holds(correlation: Correlation, count: int) -> bool:
    threshold = correlation.threshold
    match correlation.op:
        case "gt":
            return count > threshold
        case "gte":
            return count >= threshold
        case "lt":
            return count < threshold
        case "lte":
            return count <= threshold
        case "eq":
            return count == threshold


_QUALIFY: Final = {
    "event_count": _event_count,
    "value_count": _value_count,
    "temporal": _temporal,
    "temporal_ordered": _temporal_ordered,
}
