"""Clocks tell the moment of each time, the minutes with events, and the span, however times are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwho.kernel.clock import Clock
from kwho.kernel.journal import UNKNOWN_TIME
from kwho.schema.moment import MINUTE, parse_moment

USUAL = "2026-01-05T10:00:01.000002Z"


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2013-12-31T23:59:59.999999Z", "2100-01-01T00:00:00.000000Z", USUAL[:20] + "0000x2Z"]
)
def test_a_time_that_is_not_believable_counts_as_unknown_and_stretches_nothing(text: str) -> None:
    clock = Clock()
    clock.read(USUAL)
    assert clock.read(text) == UNKNOWN_TIME
    assert clock.unknown == 1
    assert clock.span == (parse_moment(USUAL), parse_moment(USUAL))


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
        assert clock.read(text + written) == moments[-1]
    assert clock.span == (min(moments), max(moments))
    assert clock.minutes == {moment // MINUTE for moment in moments}


def test_moments_that_were_read_elsewhere_are_covered_as_well() -> None:
    assert Clock().span is None
    clock = Clock()
    moment = clock.read(USUAL)
    clock.cover([moment // MINUTE + 2], moment + 2 * MINUTE, moment + 2 * MINUTE)
    assert clock.span == (moment, moment + 2 * MINUTE)
    assert clock.minutes == {moment // MINUTE, moment // MINUTE + 2}
