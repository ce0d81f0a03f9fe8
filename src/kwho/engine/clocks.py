"""Clocks of the world: the time zones that this machine knows, as data that means the same on every other."""

import difflib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from kwho.schema.moment import EARLIEST, LATEST, MINUTE
from kwho.schema.site import Clock

UNIVERSAL: Final = ("UTC", "Etc/UTC")
"""Names that need no database."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY: Final = 24 * 60 * MINUTE


def clock_of(name: str) -> Clock:
    """The clock of an IANA time zone, over all times that an event can have.

    Raises ValueError when the database of this machine has no such zone, or when there is none.
    """
    if name in UNIVERSAL:
        return Clock()
    try:
        zone = ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not known, no possible name, or a folder of the database
        raise ValueError(_unknown(name)) from None
    return Clock(name, tuple(_shifts(zone)))


def _unknown(name: str) -> str:
    known = available_timezones()
    if not known:
        return f'this machine has no database of time zones, so "{name}" is unknown: pip install tzdata, or write UTC'
    close = difflib.get_close_matches(name, sorted(known), 1)
    meant = f'did you mean "{close[0]}"?' if close else "write it as Europe/Berlin"
    return f'no time zone "{name}"; {meant}'


def _shifts(zone: tzinfo) -> Iterator[tuple[int, int]]:
    """From when on the zone is how far ahead; looked at day by day, and between two days that differ at each minute."""
    held = _ahead(zone, EARLIEST)
    yield EARLIEST, held
    for day in range(EARLIEST, LATEST, _DAY):
        ahead = _ahead(zone, day + _DAY)
        if ahead != held:
            yield _turn(zone, day, held), ahead
            held = ahead


def _turn(zone: tzinfo, day: int, held: int) -> int:
    """The first minute after the start of a day in which the zone is no longer `held` ahead."""
    low, high = day // MINUTE, (day + _DAY) // MINUTE
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _ahead(zone, middle * MINUTE) == held else (low, middle)
    return high * MINUTE


def _ahead(zone: tzinfo, moment: int) -> int:
    offset = (_EPOCH + timedelta(microseconds=moment)).astimezone(zone).utcoffset()
    return (offset or timedelta(0)) // _MICROSECOND
