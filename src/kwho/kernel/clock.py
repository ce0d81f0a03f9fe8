"""Times of one API server: the minutes with events, the first and the last."""

from collections.abc import Iterable

from kwho.kernel.journal import UNKNOWN_TIME
from kwho.schema.moment import LATEST, MINUTE, parse_moment


class Clock:
    """Reads times of receipt, and remembers what they cover."""

    def __init__(self) -> None:
        self.minutes: set[int] = set()
        """Minutes since 1970 with events."""
        self.unknown = 0
        """Events without a believable time."""
        self._first, self._last = LATEST, 0

    def read(self, received: str | None) -> int:
        """Microseconds since 1970 of a time of receipt; `UNKNOWN_TIME` when it is not believable."""
        moment = parse_moment(received)
        if moment is None:
            self.unknown += 1
            return UNKNOWN_TIME
        self.minutes.add(moment // MINUTE)
        self._first, self._last = min(self._first, moment), max(self._last, moment)
        return moment

    def cover(self, minutes: Iterable[int], first: int, last: int) -> None:
        """Note events by the minutes they were in, and the first and last moment of all."""
        self.minutes.update(minutes)
        self._first, self._last = min(self._first, first), max(self._last, last)

    @property
    def span(self) -> tuple[int, int] | None:
        """The first and the last moment, in microseconds since 1970; None when no time was believable."""
        return (self._first, self._last) if self.minutes else None
