"""Change windows as people write them: from one moment to another, or some hours on days of the week, in UTC."""

import re
from datetime import UTC, date, datetime
from typing import Any, Final

from kwho.schema.moment import parse_moment
from kwho.schema.site import Day, Window

_DAYS: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK: Final = re.compile(r"(\d\d?):(\d\d)", re.ASCII)
_KEYS: Final = ("from", "to", "days")
_MIDNIGHT: Final = 24 * 60


def read_window(name: str, raw: Any) -> tuple[Window | None, str]:
    """A window, or the reason why it is none."""
    if not isinstance(raw, dict) or set(raw) - set(_KEYS) or not {"from", "to"} <= set(raw):
        return None, "a window has from: and to:, and days: when it comes back every week"
    if "days" in raw:
        return _weekly(name, raw)
    start, end = _moment(raw["from"]), _moment(raw["to"])
    if start is None or end is None:
        return None, "from and to are times such as 2026-01-05T20:00:00Z; with days: they are hours such as 20:00"
    if end <= start:
        return None, "the window ends before it starts"
    return Window(name, start, end), ""


def _weekly(name: str, raw: dict[str, Any]) -> tuple[Window | None, str]:
    days = [day for day in _DAYS if isinstance(raw["days"], list) and day in raw["days"]]
    if not days or len(days) != len(raw["days"]):
        return None, f"days: is a list of {', '.join(_DAYS)}"
    start, end = _minutes(raw["from"]), _minutes(raw["to"])
    if start is None or end is None or start in (end, _MIDNIGHT):
        return None, 'from and to are two hours of the day in UTC, such as "20:00" and "23:30"'
    return Window(name, start, end, tuple(days)), ""


def _moment(written: object) -> int | None:
    if isinstance(written, datetime):
        aware = written if written.tzinfo else written.replace(tzinfo=UTC)
        return parse_moment(aware.astimezone(UTC).isoformat())
    return parse_moment(f"{written}T00:00:00Z" if isinstance(written, date) else str(written))


def _minutes(written: object) -> int | None:
    """Minutes since midnight; YAML reads 20:00 without quotes as the number 1200, which are the same."""
    if isinstance(written, int):
        return written if 0 <= written <= _MIDNIGHT else None
    clock = _CLOCK.fullmatch(str(written))
    if clock is None or int(clock[2]) > 59:
        return None
    minutes = 60 * int(clock[1]) + int(clock[2])
    return minutes if minutes <= _MIDNIGHT else None
