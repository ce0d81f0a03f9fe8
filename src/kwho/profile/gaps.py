"""Silences: minutes without any event of an API server that otherwise speaks all the time."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from statistics import median_low
from typing import Final, NamedTuple

SILENCE: Final = 5
"""Minutes of silence that make a gap."""
STEADY: Final = 0.5
"""An instance is steady when more than this share of the minutes between its first and last event has events."""
LEAST: Final = 10
"""Minutes with events below which nothing is said about an instance."""


class Silence(NamedTuple):
    """No event of `instance` in the minutes from `first` to `last` (inclusive, counted from 1970)."""

    instance: str | None
    first: int
    last: int


def find_silences(minutes: dict[str | None, set[int]]) -> Iterator[Silence]:
    """The gaps of every steady instance, those before its first and after its last event included.

    `minutes` are the minutes with events by instance. The ends are judged against the instances that spoke at the same
    time for at least `LEAST` minutes: one that stops while those go on has fallen silent, while one day's file that
    ends where the next begins has not.
    """
    for instance in sorted(minutes, key=lambda name: (name is None, name or "")):
        spoken = minutes[instance]
        if len(spoken) < LEAST or not is_steady(ordered := sorted(spoken)):
            continue
        beside = [other for other in minutes.values() if len(other & spoken) >= LEAST]
        start, end = min(map(min, beside)), max(map(max, beside))
        yield from _silences(instance, [start - 1, *ordered, end + 1])


def is_steady(spoken: list[int]) -> bool:
    """True when the typical step between minutes with events is one minute, and gaps are the exception."""
    steps = [after - before for before, after in pairwise(spoken)]
    longest = max(steps, default=0)
    return median_low(steps or [0]) <= 1 and len(spoken) > STEADY * (spoken[-1] - spoken[0] + 1 - longest)


def _silences(instance: str | None, spoken: Iterable[int]) -> Iterator[Silence]:
    previous: int | None = None
    for minute in spoken:
        if previous is not None and minute - previous > SILENCE:
            yield Silence(instance, previous + 1, minute - 1)
        previous = minute
