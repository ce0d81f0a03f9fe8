"""Activity over time in a bounded number of equal steps, as the screen and the charts draw it."""

from typing import Final

import msgspec

from kwho.schema.moment import HOUR, format_moment, parse_moment
from kwho.schema.result import Activity

OUTCOMES: Final = ("success", "refused", "failed", "other")
"""The four outcomes of the histogram, in the order they are stacked."""


class Bin(msgspec.Struct, frozen=True):
    """Events of some whole hours that begin at `start` (RFC 3339, UTC), by outcome in the order of `OUTCOMES`."""

    start: str
    hours: int
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """Events of every outcome."""
        return sum(self.counts)


def bins(activity: tuple[Activity, ...], most: int) -> tuple[Bin, ...]:
    """At most `most` bins of equal length from the first to the last hour; hours without events count zero."""
    hours = [(at // HOUR, entry.outcomes) for entry in activity if (at := _hour(entry.hour)) is not None]
    if not hours:
        return ()
    first, last = min(at for at, _ in hours), max(at for at, _ in hours)
    step = -(-(last - first + 1) // most)
    counts = [[0] * len(OUTCOMES) for _ in range((last - first) // step + 1)]
    for at, outcomes in hours:
        row = counts[(at - first) // step]
        for outcome, events in outcomes.items():
            row[OUTCOMES.index(outcome) if outcome in OUTCOMES else -1] += events
    return tuple(
        Bin(start=format_moment((first + at * step) * HOUR), hours=step, counts=tuple(row))
        for at, row in enumerate(counts)
    )


def _hour(text: str) -> int | None:
    return parse_moment(f"{text[:13]}:00:00Z")
