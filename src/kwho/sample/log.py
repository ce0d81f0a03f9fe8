"""The generated log: every actor of the cluster, put in the order in which an API server writes its lines."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile
from typing import Final

from kwho.sample.cast import Cast
from kwho.sample.chance import seeded
from kwho.sample.plants import DAY, Plant, planted, tell
from kwho.sample.rhythm import HOUR, MINUTE, Item
from kwho.sample.traffic import life
from kwho.sample.work import working

START: Final = 1_773_727_200_000_000
"""2026-03-17T06:00:00Z, a Tuesday, an hour before people come to work."""

HOURS: Final = 2.5
RATE: Final = 9.5


def generate(
    seed: int, *, events: int | None = None, hours: float = HOURS, attacks: bool = True, rate: float = RATE
) -> Iterator[bytes]:
    """Lines of a native audit log, each with its newline, in order of stage time; the same lines for the same seed.

    The log holds `hours` of a small cluster at about `rate` requests a second; with `events` it goes on until that
    many lines are written, whatever the hours. Without `attacks` nothing is planted (see `plants`).
    """
    items = in_stage_order(_actors(seed, attacks, rate), START)
    if events is not None:
        yield from (item.line for item in islice(items, events))
        return
    end = START + int(hours * HOUR)
    yield from (item.line for item in takewhile(lambda item: item.stage < end, items))


def plants(seed: int, days: int = 1) -> tuple[Plant, ...]:
    """What is planted in the first `days` of the log of `seed`; a log shorter than `HOURS` holds only the beginning."""
    cast = Cast(seed)
    return tuple(plant for day in range(days) for plant, _ in tell(seed, cast, START + day * DAY))


def in_stage_order(actors: Sequence[Iterator[Item]], start: int) -> Iterator[Item]:
    """All items of actors that never end, by stage time; holds one minute of them and the ends of open streams."""
    held: list[Item] = []
    heads = [next(actor) for actor in actors]
    edge = start
    while True:
        edge += MINUTE
        for number, actor in enumerate(actors):
            item = heads[number]
            while item.begin < edge:
                held.append(item)
                item = next(actor)
            heads[number] = item
        held.sort()
        ripe = bisect_left(held, (edge,))
        yield from held[:ripe]
        del held[:ripe]


def _actors(seed: int, attacks: bool, rate: float) -> list[Iterator[Item]]:
    cast = Cast(seed)
    ordinary = [*life(cast, seeded(seed, "life"), START, rate), *working(cast, seeded(seed, "work"), START)]
    return [*ordinary, planted(seed, cast, START)] if attacks else ordinary
