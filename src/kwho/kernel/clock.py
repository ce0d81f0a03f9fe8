"""Times of one API server: the hour of each, the minutes with events, the first and the last."""

from collections.abc import Iterable
from typing import Final

from kwho.schema.moment import HOUR, MINUTE, parse_moment

SECONDS: Final = 100_000
"""Seconds remembered at a time."""


class Clock:
    """Parses each second once; times that are written in another way are parsed one by one."""

    def __init__(self) -> None:
        self.minutes: set[int] = set()
        """Minutes since 1970 with events; those of remembered seconds are there after `close`."""
        self.unknown = 0
        """Events without a believable time."""
        self._seconds: dict[str, int] = {}
        self._moments: list[int] = []
        self._earliest, self._latest = "~", ""

    def hour(self, received: str) -> int:
        """Hours since 1970 of a time of receipt; 0 when it is not believable."""
        hour, digits = self._seconds.get(received[:20]), received[20:26]
        if hour is None or len(received) != 27 or received[26] != "Z" or not (digits.isdigit() and digits.isascii()):
            return self._learn(received)
        self.stretch(received)
        return hour

    def stretch(self, received: str) -> None:
        """Note a time that is written in the usual way, to the microsecond in UTC, for the first and the last."""
        self._earliest = min(self._earliest, received)
        self._latest = max(self._latest, received)

    def cover(self, minutes: Iterable[int], span: tuple[int, int]) -> None:
        """Note events by the minutes they were in, and the first and last moment of all."""
        self.minutes.update(minutes)
        self._moments = [min(*self._moments, *span), max(*self._moments, *span)]

    def close(self) -> tuple[int, int] | None:
        """The first and the last moment, in microseconds since 1970; None when no time was believable."""
        self._forget()
        found = (parse_moment(self._earliest), parse_moment(self._latest))
        moments = [*self._moments, *(moment for moment in found if moment is not None)]
        return (min(moments), max(moments)) if moments else None

    def _learn(self, received: str) -> int:
        moment = parse_moment(received)
        if moment is None:
            self.unknown += 1
            return 0
        hour = moment // HOUR
        if is_usual(received):
            if len(self._seconds) >= SECONDS:
                self._forget()
            self._seconds[received[:20]] = hour
            self.stretch(received)
        else:
            self.minutes.add(moment // MINUTE)
            self._moments = [min([*self._moments, moment]), max([*self._moments, moment])]
        return hour

    def _forget(self) -> None:
        """Turn remembered seconds into minutes."""
        for minute in {second[:16] for second in self._seconds}:
            moment = parse_moment(minute + ":00Z")
            if moment is not None:
                self.minutes.add(moment // MINUTE)
        self._seconds.clear()


def is_usual(received: str) -> bool:
    """True for a time that is written as API servers do, of those that can be believed: texts order them."""
    return received[26:] == "Z" and received[19] == "." and received[10] == "T"
