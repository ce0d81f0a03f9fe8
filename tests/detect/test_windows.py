"""Change windows as people write them."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwho.detect.windows import read_window
from kwho.schema.site import Clock, Window

MINUTE = 60_000_000
DAY = 86_400_000_000
MONDAY = 1_767_571_200_000_000  # 2026-01-05


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-01-05", "2026-01-06"),
        ("2026-01-05T00:00:00Z", "2026-01-06T01:00:00+01:00"),
        (date(2026, 1, 5), date(2026, 1, 6)),
        (datetime(2026, 1, 5), datetime(2026, 1, 6, tzinfo=UTC)),
        (datetime(2026, 1, 5, 1, tzinfo=timezone(timedelta(hours=1))), "2026-01-06T00:00:00.000000Z"),
    ],
)
def test_a_window_lies_between_two_moments(start: object, end: object) -> None:
    written = {"from": start, "to": end}
    if isinstance(start, str) and len(start) == 10:
        written = {"from": date.fromisoformat(start), "to": date.fromisoformat(str(end))}
    assert read_window("w", written, Clock()) == (Window("w", MONDAY, MONDAY + DAY), "")


def test_a_weekly_window_is_told_in_minutes_of_the_day_in_order_of_the_week() -> None:
    assert read_window("w", {"days": ["thu", "mon"], "from": "09:05", "to": "9:50"}, Clock()) == (
        Window("w", 545, 590, ("mon", "thu")),
        "",
    )
    assert read_window("w", {"days": ["sun"], "from": 1_200, "to": "24:00"}, Clock()) == (
        Window("w", 1_200, 1_440, ("sun",)),
        "",
    )


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (None, "a window has from: and to:"),
        ([], "a window has from: and to:"),
        ({"from": "x"}, "a window has from: and to:"),
        ({"from": "x", "to": "y", "day": "mon"}, "a window has from: and to:"),
        ({"from": "20:00", "to": "23:00"}, "with days: they are hours"),
        ({"from": 5, "to": 6}, "from and to are times"),
        ({"from": date(2026, 1, 6), "to": date(2026, 1, 6)}, "ends before it starts"),
        ({"days": [], "from": "20:00", "to": "23:00"}, "days: is a list"),
        ({"days": "mon", "from": "20:00", "to": "23:00"}, "days: is a list"),
        ({"days": ["mon", "mon"], "from": "20:00", "to": "23:00"}, "days: is a list"),
        ({"days": ["mon"], "from": "20:00", "to": "20:00"}, "two hours of the day"),
        ({"days": ["mon"], "from": "24:00", "to": "20:00"}, "two hours of the day"),
        ({"days": ["mon"], "from": "20.00", "to": "23:00"}, "two hours of the day"),
        ({"from": "2026-02-30", "to": "2026-03-30"}, "from and to are times"),
        ({"from": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))), "to": "2026-03-30"}, "from and to are times"),
        ({"from": date(1999, 1, 6), "to": date(2026, 1, 6)}, "from and to are times"),
    ],
)
def test_what_is_no_window_is_told(written: object, reason: str) -> None:
    window, told = read_window("w", written, Clock())
    assert window is None
    assert reason in told


SPRING, AUTUMN = 1_774_746_000_000_000, 1_792_890_000_000_000  # 2026-03-29 and 2026-10-25, both at 01:00 UTC
BERLIN = Clock("Berlin", ((0, 60 * MINUTE), (SPRING, 120 * MINUTE), (AUTUMN, 60 * MINUTE)))


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-29T01:59", SPRING - MINUTE),
        ("2026-03-29T02:30:00", SPRING + 30 * MINUTE),  # clocks skip it
        ("2026-03-29T03:00", SPRING),
        ("2026-10-25T02:30", AUTUMN - 30 * MINUTE),  # clocks show it twice
        ("2026-10-25 03:00", AUTUMN + 60 * MINUTE),
        (date(2026, 7, 1), 1_782_856_800_000_000),  # 2026-06-30T22:00Z
        ("2026-03-29T01:30:00+01:00", SPRING - 30 * MINUTE),
        (datetime(2026, 3, 29, 1, tzinfo=UTC), SPRING),
    ],
)
def test_a_time_without_a_zone_is_what_clocks_of_the_site_show(written: object, moment: int) -> None:
    window, _ = read_window("w", {"from": written, "to": "2027-01-01"}, BERLIN)
    assert window is not None
    assert (window.start, window.end) == (moment, 1_798_758_000_000_000)


def test_a_weekly_window_goes_by_the_clock_of_the_site() -> None:
    window, _ = read_window("w", {"days": ["mon"], "from": "20:00", "to": "22:00", "timezone": "Berlin"}, BERLIN)
    assert window == Window("w", 1_200, 1_320, ("mon",), BERLIN)


@given(
    st.dictionaries(st.sampled_from(["from", "to", "days"]), st.one_of(st.none(), st.integers(), st.text(), st.dates()))
)
def test_anything_is_a_window_or_a_reason(written: dict[str, object]) -> None:
    window, reason = read_window("w", written, Clock())
    assert (window is None) is bool(reason)
