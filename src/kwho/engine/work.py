"""One part of the input, mapped: by a worker process, or by the command's own process when there is little to do."""

import gc
import os
import pickle
import signal
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread
from typing import Final, NamedTuple

import msgspec

from kwho.detect.rule import RuleSet
from kwho.engine.geoip import surroundings
from kwho.engine.pace import Pace, tell
from kwho.engine.spill import Spill, Spilled
from kwho.formats.reader import Reader
from kwho.formats.shape import Alike, Known
from kwho.kernel.express import Express, known_lines
from kwho.kernel.judge import Judge
from kwho.kernel.map import Mapper, Place
from kwho.kernel.partial import Partial, PartKey
from kwho.query.ast import Node
from kwho.query.match import compile_node
from kwho.schema.record import Record, Rejected
from kwho.schema.site import Site
from kwho.sources import Input, Part, Stream, open_part

PIECE: Final = 250_000
"""Records mapped in one piece, so that the columns of an endless part do not stay in memory."""


TOGETHER: Final = 1 << 20
"""Bytes of small files that are handed to a worker in one go: that costs as much as mapping some lines."""
MANY: Final = 64
"""Such files at most."""


class Share(NamedTuple):
    """Every `of`th stretch of `size` decompressed bytes of an archive, from stretch `number` on."""

    number: int
    of: int
    size: int


class Task(NamedTuple):
    """One part of one input; `file` is the number of the input in the order of discovery.

    An archive cannot be entered in the middle: workers that share one inflate all of it, and map what is theirs.
    """

    file: int
    input: Input
    part: Part
    share: Share | None = None


class Settings(msgspec.Struct, frozen=True):
    """What a worker must know; travels as msgpack."""

    rules: RuleSet
    where: Node | None = None
    cluster: str | None = None
    site: Site | None = None
    spill: str | None = None
    """The folder for spill files; None keeps columns in memory."""


@dataclass(slots=True)
class Outcome:
    """What mapping one task gave: from where to where it was read, and what went wrong in the middle.

    `stretches` holds where what was read in one go began and ended, several for a share.
    """

    partial: Partial
    start: int
    end: int
    spilled: dict[PartKey, Spilled]
    stretches: list[tuple[int, int]] = field(default_factory=list)
    torn: str | None = None
    error: str | None = None

    def join(self, other: "Outcome") -> None:
        """Take in what was mapped behind or between."""
        self.partial.merge(other.partial)
        self.spilled.update(other.spilled)
        self.stretches += other.stretches
        self.end, self.torn, self.error = other.end, other.torn, other.error


@contextmanager
def uncollected() -> Iterator[None]:
    """The garbage collector rests: a scan makes millions of objects, and none of them is circular."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            if not gc.get_freeze_count():  # what was made counts as old, or all of it would be looked through at once
                gc.freeze()
                gc.unfreeze()
            gc.enable()


class Worker:
    """Maps tasks, one after the other."""

    def __init__(self, settings: Settings, judge: Judge | None = None) -> None:
        where = compile_node(settings.where) if settings.where is not None else None
        self._known = known_lines() if where is None else None
        express = self._known if isinstance(self._known, Express) else None
        site = surroundings(settings.site)
        self._mapper = Mapper(judge or Judge(settings.rules), where, settings.cluster, site, express)
        self.folder = settings.spill
        self._spill = Spill(settings.spill) if settings.spill else None

    def map(self, task: Task) -> Iterator[Outcome]:
        """The pieces of one task."""
        with uncollected():
            yield from self._pieces(task)

    def _pieces(self, task: Task) -> Iterator[Outcome]:
        with open_part(task.input, task.part) as stream:
            if task.share is None:
                yield from self._read(stream, task, task.part.stop)
            else:
                yield from self._stretches(stream, task, task.share)

    def _stretches(self, stream: Stream, task: Task, share: Share) -> Iterator[Outcome]:
        """What one worker maps of an archive that it shares; at last an empty piece that tells how the archive ends."""
        start, records = share.number * share.size, 0
        while start == 0 or stream.go_on(start):
            if stream.offset < start + share.size:
                for outcome in self._read(stream, task, start + share.size):
                    records += sum(facts.records for facts in outcome.partial.parts.values())
                    yield outcome
            if self.folder:
                tell(self.folder, task.file, share.number, Pace(stream.on_disk(), records))
            start += share.of * share.size
        yield Outcome(Partial(), start, stream.position, {}, [], stream.torn, stream.error)

    def _read(self, stream: Stream, task: Task, stop: int | None) -> Iterator[Outcome]:
        """The pieces of what begins before `stop`, from where the stream stands."""
        reader = Reader(stream.readline, offset=stream.offset, stop=stop, ahead=stream.ahead)
        records, start, piece = reader.read(self._known), stream.offset, 0
        while True:
            place = Place(PartKey(task.file, start, piece), task.input.path, task.input.family)
            outcome = self._piece(_some(records, self._known), place, start)
            piece += 1
            facts = outcome.partial.parts[place.part]
            outcome.end = facts.end = reader.offset
            if facts.records < PIECE:
                facts.lines = reader.lines
                outcome.stretches.append((start, reader.offset))
                outcome.torn, outcome.error = stream.torn, stream.error
                yield outcome
                return
            yield outcome

    def _piece(self, records: Iterator[Record | Rejected | Alike], place: Place, start: int) -> Outcome:
        partial = self._mapper.map(records, place)
        spilled = {}
        facts = partial.parts[place.part]
        if self._spill is not None and facts.columns is not None:
            spilled[place.part] = self._spill.put(facts.columns)
            facts.columns = None
        return Outcome(partial, start, start, spilled)


def _some(records: Iterator[Record | Rejected | Alike], known: Known | None) -> Iterator[Record | Rejected | Alike]:
    """The next records, until `PIECE` of them were taken or passed."""
    if known is None:
        yield from islice(records, PIECE)
        return
    for taken, record in enumerate(records, 1):
        yield record
        if taken + known.passed >= PIECE:
            return


def begin(settings: bytes) -> None:
    """Prepare a worker process: interrupts are the parent's to handle, and without a parent there is no work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_follow, daemon=True).start()
    prepare(settings)


def _follow() -> None:
    """End this process when its parent has ended, however that came about: the queue of work would never tell."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def prepare(settings: bytes) -> None:
    """Make the one worker of this process, which `run` uses."""
    global _worker  # noqa: PLW0603  a process pool has no other place for the state of a worker
    _worker = Worker(*compiled(settings))


def compiled(settings: bytes) -> tuple[Settings, Judge]:
    """The settings and their rules, ready for use; a process that was forked finds what its parent has compiled."""
    global _compiled  # noqa: PLW0603  as above
    if _compiled is None or _compiled[0] != settings:
        found = msgspec.msgpack.decode(settings, type=Settings)
        _compiled = settings, found, Judge(found.rules)
    return _compiled[1:]


_worker: Worker | None = None
_compiled: tuple[bytes, Settings, Judge] | None = None


def together(tasks: deque[Task]) -> tuple[Task, ...]:
    """The next task, or as many as there are of small files in a row; they are taken out."""
    found = [tasks.popleft()]
    size = _weight(found[0])
    while tasks and len(found) < MANY and (size := size + _weight(tasks[0])) < TOGETHER:
        found.append(tasks.popleft())
    return tuple(found)


def _weight(task: Task) -> int:
    """Bytes of a task that may be handed over together with others: a whole file, in one part."""
    whole = task.share is None and task.part.start == 0 and task.part.stop is None
    return task.input.size or 0 if whole else TOGETHER


def run(*tasks: Task) -> list[Outcome] | Path:
    """Map tasks in a worker process, the pieces of each merged: the outcomes, or with a spill the file they lie in.

    A pipe would be left with half a message when a worker is killed while it sends, and whoever reads it would wait for
    ever; the name of a file is written whole or not at all.
    """
    assert _worker is not None, os.getpid()
    outcomes = [_whole(_worker.map(task)) for task in tasks]
    if _worker.folder is None:
        return outcomes
    with tempfile.NamedTemporaryFile(prefix="outcome-", dir=_worker.folder, delete=False) as file:
        pickle.dump(outcomes, file, pickle.HIGHEST_PROTOCOL)
    return Path(file.name)


def _whole(pieces: Iterator[Outcome]) -> Outcome:
    """The pieces of one task as one."""
    first = next(pieces)
    for outcome in pieces:
        first.join(outcome)
    return first


def outcomes_of(delivered: list[Outcome] | Path) -> list[Outcome]:
    """What `run` delivered, in the order of its tasks; its file is removed."""
    if isinstance(delivered, list):
        return delivered
    outcomes: list[Outcome] = pickle.loads(delivered.read_bytes())  # noqa: S301  in the folder of this run, which nobody else may write
    delivered.unlink()
    return outcomes
