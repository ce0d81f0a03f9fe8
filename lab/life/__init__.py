"""Everyday life: one file adds one kind of honest work, which goes on until it is stopped."""

from __future__ import annotations

import http.client
import importlib
import pkgutil
import random
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lab.client import Client
from lab.laboratory import Laboratory

DAY_HOURS: Final = 24


@dataclass
class Day:
    """One day of the organisation squeezed into the length of a recording."""

    lab: Laboratory
    stop: threading.Event
    chance: random.Random
    begin: float
    length: float

    @property
    def hours(self) -> float:
        """Hours of the organisation since the recording began."""
        return DAY_HOURS * (time.monotonic() - self.begin) / self.length

    @property
    def hour(self) -> float:
        """The hour of the day, 0 to 24; a recording begins at six in the morning."""
        return (6 + self.hours) % DAY_HOURS

    @property
    def left(self) -> float:
        """Seconds until life ends, never negative."""
        return max(self.length - (time.monotonic() - self.begin), 0.0)

    def rest(self, mean: float) -> bool:
        """Wait for an exponentially distributed time of `mean` seconds; False when life ends."""
        return not self.stop.wait(min(self.chance.expovariate(1 / mean), 6 * mean))

    def pulse(self, period: float) -> bool:
        """Wait for `period` seconds with a jitter of one per cent; False when life ends."""
        return not self.stop.wait(period * self.chance.uniform(0.99, 1.01))


Live = Callable[[Day], None]


def in_pod(day: Day, namespace: str, app: str) -> Client:
    """The program in a running pod of `app`, which ends when its token is no longer good."""
    running = day.lab.running(namespace, app)
    return Client(running.identity, running.address, running.agent, day.lab.plane.ca, keeps_login=True)


def start(lab: Laboratory, stop: threading.Event, seed: int, minutes: float) -> list[threading.Thread]:
    """Start every kind of work, each in a thread of its own with chance of its own."""
    threads = []
    for name, live in _members():
        day = Day(lab, stop, random.Random(f"{seed}:{name}"), time.monotonic(), minutes * 60)
        thread = threading.Thread(target=_go_on, args=(name, live, day), name=name, daemon=True)
        thread.start()
        threads.append(thread)
    return threads


def _go_on(name: str, live: Live, day: Day) -> None:
    """A worker whose connection breaks or whose pod goes away starts again, as a restarted program does."""
    while not day.stop.is_set():
        try:
            live(day)
        except (OSError, http.client.HTTPException, TimeoutError, LookupError) as error:
            print(f"life: {name}: {error!r}; starting again", file=sys.stderr)
            day.stop.wait(2)


def _members() -> list[tuple[str, Live]]:
    found: list[tuple[str, Live]] = []
    for module in pkgutil.iter_modules(__path__):
        works: dict[str, Live] = importlib.import_module(f"{__name__}.{module.name}").WORK
        found += [(f"{module.name}.{name}", live) for name, live in works.items()]
    return found
