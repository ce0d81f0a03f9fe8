"""Windows over matches, in event time."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.detect.correlate import DAY, SHORTEST, Match, Run, find_runs, period_of, width_of, within_reach
from kwho.detect.rule import Correlation
from kwho.schema.moment import HOUR

T0 = 487_000 * HOUR


def correlation(**members: Any) -> Correlation:
    usual: dict[str, Any] = {"id": "c", "title": "C", "level": "low", "type": "event_count", "rules": ("a", "b", "c")}
    return Correlation(**usual | {"timespan": 10, "threshold": 3} | members)


def runs(found: Correlation, *matches: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The times of each run after the beginning; a match is (time, rule, key, value), what is missing is 0."""
    made = [Match(T0 + match[0], *(*match[1:], 0, 0, 0)[:3]) for match in matches]
    return [tuple(match.time - T0 for match in run.matches) for run in find_runs(found, made)]


def at(*times: int) -> list[tuple[int, int, int]]:
    return [(time, 0, number) for number, time in enumerate(times)]


def test_windows_that_hold_enough_and_overlap_are_one_run() -> None:
    assert runs(correlation(), *at(0, 5, 10, 18, 26)) == [(0, 5, 10)]
    assert runs(correlation(), *at(0, 5, 10, 11, 14, 40, 41, 42)) == [(0, 5, 10, 11, 14, 40, 41, 42)]
    assert runs(correlation(), *at(0, 5, 11)) == []
    assert runs(correlation()) == []


@pytest.mark.parametrize(("op", "wanted"), [("gt", 4), ("gte", 3), ("eq", 3), ("lt", 1), ("lte", 1)])
def test_the_threshold_is_compared_as_asked(op: str, wanted: int) -> None:
    counts = [number for number in range(1, 6) if runs(correlation(op=op), *at(*range(number)))]
    assert counts[0] == wanted


def test_one_request_is_one_event_however_many_rules_it_matches() -> None:
    assert runs(correlation(), (0, 0, 1), (0, 1, 1), (1, 0, 2), (1, 1, 2)) == []
    assert runs(correlation(), (0, 0, 1), (0, 1, 1), (1, 0, 2), (2, 2, 3)) == [(0, 0, 1, 2)]


def test_distinct_values_are_counted_within_a_window() -> None:
    wide = correlation(type="value_count")
    assert runs(wide, (0, 0, 1, 7), (1, 0, 2, 7), (2, 0, 3, 8)) == []
    assert runs(wide, (0, 0, 1, 7), (1, 0, 2, 8), (2, 0, 3, 7), (10, 0, 4, 9)) == [(0, 1, 2, 10)]
    assert runs(wide, (0, 0, 1, 7), (1, 0, 2, 8), (12, 0, 3, 9)) == []


def test_all_rules_within_one_window_in_any_order_or_in_theirs() -> None:
    anyhow, ordered = correlation(type="temporal"), correlation(type="temporal_ordered")
    backward = [(0, 2, 1), (3, 1, 2), (6, 0, 3)]
    forward = [(0, 0, 1), (3, 1, 2), (6, 2, 3)]
    assert runs(anyhow, *backward) == runs(anyhow, *forward) == [(0, 3, 6)]
    assert runs(ordered, *forward) == [(0, 3, 6)]
    assert runs(ordered, *backward) == []
    assert runs(ordered, (0, 0, 1), (3, 1, 2), (11, 2, 3)) == []
    assert runs(ordered, (0, 0, 1), (8, 0, 4), (9, 1, 2), (15, 2, 3)) == [(8, 9, 15)]
    assert runs(anyhow, (0, 0, 1), (3, 1, 2)) == []


def test_runs_are_cut_at_hours_and_long_windows_at_days() -> None:
    short, long = correlation(), correlation(timespan=2 * HOUR)
    found = list(find_runs(short, [Match(T0 + HOUR + offset, 0, offset, 0) for offset in (-2, -1, 1, 2)]))
    assert [len(run.matches) for run in found] == [2, 2]
    assert found[1].period == found[0].period + 1 == (T0 + HOUR) // HOUR
    assert (period_of(short), period_of(correlation(timespan=HOUR)), period_of(long)) == (HOUR, HOUR, DAY)
    assert (width_of(short), width_of(correlation(timespan=HOUR // 2)), width_of(long)) == (SHORTEST, HOUR // 2, HOUR)
    spread = [Match(T0 - T0 % DAY + number * HOUR, 0, number, 0) for number in range(4)]
    assert [len(run.matches) for run in find_runs(long, spread)] == [4]


def test_a_match_without_a_time_takes_no_part() -> None:
    assert list(find_runs(correlation(threshold=1), [Match(-1, 0, 1, 0)])) == []


@settings(max_examples=60)
@given(
    st.sampled_from(["event_count", "value_count", "temporal", "temporal_ordered"]),
    st.lists(
        st.builds(Match, st.integers(T0, T0 + 60), st.integers(0, 2), st.integers(0, 30), st.integers(0, 4)),
        max_size=20,
    ),
    st.randoms(),
)
def test_the_order_of_arrival_is_irrelevant(kind: str, matches: list[Match], chance: Any) -> None:
    found = correlation(type=kind)
    wanted = list(find_runs(found, matches))
    assert list(find_runs(found, chance.sample(matches, len(matches)))) == wanted


@settings(max_examples=60)
@given(st.lists(st.integers(0, 80), max_size=20, unique=True))
def test_a_run_holds_exactly_what_lies_in_a_qualifying_window(times: list[int]) -> None:
    ordered = sorted(times)
    inside: set[int] = set()
    for end in ordered:
        window = [time for time in ordered if end - 10 <= time <= end]
        if len(window) >= 3:
            inside |= set(window)
    found: list[Run] = list(find_runs(correlation(), [Match(T0 + time, 0, time, 0) for time in times]))
    assert {match.key for run in found for match in run.matches} == inside


def test_a_count_of_every_rule_waits_for_each_of_them() -> None:
    mixed = correlation(type="value_count", rules=("a", "b"), every=True)
    assert runs(mixed, (0, 0, 1, 7), (1, 0, 2, 8), (2, 0, 3, 9)) == []
    assert runs(mixed, (0, 0, 1, 7), (1, 0, 2, 8), (2, 1, 3, 9)) == [(0, 1, 2)]
    assert runs(mixed, (0, 1, 1, 7), (11, 0, 2, 8), (12, 0, 3, 9), (13, 0, 4, 7)) == []


def test_some_rules_of_several_within_one_window() -> None:
    some = correlation(type="temporal", at_least=2)
    assert runs(some, (0, 0, 1), (3, 0, 2)) == []
    assert runs(some, (0, 0, 1), (11, 1, 2), (40, 2, 3)) == []
    assert runs(some, (0, 0, 1), (20, 1, 2), (30, 2, 3)) == [(20, 30)]


@given(
    st.sampled_from(["event_count", "value_count", "temporal", "temporal_ordered"]),
    st.sampled_from(["gt", "gte", "lt", "eq"]),
    st.integers(0, 4),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2), st.integers(0, 3), st.integers(0, 4)), max_size=12),
)
def test_what_the_quick_look_rules_out_makes_no_run(
    kind: Any, op: Any, threshold: int, told: list[tuple[int, int, int, int]]
) -> None:
    asked = correlation(type=kind, op=op, threshold=threshold)
    matches = [Match(T0 + time, rule, key, value) for time, rule, key, value in told]
    times = sorted(match.time for match in matches)
    counted = len({match.rule for match in matches}), len({match.value for match in matches})
    if not within_reach(asked, times, *counted):
        assert list(find_runs(asked, matches)) == []
