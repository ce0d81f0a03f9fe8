from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.reports.activity import bins
from kwho.schema.moment import HOUR, format_moment
from kwho.schema.result import Activity

BASE = 490_000


def hour(number: int) -> str:
    return format_moment((BASE + number) * HOUR)


def test_hours_without_events_are_bins_of_zero() -> None:
    found = bins((Activity(hour(0), {"success": 3}), Activity(hour(2), {"refused": 1})), 10)
    assert [step.total for step in found] == [3, 0, 1]
    assert [step.start for step in found] == [hour(0), hour(1), hour(2)]


def test_many_hours_share_a_bin() -> None:
    found = bins(tuple(Activity(hour(n), {"success": 1}) for n in range(100)), 10)
    assert len(found) == 10
    assert {step.hours for step in found} == {10}


def test_nothing_gives_no_bins_and_no_time_no_bin() -> None:
    assert bins((), 10) == ()
    assert bins((Activity("no time", {"success": 1}),), 10) == ()


def test_an_unknown_outcome_counts_as_other() -> None:
    assert bins((Activity(hour(0), {"surprise": 2}),), 5)[0].counts == (0, 0, 0, 2)


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 9)), min_size=1, max_size=30), st.integers(1, 40))
@settings(max_examples=60)
def test_no_event_is_lost_and_the_bound_holds(hours: list[tuple[int, int]], most: int) -> None:
    found = bins(tuple(Activity(hour(at), {"failed": events}) for at, events in hours), most)
    assert len(found) <= most
    assert sum(step.total for step in found) == sum(events for _, events in hours)
