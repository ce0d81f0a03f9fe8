"""Moments as people write them in a query: a date, a time, or how long ago."""

import re
from typing import Final

from kwho.errors import InvalidQueryError
from kwho.schema.moment import parse_moment

UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}

_AGO: Final = re.compile(r"(\d{1,6})\s*([smhdw])[a-z]*(?:\s+ago)?", re.ASCII)
_LOCAL: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?)?", re.ASCII)


def parse_when(text: str, now: int | None) -> int:
    """Microseconds since 1970 of `2026-01-05`, `2026-01-05T10:00`, RFC 3339, `now`, `2h` or `2h ago`.

    Without a zone the time is UTC. Relative times count from `now` (microseconds). Raises InvalidQueryError.
    """
    exact = parse_moment(text)
    if exact is not None:
        return exact
    written = _LOCAL.fullmatch(text)
    if written is not None:
        day, minute, second = written.groups()
        moment = parse_moment(f"{day}T{minute or '00:00'}{second or ':00'}Z")
        if moment is not None:
            return moment
    ago = _AGO.fullmatch(text)
    if ago is None and text != "now":
        raise InvalidQueryError(f'"{text}" is no time; write 2026-01-05T10:00:00Z, 2026-01-05 or "2h ago"')
    if now is None:
        raise InvalidQueryError(f'"{text}" counts from the present, which is unknown here; write a full time')
    return now if ago is None else now - int(ago[1]) * UNITS[ago[2]] * 1_000_000
