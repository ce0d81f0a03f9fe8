"""The local runner: parts of files, mapped by a pool of processes, folded in the order that makes them one log.

A part may begin in the middle of a record (a pretty-printed document, a line in pieces). The part before it then ends
elsewhere than it began, and the rest of that file is read again from there, in one go: any cut gives the same answer.
"""

import os
import secrets
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from multiprocessing import active_children
from pathlib import Path
from threading import Thread
from typing import Final, NamedTuple

import msgspec

from kwho.detect.health import Expected
from kwho.engine.left import STOPPED, left, unread
from kwho.engine.pace import ask
from kwho.engine.pool import Pool, deaf, processes, seeded
from kwho.engine.scratch import Scratch
from kwho.engine.spill import Shelf
from kwho.engine.work import (
    Outcome,
    Settings,
    Share,
    Task,
    Worker,
    outcomes_of,
    run,
    together,
    uncollected,
)
from kwho.kernel.ledger import InputFile
from kwho.kernel.partial import Partial
from kwho.schema.result import Result
from kwho.sources import Input, Part, Unreadable, parts
from kwho.state.snapshot import Snapshot

PART: Final = 192 << 20
"""Bytes of a part of a plain file, at most."""
LEAST: Final = 4 << 20
"""Bytes of a part of a plain file, at least, but for the last; of large inputs eight times as many."""
KILLED: Final = "a worker process was killed twice, perhaps for want of memory; --jobs 1 needs less"
"""Why the rest of an input could not be read."""
LOOK: Final = 1.0
"""Seconds after which progress is told while nothing is finished."""
SMALL: Final = 8 << 20
"""Bytes of input below which starting processes costs more than it saves."""


class Progress(NamedTuple):
    """How far a scan is: bytes of input done (on disk), of all that are known, and records read."""

    done: int
    total: int
    records: int


@dataclass(slots=True)
class _File:
    """The parts of one input that wait to be accepted, in order."""

    number: int
    input: Input
    waiting: deque[Task] = field(default_factory=deque)
    """Empty once all of it was accepted."""
    done: int = 0
    """Bytes accepted, as they lie on the disk."""
    mapped: dict[Part, Outcome] = field(default_factory=dict)
    shares: list[Outcome] = field(default_factory=list)
    """What the workers that share an archive have mapped of it."""
    is_shared: bool = False
    """True for an archive that several workers share; False again when their shares did not fit together."""
    expected: int | None = None
    """Where the next part must begin; None before the first."""


class Scan:
    """One scan of a list of inputs. Iterate it for progress, then `conclude`; close it (or use `with`) at the end.

    Inputs worth it are mapped by a pool of processes; a `pool` that is given is used for inputs of any size.
    An exception that a signal raises within `interruptible` leaves a scan that can be concluded: there it waits for
    outcomes. Anywhere else it may leave half an outcome behind.
    """

    def __init__(
        self,
        inputs: Sequence[Input | Unreadable],
        settings: Settings,
        *,
        jobs: int = 0,
        part: int = PART,
        pool: Pool | None = None,
        interruptible: AbstractContextManager[object] | None = None,
    ) -> None:
        self._jobs = jobs or os.cpu_count() or 1
        self._part = part
        self._pool = pool
        self._interruptible = interruptible or nullcontext()
        self._files = [_File(number, found) for number, found in enumerate(inputs) if isinstance(found, Input)]
        self._reports = [_report(found) for found in inputs]
        self._total = sum(file.input.size or 0 for file in self._files)
        self._cut()
        for file in self._files:
            file.is_shared = self._is_shareable(file.input)
        self._shared = [file for file in self._files if file.is_shared]
        self._scratch = Scratch() if self._total > SMALL else None
        self._settings = msgspec.structs.replace(settings, spill=self._scratch.path if self._scratch else None)
        self._seed = str(1 + secrets.randbelow(2**32 - 1))
        self._shelf = Shelf()
        self._partial = Partial()
        self._done = 0
        self._records = 0
        self._killed = False
        self._leaving: Thread | None = None

    def __enter__(self) -> "Scan":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Progress]:
        """Read everything; an interrupt, where the scan is interruptible, leaves what was accepted so far."""
        with uncollected():
            yield from self._together() if self._pool or self._worth_processes() else self._alone()

    def conclude(self, expected: Expected | None = None, snapshots: Sequence[Snapshot] = ()) -> Result:
        """The answer; marked incomplete when not everything was read."""
        from kwho.kernel.conclude import Inquiry, conclude  # noqa: PLC0415  see `_pooled`

        read = not self._killed and not any(file.waiting for file in self._files)
        inquiry = Inquiry(self._settings.rules, self._named(), self._shelf, read, expected, _told(self._settings))
        with uncollected():
            result = conclude(self._partial, inquiry._replace(snapshots=snapshots))
        result.notes = (*self._left(), *result.notes)
        return result

    def close(self) -> None:
        """Wait for the end of the workers and remove the files of the spill."""
        if self._leaving is not None:
            self._leaving.join()
        self._shelf.close()
        if self._scratch is not None:
            self._scratch.close()

    def _named(self) -> list[InputFile]:
        """The inputs for the ledger; one that was not read to its end is unreadable from there on."""
        named = list(self._reports)
        for file in self._files:
            if file.waiting and named[file.number].unreadable is None:
                why = KILLED if self._killed else f"{STOPPED}; {unread(file.input.size, file.done)}"
                named[file.number] = named[file.number]._replace(unreadable=why)
        return named

    def _left(self) -> Iterator[str]:
        """How much was not read when the scan was stopped."""
        count = sum(bool(file.waiting) for file in self._files)
        if count:
            yield left(count, len(self._reports), self._total - self._done, self._total)

    def _cut(self) -> None:
        """Cut every file in parts.

        The first and the last of all are small: an interrupt soon finds something to tell, and no worker waits long for
        another.
        """
        ahead = self._total
        for file in self._files:
            found = parts(file.input, partial(self._bytes_at, ahead))
            file.waiting.extend(Task(file.number, file.input, part) for part in found)
            ahead -= file.input.size or 0

    def _bytes_at(self, ahead: int, start: int) -> int:
        """Bytes of the part that begins at an offset of a file, with which there are so many bytes ahead."""
        least, rest = max(LEAST, min(8 * LEAST, self._total // (8 * self._jobs))), ahead - start
        return min(self._part, max(least, min(self._total - rest, rest // self._jobs)))

    def _worth_processes(self) -> bool:
        tasks = sum(self._jobs if file.is_shared else len(file.waiting) for file in self._files)
        piped = any(file.input.size is None for file in self._files)
        return self._jobs > 1 and tasks > 1 and self._total > SMALL and not piped

    def _is_shareable(self, found: Input) -> bool:
        """True for an archive so large beside the other inputs that workers would wait for the one that has it."""
        size, archive = found.size or 0, found.compression is not None and not found.whole
        return archive and self._jobs > 1 and size > SMALL // 8 and size * self._jobs > self._total

    def _alone(self) -> Iterator[Progress]:
        """Map in this process, file by file and each in one go."""
        worker = Worker(self._settings)
        for file in self._files:
            whole = Task(file.number, file.input, Part(file.input.path, 0, None))
            mapped = worker.map(whole)
            while (outcome := self._next(mapped)) is not None:
                self._accept(file, outcome)
                if outcome.stretches:  # the last piece
                    file.waiting.clear()
                    self._advance(file, file.input.size or 0)
                elif file.input.compression is None:
                    self._advance(file, outcome.end)
                yield self._progress()

    def _next(self, mapped: Iterator[Outcome]) -> Outcome | None:
        with self._interruptible:
            return next(mapped, None)

    def _together(self) -> Iterator[Progress]:
        """Map in a pool; when a worker dies, what it had not delivered is mapped again, once; then it is given up."""
        try:
            yield from self._pooled()
        except BrokenProcessPool:
            try:
                yield from self._pooled()
            except BrokenProcessPool:
                self._killed = True

    def _pooled(self) -> Iterator[Progress]:
        files = {file.number: file for file in self._files}
        tasks = deque(task for file in self._files for task in self._tasks(file))
        running: dict[Future[list[Outcome] | Path], tuple[Task, ...]] = {}
        settings = msgspec.msgpack.encode(self._settings)
        with seeded(self._seed), self._closing((self._pool or processes)(self._jobs, settings)) as pool:
            while tasks or running:
                while tasks and len(running) < 2 * self._jobs:
                    batch = together(tasks)
                    with deaf():
                        running[pool.submit(run, *batch)] = batch
                import kwho.kernel.conclude  # noqa: F401, PLC0415  while workers map, who need nothing of it

                with self._interruptible:
                    finished, _ = wait(running, LOOK, return_when=FIRST_COMPLETED)
                for future in finished:
                    for task, outcome in zip(running.pop(future), outcomes_of(future.result()), strict=True):
                        file = files[task.file]
                        if task.share is None:
                            file.mapped[task.part] = outcome
                            tasks = self._settle(file, tasks)
                        else:
                            file.shares.append(outcome)
                            tasks += self._unite(file, task.share.of)
                yield self._progress()

    @contextmanager
    def _closing(self, pool: Executor) -> Iterator[Executor]:
        """Closes the pool, beside what follows; whoever leaves early (an interrupt) does not wait for its parts."""
        others = set(active_children())
        try:
            yield pool
        except BaseException:
            for child in set(active_children()) - others:
                child.kill()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
        self._leaving = Thread(target=pool.shutdown)
        self._leaving.start()

    def _tasks(self, file: _File) -> Iterator[Task]:
        """What is left to be mapped of a file."""
        file.shares.clear()
        for task in file.waiting:
            if task.part not in file.mapped:
                shares = self._jobs if file.is_shared else 1
                for number in range(shares):
                    yield task._replace(share=Share(number, shares, self._part) if shares > 1 else None)

    def _unite(self, file: _File, shares: int) -> list[Task]:
        """Accept an archive when all of its shares are mapped; what is to be done if they do not fit together."""
        if len(file.shares) < shares:
            return []
        whole, *others = file.shares
        file.shares.clear()
        for outcome in others:
            whole.join(outcome)
        if whole.error is not None or not _is_seamless(whole.stretches, whole.end):
            file.is_shared = False
            return list(file.waiting)
        whole.start = 0
        task = file.waiting.popleft()
        self._accept(file, whole)
        self._advance(file, file.done + _size(file, task.part))
        return []

    def _settle(self, file: _File, tasks: deque[Task]) -> deque[Task]:
        """Accept what can be accepted, in order; read the rest again where a part began inside a record.

        What was read from where it had to begin is final, though its first line may be gone from a file cut short.
        """
        while file.waiting and file.waiting[0].part in file.mapped:
            task = file.waiting.popleft()
            outcome = file.mapped.pop(task.part)
            if file.expected in (None, outcome.start, task.part.start):
                self._accept(file, outcome)
                self._advance(file, file.done + _size(file, task.part))
                continue
            rest = Task(file.number, file.input, Part(file.input.path, file.expected, None))
            file.waiting = deque([rest])
            file.mapped.clear()
            return deque([rest, *(other for other in tasks if other.file != file.number)])
        return tasks

    def _advance(self, file: _File, done: int) -> None:
        """Note how many bytes of a file were accepted."""
        done = min(done, file.input.size or 0)
        self._done += done - file.done
        file.done = done

    def _accept(self, file: _File, outcome: Outcome) -> None:
        file.expected = outcome.end
        for key, facts in outcome.partial.parts.items():
            held = outcome.spilled.get(key) or facts.columns
            assert held is not None
            self._shelf.put(key, held)
            facts.columns = None
            if (
                outcome.torn is not None
                and key == max(outcome.partial.parts)
                and facts.tear(outcome.torn, file.input.path)
            ):
                outcome.partial.reasons["truncated", outcome.torn] += 1
            self._records += facts.records
        if outcome.error is not None:
            self._reports[file.number] = self._reports[file.number]._replace(unreadable=outcome.error)
        self._partial.merge(outcome.partial)

    def _progress(self) -> Progress:
        folder = self._settings.spill
        shared = [file.number for file in self._shared if file.waiting and file.is_shared] if folder else []
        paces = [ask(folder or "", number, self._jobs) for number in shared]
        done = self._done + sum(pace.read for pace in paces)
        return Progress(done, self._total, self._records + sum(pace.records for pace in paces))


def _is_seamless(stretches: list[tuple[int, int]], end: int) -> bool:
    """True when each stretch begins where another ended, the first at the beginning, and the last ends at the end."""
    ordered = [(0, 0), *sorted(stretches), (end, end)]
    return all(before == start for (_, before), (start, _) in pairwise(ordered))


def _told(settings: Settings) -> frozenset[str]:
    """The parts of a site file that were given."""
    return frozenset() if settings.site is None else settings.site.parts


def _size(file: _File, part: Part) -> int:
    size = file.input.size or 0
    return (part.stop or size) - part.start


def _report(found: Input | Unreadable) -> InputFile:
    if isinstance(found, Unreadable):
        return InputFile(found.path, 0, found.reason)
    return InputFile(found.path, found.size or 0)
