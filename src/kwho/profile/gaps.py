"""Silences: minutes without any event of an API server that otherwise speaks all the time."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median_low
from typing import Final, NamedTuple

import msgspec

from kwho.schema.ledger import Gap

SILENCE: Final = 5
"""Minutes of silence that make a gap."""
STEADY: Final = 0.5
"""An instance is steady when more than this share of the minutes between its first and last event has events."""
LEAST: Final = 10
"""Minutes with events below which nothing is said about an instance."""
TOGETHER: Final = 150
"""Minutes from which on files that speak together are of several servers.

What was received before a log was cut is written behind the cut once it is answered. API servers end their watches
within the hour; a few requests last longer.
"""


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


def spoken(instance: str | None, unnamed: Collection[str | None]) -> str | None:
    """What to call an API server in words; one of the `unnamed`, which files tell, has a name if they tell several."""
    return None if len(unnamed) == 1 and instance in unnamed else instance


def in_words(gaps: Iterable[Gap], unnamed: Collection[str | None]) -> tuple[Gap, ...]:
    """The gaps, with their servers as `spoken` calls them."""
    return tuple(msgspec.structs.replace(gap, instance=spoken(gap.instance, unnamed)) for gap in gaps)


def by_server(minutes: Mapping[str, set[int]]) -> list[list[str]]:
    """Which families of files one API server wrote, as far as directories and the minutes with events tell.

    Files of one directory that do not speak together for long continue each other, as the parts of a log do that was
    cut. One that speaks from beginning to end has nothing to continue: it is all that its server wrote.
    """
    folders: dict[str, list[str]] = {}
    for name in sorted(minutes, key=lambda name: (min(minutes[name]), max(minutes[name]), name)):
        folders.setdefault(os.path.dirname(name), []).append(name)
    return [server for names in folders.values() for server in _servers(names, minutes)]


def _servers(names: Sequence[str], minutes: Mapping[str, set[int]]) -> Iterator[list[str]]:
    """The servers of one directory, whose files come in order of their first minutes."""
    every: set[int] = set().union(*(minutes[name] for name in names))
    whole = {name for name in names if _is_whole(minutes[name], every)}
    servers = [_Server([name], set(minutes[name]), LEAST) for name in names if name in whole]
    for name in names:
        spoken = minutes[name]
        if name in whole:
            continue
        server = next((server for server in servers if len(server.spoken & spoken) < server.room), None)
        if server is not None:
            server.names.append(name)
            server.spoken.update(spoken)
        else:
            servers.append(_Server([name], set(spoken), TOGETHER))
    yield from (server.names for server in servers)


class _Server(NamedTuple):
    """Its files, when they speak, and how many minutes with a file are too many for that to be of it as well."""

    names: list[str]
    spoken: set[int]
    room: int


def _is_whole(spoken: set[int], every: set[int]) -> bool:
    """True when these minutes are most of all, from the first to the last."""
    begins, ends = min(spoken) - min(every) <= 1, max(every) - max(spoken) <= 1
    return begins and ends and len(spoken) > STEADY * len(every)


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
