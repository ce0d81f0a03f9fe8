"""Time of an event: microseconds since 1970 in UTC, parsed strictly, because time strings are hostile input."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

EARLIEST: Final = 1_388_534_400_000_000  # 2014-01-01, the year of the first Kubernetes release
LATEST: Final = 4_102_444_800_000_000  # 2100-01-01
HOUR: Final = 3_600_000_000
MINUTE: Final = 60_000_000

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_RFC3339: Final = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]| ?UTC|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
)

_MINUTE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)", re.ASCII)


def parse_moment(text: str | None) -> int | None:
    """Microseconds since 1970 of an RFC 3339 time; None when it is absent, unparsable, before 2014 or from 2100 on."""
    if not text:
        return None
    usual = text[17:19] + text[20:26] if len(text) == 27 and text[16] == ":" and text[19] == "." else ""
    if len(usual) == 8 and text[26] == "Z" and usual.isdigit() and usual.isascii():
        minute, second, fraction, zone = text[:16], usual[:2], usual[2:], "Z"
    else:
        match = _RFC3339.fullmatch(text)
        if match is None:
            return None
        minute, second, fraction, zone = match.groups()
    start = _minute(minute)
    if start is None or second > "59":
        return None
    moment = start + int(second) * 1_000_000 + int(((fraction or "") + "000000")[:6]) - _offset(zone)
    return moment if EARLIEST <= moment < LATEST else None


@lru_cache(maxsize=4_096)
def _minute(text: str) -> int | None:
    """Microseconds of `2026-01-05T10:00` in UTC; None for anything else."""
    match = _MINUTE.fullmatch(text)
    try:
        whole = datetime(*(int(part) for part in match.groups()), tzinfo=UTC) if match else None  # type: ignore[arg-type,misc]  # five numbers
    except ValueError:
        return None
    return None if whole is None else (whole - _EPOCH) // timedelta(microseconds=1)


def _offset(zone: str) -> int:
    """Microseconds by which a zone such as `+01:00` is ahead of UTC."""
    if zone[0] not in "+-":
        return 0
    minutes = 60 * int(zone[1:3]) + int(zone[4:6])
    return (-minutes if zone[0] == "-" else minutes) * MINUTE


def format_moment(moment: int) -> str:
    """RFC 3339 in UTC with six fractional digits, as the API server writes it."""
    minute, rest = divmod(moment, MINUTE)
    return f"{_written(minute)}:{rest // 1_000_000:02d}.{rest % 1_000_000:06d}Z"


@lru_cache(maxsize=4_096)
def _written(minute: int) -> str:
    """`2026-01-05T10:00` of a number of minutes since 1970."""
    return (_EPOCH + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M")
