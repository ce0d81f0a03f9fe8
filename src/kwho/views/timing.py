"""How long a request took, and what the server says about the event itself."""

from bisect import bisect_right
from operator import itemgetter
from typing import Final

from kwho.schema.moment import HOUR, parse_moment
from kwho.schema.site import Clock
from kwho.views import Look

DEPRECATED: Final = "k8s.io/deprecated"
TRUNCATED: Final = "audit.k8s.io/truncated"
QUARTERS: Final = ("00-06", "06-12", "12-18", "18-24")

_DAY: Final = 24 * HOUR
_SATURDAY: Final = 2  # days after Thursday, which 1970-01-01 was
_WEEK: Final = 7


def duration(look: Look) -> int | None:
    """Microseconds between receipt and the end of the response; None at other stages and without two sound times."""
    event = look.event
    if event.stage != "ResponseComplete":
        return None
    received, completed = parse_moment(event.requestReceivedTimestamp), parse_moment(event.stageTimestamp)
    return None if received is None or completed is None else completed - received


def quarter(look: Look) -> str | None:
    """The quarter of the day at which the request was received, by the clock of the site; None without a sound time."""
    shown = _shown(look)
    return None if shown is None else QUARTERS[shown % _DAY * len(QUARTERS) // _DAY]


def weekend(look: Look) -> bool | None:
    """True when the request was received on a weekend, by the clock of the site; None without a sound time."""
    shown = _shown(look)
    return None if shown is None else shown // _DAY % _WEEK in (_SATURDAY, _SATURDAY + 1)


def steady(time: int, clock: Clock) -> tuple[int, int]:
    """The stretch of time about a moment, from when until when, in which `quarter` and `weekend` tell the same."""
    ahead, length = clock.ahead(time), _DAY // len(QUARTERS)
    begin = (time + ahead) // length * length - ahead
    at = bisect_right(clock.shifts, time, 1, key=itemgetter(0))
    earlier, later = clock.shifts[max(at - 1, 1) : at], clock.shifts[at : at + 1]
    return max([begin, *(turn for turn, _ in earlier)]), min([begin + length, *(turn for turn, _ in later)])


def deprecated(look: Look) -> bool:
    """True when the request used an API version that is deprecated."""
    return (look.event.annotations or {}).get(DEPRECATED) == "true"


def truncated(look: Look) -> bool:
    """True when the server dropped the bodies because the event was too large."""
    return (look.event.annotations or {}).get(TRUNCATED) == "true"


def _shown(look: Look) -> int | None:
    """What clocks of the site showed at the receipt, in microseconds; those of UTC without a site."""
    received = parse_moment(look.event.requestReceivedTimestamp)
    return received if received is None or look.site is None else received + look.site.site.clock.ahead(received)
