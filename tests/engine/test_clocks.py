"""The time zones of this machine, as data."""

import zoneinfo
from datetime import datetime
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwho.engine import clocks
from kwho.engine.clocks import clock_of
from kwho.schema.moment import EARLIEST, LATEST, MINUTE
from kwho.schema.site import Clock

kept = cache(clock_of)
HOUR = 60 * MINUTE
SPRING, AUTUMN = 1_774_746_000_000_000, 1_792_890_000_000_000  # 2026-03-29 and 2026-10-25, both at 01:00 UTC

known = pytest.mark.skipif(not zoneinfo.available_timezones(), reason="this machine has no database of time zones")


def test_universal_time_needs_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "ZoneInfo", None)
    assert clock_of("UTC") == clock_of("Etc/UTC") == Clock()


@known
def test_clocks_are_turned_when_the_zone_says_so() -> None:
    clock = clock_of("Europe/Berlin")
    assert clock.name == "Europe/Berlin"
    assert (SPRING, 2 * HOUR) in clock.shifts
    assert (AUTUMN, HOUR) in clock.shifts
    assert len(clock.shifts) > 2 * (2037 - 2014)
    assert [clock.ahead(SPRING + distance) for distance in (-1, 0)] == [HOUR, 2 * HOUR]
    assert len(clock_of("Asia/Tokyo").shifts) == 1


@known
@given(
    name=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]),
    moment=st.integers(EARLIEST, LATEST - 1),
)
def test_a_clock_shows_what_the_zone_shows(name: str, moment: int) -> None:
    clock = kept(name)
    shown = datetime.fromtimestamp(moment // 1_000_000, zoneinfo.ZoneInfo(name)).utcoffset()
    assert shown is not None
    assert clock.ahead(moment // 1_000_000 * 1_000_000) == shown.total_seconds() * 1_000_000
    assert clock.ahead(clock.moment(moment + clock.ahead(moment))) - clock.ahead(moment) in (0, HOUR, HOUR // 2)


@known
@pytest.mark.parametrize("name", ["Europe/Berln", "Europe", "", "../UTC", "/etc/passwd", "a\0b", "x" * 5_000, "\udc80"])
def test_what_is_no_zone_is_told(name: str) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        clock_of(name)


@known
def test_a_mistyped_zone_gets_a_suggestion() -> None:
    with pytest.raises(ValueError, match=r'did you mean "Europe/Berlin"\?'):
        clock_of("Europe/Berln")


def test_a_machine_without_a_database_is_told_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "available_timezones", set)
    with pytest.raises(ValueError, match=r"no database of time zones, .*: pip install tzdata"):
        clock_of("Europe/Nowhere")
