"""How long a request took, and what the server says about the event."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwho.schema.event import Event
from kwho.schema.moment import EARLIEST, HOUR, MINUTE, format_moment
from kwho.schema.record import Context
from kwho.schema.site import Clock, Site
from kwho.views import Look, timing
from kwho.views.site import Surroundings

RECEIVED = "2026-01-05T10:00:00.000001Z"
DONE = "2026-01-05T10:00:01.500002Z"


def test_duration_is_in_microseconds(look_at: Any) -> None:
    look = look_at(stage="ResponseComplete", requestReceivedTimestamp=RECEIVED, stageTimestamp=DONE)
    assert timing.duration(look) == 1_500_001


def test_a_clock_that_went_back_gives_a_negative_duration(look_at: Any) -> None:
    look = look_at(stage="ResponseComplete", requestReceivedTimestamp=DONE, stageTimestamp=RECEIVED)
    assert timing.duration(look) == -1_500_001


@pytest.mark.parametrize(
    ("stage", "received", "done"),
    [("ResponseStarted", RECEIVED, DONE), ("ResponseComplete", None, DONE), ("ResponseComplete", RECEIVED, "soon")],
)
def test_without_an_end_and_two_times_there_is_no_duration(look_at: Any, stage: str, received: Any, done: Any) -> None:
    assert timing.duration(look_at(stage=stage, requestReceivedTimestamp=received, stageTimestamp=done)) is None


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("True", False), ("", False)])
def test_only_the_servers_own_word_counts(look_at: Any, value: str, expected: bool) -> None:
    assert timing.deprecated(look_at(annotations={timing.DEPRECATED: value})) is expected
    assert timing.truncated(look_at(annotations={timing.TRUNCATED: value})) is expected


def test_without_annotations_nothing_is_deprecated_or_truncated(look_at: Any) -> None:
    assert timing.deprecated(look_at()) is False
    assert timing.truncated(look_at()) is False


@pytest.mark.parametrize(
    ("received", "quarter", "weekend"),
    [
        ("2026-01-05T00:00:00.000000Z", "00-06", False),
        ("2026-01-05T05:59:59.999999Z", "00-06", False),
        ("2026-01-09T23:59:59.999999Z", "18-24", False),
        ("2026-01-10T12:00:00.000000Z", "12-18", True),
        ("2026-01-11T23:00:00.000000-01:00", "00-06", False),
        ("2026-01-11T11:00:00.000000Z", "06-12", True),
        ("soon", None, None),
    ],
)
def test_the_quarter_and_the_weekend_are_those_of_utc_without_a_site(
    look_at: Any, received: str, quarter: Any, weekend: Any
) -> None:
    look = look_at(requestReceivedTimestamp=received)
    assert (timing.quarter(look), timing.weekend(look)) == (quarter, weekend)


@pytest.mark.parametrize(
    ("received", "quarter", "weekend"),
    [
        ("2026-03-28T22:59:59.999999Z", "18-24", True),  # a Saturday, an hour ahead
        ("2026-03-29T04:30:00.000000Z", "06-12", True),  # a Sunday, two hours ahead
        ("2026-03-29T22:00:00.000000Z", "00-06", False),
        ("2026-03-27T23:00:00.000000Z", "00-06", True),
        ("soon", None, None),
    ],
)
def test_the_quarter_and_the_weekend_go_by_the_clock_of_the_site(received: str, quarter: Any, weekend: Any) -> None:
    turn = 1_774_746_000_000_000  # 2026-03-29T01:00Z
    site = Surroundings(Site(clock=Clock("Berlin", ((0, HOUR), (turn, 2 * HOUR)))))
    look = Look(Event(requestReceivedTimestamp=received), Context("native"), site)
    assert (timing.quarter(look), timing.weekend(look)) == (quarter, weekend)


@given(
    shifts=st.dictionaries(st.integers(0, 3_000), st.integers(-840, 840), max_size=4),
    at=st.integers(0, 3_000 * MINUTE),
)
def test_a_steady_stretch_is_as_long_as_the_quarter_and_the_weekend_stay_what_they_are(
    shifts: dict[int, int], at: int
) -> None:
    clock = Clock(
        "Anywhere", tuple(sorted((EARLIEST + since * MINUTE, ahead * MINUTE) for since, ahead in shifts.items()))
    )
    site = Surroundings(Site(clock=clock))

    def shown(moment: int) -> tuple[str | None, bool | None]:
        look = Look(Event(requestReceivedTimestamp=format_moment(moment)), Context("native"), site)
        return timing.quarter(look), timing.weekend(look)

    begin, end = timing.steady(EARLIEST + at, clock)
    assert begin <= EARLIEST + at < end <= begin + 6 * HOUR
    inside = {shown(moment) for moment in range(max(begin, EARLIEST), end, MINUTE)}
    assert inside == {shown(EARLIEST + at)}


def test_without_a_shift_a_steady_stretch_is_a_quarter_of_a_day() -> None:
    begin = EARLIEST + 6 * HOUR
    assert timing.steady(begin + 1, Clock()) == timing.steady(begin, Clock()) == (begin, begin + 6 * HOUR)
    assert timing.steady(begin - 1, Clock("Everywhere", ((EARLIEST, HOUR),))) == (begin - HOUR, begin + 5 * HOUR)
