"""Time of an event: microseconds since 1970 in UTC, parsed strictly, because time strings are hostile input."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

EARLIEST: Final = 1_388_534_400_000_000  # 2014-01-01, the year of the first Kubernetes release
LATEST: Final = 4_102_444_800_000_000  # 2100-01-01
HOUR: Final = 3_600_000_000
MINUTE: Final = 60_000_000

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_RFC3339: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]| ?UTC|([+-])(\d\d):(\d\d))", re.ASCII
)


def parse_moment(text: str | None) -> int | None:
    """Microseconds since 1970 of an RFC 3339 time; None when it is absent, unparsable, before 2014 or from 2100 on."""
    match = _RFC3339.fullmatch(text) if text else None
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction, sign, off_hours, off_minutes = match.groups()[6:]
    offset = timedelta(hours=int(off_hours or 0), minutes=int(off_minutes or 0))
    try:
        zone = timezone(-offset if sign == "-" else offset)
        whole = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    moment = (whole - _EPOCH) // timedelta(microseconds=1) + int(((fraction or "") + "000000")[:6])
    return moment if EARLIEST <= moment < LATEST else None


def format_moment(moment: int) -> str:
    """RFC 3339 in UTC with six fractional digits, as the API server writes it."""
    whole = _EPOCH + timedelta(microseconds=moment)
    return whole.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment % 1_000_000:06d}Z"
