"""Change windows as people write them: from one moment to another, or some hours on days of the week, by a clock."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from kwho.schema.moment import EARLIEST, LATEST, parse_moment
from kwho.schema.site import Clock, Day, Window

_DAYS: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LOCAL: Final = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d{6})?)?)?", re.ASCII)
_CLOCK: Final = re.compile(r"(\d\d?):(\d\d)", re.ASCII)
_KEYS: Final = ("from", "to", "days", "timezone")
_EPOCH: Final = datetime(1970, 1, 1)
_MIDNIGHT: Final = 24 * 60


def read_window(name: str, raw: Any, clock: Clock) -> tuple[Window | None, str]:
    """A window, or the reason why it is none; hours, and times without a zone of their own, are those of the clock."""
    if not isinstance(raw, dict) or set(raw) - set(_KEYS) or not {"from", "to"} <= set(raw):
        return None, "a window has from: and to:, days: when it comes back every week, and timezone:"
    if "days" in raw:
        return _weekly(name, raw, clock)
    start, end = _moment(raw["from"], clock), _moment(raw["to"], clock)
    if start is None or end is None:
        return None, "from and to are times such as 2026-01-05T20:00:00Z; with days: they are hours such as 20:00"
    if end <= start:
        return None, "the window ends before it starts"
    return Window(name, start, end, clock=clock), ""


def _weekly(name: str, raw: dict[str, Any], clock: Clock) -> tuple[Window | None, str]:
    days = [day for day in _DAYS if isinstance(raw["days"], list) and day in raw["days"]]
    if not days or len(days) != len(raw["days"]):
        return None, f"days: is a list of {', '.join(_DAYS)}"
    start, end = _minutes(raw["from"]), _minutes(raw["to"])
    if start is None or end is None or start in (end, _MIDNIGHT):
        return None, 'from and to are two hours of the day, such as "20:00" and "23:30"'
    return Window(name, start, end, tuple(days), clock), ""


def _moment(written: object, clock: Clock) -> int | None:
    """Microseconds since 1970; None for what is no time, or none that an event can have."""
    if isinstance(written, str) and not _LOCAL.fullmatch(written):
        return parse_moment(written)
    try:
        shown = datetime.fromisoformat(written) if isinstance(written, str) else written
        if isinstance(shown, datetime) and shown.tzinfo is not None:
            return parse_moment(shown.astimezone(UTC).isoformat())
    except (ValueError, OverflowError):  # no day of the calendar, or before or after all of them
        return None
    if not isinstance(shown, date):
        return None
    local = shown if isinstance(shown, datetime) else datetime(shown.year, shown.month, shown.day)
    moment = clock.moment((local - _EPOCH) // timedelta(microseconds=1))
    return moment if EARLIEST <= moment < LATEST else None


def _minutes(written: object) -> int | None:
    """Minutes since midnight; YAML reads 20:00 without quotes as the number 1200, which are the same."""
    if isinstance(written, int):
        return written if 0 <= written <= _MIDNIGHT else None
    clock = _CLOCK.fullmatch(str(written))
    if clock is None or int(clock[2]) > 59:
        return None
    minutes = 60 * int(clock[1]) + int(clock[2])
    return minutes if minutes <= _MIDNIGHT else None
