"""When requests come: like clockwork, at random, as a script, or as a watch that stays open for minutes.

Every rhythm yields `Item`s in order of `begin`, each with its finished line; the moments are microseconds since 1970.
Periods, watch lives and latencies follow measurements of a real cluster.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from math import exp
from random import Random
from statistics import NormalDist
from typing import Final, NamedTuple

from kwho.sample.request import Ask, Identity, Template, template
from kwho.schema.moment import format_moment

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE

_STEPS: Final = 1024
_SPREAD: Final = NormalDist(0, 1.09)
_LATENCIES: Final = [int(2_500 * exp(_SPREAD.inv_cdf((step + 0.5) / _STEPS))) for step in range(_STEPS)]
"""Log-normal, in microseconds: median 2.5 ms, 95 % below 15 ms, 99 % below 31 ms."""


class Item(NamedTuple):
    """One line of the log, the moment it is written and the moment its request was received."""

    stage: int
    begin: int
    line: bytes


class Scribe:
    """Writes the lines of one actor; all chance comes from the generator it is given."""

    __slots__ = ("_bits", "_random", "rng")

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._random = rng.random
        self._bits = rng.getrandbits

    def audit_id(self) -> str:
        """A version 4 UUID."""
        text = f"{self._bits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"

    def write(self, begin: int, what: Template) -> Item:
        """The request received at `begin`, answered a few milliseconds later."""
        stage = begin + _LATENCIES[int(self._random() * _STEPS)]
        return Item(stage, begin, what.line(self.audit_id(), stamp(begin), stamp(stage)))

    def stream(self, who: Identity, ask: Ask, begin: int, end: int) -> tuple[Item, Item]:
        """A long-running request: its ResponseStarted at once and its ResponseComplete at `end`, under one id."""
        audit_id, received, opened = self.audit_id(), stamp(begin), begin + 1_200
        started = template(who, ask, "ResponseStarted").line(audit_id, received, stamp(opened))
        complete = template(who, ask).line(audit_id, received, stamp(end))
        return Item(opened, begin, started), Item(end, begin, complete)

    def hex(self, digits: int) -> str:
        """A random name of hexadecimal digits."""
        return f"{self._bits(4 * digits):0{digits}x}"


def stamp(moment: int) -> str:
    """RFC 3339 with six fractional digits."""
    whole, fraction = divmod(moment, SECOND)
    return f"{_second(whole)}{fraction:06d}Z"


@lru_cache(maxsize=4096)
def _second(whole: int) -> str:
    return format_moment(whole * SECOND)[:-7]


def periodic(scribe: Scribe, period: float, turn: Sequence[Template], start: int) -> Iterator[Item]:
    """The requests of `turn`, milliseconds apart, every `period` seconds (jitter 1 %), for ever."""
    random, step = scribe.rng.random, period * SECOND
    due = start + (0.01 + random()) * step
    while True:
        begin = int(due + (random() - 0.5) * 0.02 * step)
        for what in turn:
            yield scribe.write(begin, what)
            begin += 300 + int(random() * 4_000 / len(turn))
        due += step


def scattered(scribe: Scribe, rate: float, choices: Sequence[Template], start: int) -> Iterator[Item]:
    """Any of `choices` (repeat one to make it likelier), independently, `rate` times a second on average, for ever."""
    random, wait, count = scribe.rng.random, scribe.rng.expovariate, len(choices)
    begin = float(start)
    while True:
        begin += wait(rate) * SECOND
        yield scribe.write(int(begin), choices[int(random() * count)])


def watching(scribe: Scribe, who: Identity, spec: str, start: int) -> Iterator[Item]:
    """One informer: a watch of 60 to 599 seconds, opened again as soon as it ends, for ever."""
    rng = scribe.rng
    begin, version = start + int(rng.random() * 8 * MINUTE), rng.randrange(10_000_000, 90_000_000)
    while True:
        life = int(rng.triangular(60, 599, 480))
        query = f"?allowWatchBookmarks=true&resourceVersion={version}&timeoutSeconds={life}&watch=true"
        end = begin + life * SECOND + rng.randrange(SECOND)
        yield from scribe.stream(who, Ask(f"watch {spec}", query=query), begin, end)
        begin = end + rng.randrange(2_000, 400_000)
        version += rng.randrange(200, 4_000)


def script(scribe: Scribe, begin: int, steps: Iterable[tuple[float, Template]]) -> Iterator[Item]:
    """Requests one after the other, each so many seconds after the one before."""
    for gap, what in steps:
        begin += int(gap * SECOND)
        yield scribe.write(begin, what)


def episodes(start: int, wait: Callable[[int], float], play: Callable[[int], Iterable[Item]]) -> Iterator[Item]:
    """Episode after episode, for ever: `wait(now)` seconds of nothing, then all that `play(begin)` yields."""
    now = start
    while True:
        now += int(wait(now) * SECOND)
        for item in play(now):
            now = max(now, item.begin)
            yield item
