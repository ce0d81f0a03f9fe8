"""What is new in a log that is all there is to know."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kwho.detect.correlate import DAY
from kwho.detect.novelty import Shown, days_of, striking
from kwho.detect.rule import Correlation

D0 = 20_000
EVERY_DAY = Shown(range(D0, D0 + 40))


def correlation(**members: Any) -> Correlation:
    usual: dict[str, Any] = {"id": "c", "title": "C", "level": "low", "type": "new_value", "rules": ("a",)}
    return Correlation(**usual | {"timespan": 7 * DAY, "combination": ("userAgent",)} | members)


def told(found: Correlation, shown: Shown = EVERY_DAY, **values: Any) -> list[tuple[str, int]]:
    """Value and day, counted from the first, of each value that strikes; `values` are days by value."""
    times = {name: [int((D0 + day) * DAY) for day in days] for name, days in values.items()}
    return [(value, day - D0) for _, value, day in striking(found, {"one": times}, shown)]


def test_a_value_is_new_once_and_only_after_the_learning_period() -> None:
    assert told(correlation(), a=[0, 1, 9], b=[6.9], c=[7, 8], d=[20, 9]) == [("c", 7), ("d", 9)]


def test_a_log_of_few_days_teaches_nothing_however_far_apart_they_lie() -> None:
    outlier = Shown([D0 - 4_000, D0, D0 + 1])
    assert told(correlation(), outlier, a=[-4_000], b=[1]) == []
    assert told(correlation(timespan=DAY), outlier, b=[1]) == [("b", 1)]


def test_what_is_grouped_by_is_learnt_from_its_own_beginning() -> None:
    grouped = correlation(group_by=("user.username",))
    assert told(grouped, a=[10], b=[12]) == []
    assert told(grouped, a=[10], b=[17.5]) == [("b", 17)]
    assert told(correlation(), Shown(range(D0, D0 + 40), alone=False), a=[10], b=[12], c=[17]) == [("c", 17)]


def test_a_value_comes_back_after_its_absence() -> None:
    back = correlation(type="returning_value", timespan=10 * DAY)
    assert told(back, a=[0, 9, 19, 20, 35], b=[12]) == [("a", 19), ("a", 35)]


def test_parts_of_a_day_count_as_a_day() -> None:
    assert [days_of(correlation(timespan=span)) for span in (1, DAY, DAY + 1)] == [1, 1, 2]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 39 * 24)), max_size=60), st.randoms())
def test_the_order_of_matches_does_not_matter(seen: list[tuple[str, int]], chance: Any) -> None:
    shuffled = list(seen)
    chance.shuffle(shuffled)
    answers = []
    for order in (seen, shuffled):
        values: dict[str, Any] = {name: [] for name in "abc"}
        for name, hour in order:
            values[name].append(hour / 24)
        answers.append([told(correlation(**kind), **values) for kind in ({}, {"type": "returning_value"})])
    assert answers[0] == answers[1]
