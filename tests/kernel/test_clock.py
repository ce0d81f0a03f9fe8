"""Clocks tell the hour of each time, the minutes with events, and the span, however times are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwho.kernel import clock as module
from kwho.kernel.clock import Clock
from kwho.schema.moment import HOUR, MINUTE, parse_moment

USUAL = "2026-01-05T10:00:01.000002Z"


def test_times_of_one_second_share_their_hour_and_minute() -> None:
    clock = Clock()
    moment = parse_moment(USUAL)
    assert moment is not None
    assert {clock.hour(USUAL[:20] + f"{part:06d}Z") for part in (2, 999_999, 1)} == {moment // HOUR}
    assert clock.close() == (moment - 1, moment - 2 + 999_999)
    assert clock.minutes == {moment // MINUTE}


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2013-12-31T23:59:59.999999Z", "2100-01-01T00:00:00.000000Z", USUAL[:20] + "0000x2Z"]
)
def test_a_time_that_is_not_believable_counts_as_unknown_and_stretches_nothing(text: str) -> None:
    clock = Clock()
    clock.hour(USUAL)
    assert clock.hour(text) == 0
    assert clock.unknown == 1
    assert clock.close() == (parse_moment(USUAL), parse_moment(USUAL))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3 * 3_600 * 1_000_000)), min_size=1, max_size=30))
def test_however_times_are_written_and_ordered_the_clock_tells_the_same(times: list[tuple[int, int]]) -> None:
    clock = Clock()
    start = parse_moment("2026-01-05T00:00:00.000000Z")
    assert start is not None
    moments = []
    for form, after in times:
        second, fraction = divmod(after, 1_000_000)
        text = f"2026-01-05T{second // 3_600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        written = (f".{fraction:06d}Z", f".{fraction:06d}+00:00", "Z", f".{fraction:06d}00Z")[form]
        moments.append(start + second * 1_000_000 + (0 if form == 2 else fraction))
        assert clock.hour(text + written) == moments[-1] // HOUR
    assert clock.close() == (min(moments), max(moments))
    assert clock.minutes == {moment // MINUTE for moment in moments}


def test_the_minutes_of_forgotten_seconds_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 2)
    clock = Clock()
    for minute in range(9):
        clock.hour(f"2026-01-05T10:{minute:02d}:00.000000Z")
    clock.close()
    assert len(clock.minutes) == 9
