"""Events one by one, for the commands that print events instead of judging them."""

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Final, cast

from kwho.engine.left import STOPPED, left, unread
from kwho.formats.reader import Reader
from kwho.kernel.ledger import SHOWN_PROBLEMS
from kwho.kernel.partial import PROBLEMS, PartFacts
from kwho.schema.event import ABSENT
from kwho.schema.ledger import Problem
from kwho.schema.moment import parse_moment
from kwho.schema.record import Record, Rejected
from kwho.sources import Input, Part, Unreadable, open_part
from kwho.views import Look
from kwho.views.site import Surroundings

MOST_KEYS: Final = 2_000_000
"""Events remembered to recognise copies of them; beyond, copies are shown again."""


@dataclass(slots=True)
class Tallied:
    """What became of the records: `read` events, how many of them were chosen or copies, and what was no event."""

    read: int = 0
    chosen: int = 0
    copies: int = 0
    richer: int = 0
    """Copies that were chosen all the same, for a body that the first one lacks."""
    rejected: Counter[str] = field(default_factory=Counter)
    """By kind, as the ledger of a scan names it."""
    causes: list[Problem] = field(default_factory=list)
    """Why inputs could not be read, or not to their end: the first of them."""
    problems: list[Problem] = field(default_factory=list)
    """Where the first of all other records that were lost stand, file by file; without what is no audit event."""
    barren: list[tuple[str, int]] = field(default_factory=list)
    """The first files that were read and hold no audit event, with their records."""
    barrens: int = 0
    """All of them."""
    ended: int = 0
    """How many inputs are at their end: the first of them."""
    taken: int = 0
    """How many bytes of the one behind those were taken when reading was ended; unknown of archives and streams."""

    def note(self, cause: Problem | None, found: Sequence[Problem] = ()) -> None:
        """Keep what was lost of one file that is at an end, and why it ended early, as far as there is room."""
        if cause is not None and len(self.causes) < SHOWN_PROBLEMS:
            self.causes.append(cause)
        lost = [problem for problem in found if problem.kind != "filtered"]
        self.problems += lost[: SHOWN_PROBLEMS - len(self.problems)]

    def bare(self, path: str, records: int) -> None:
        """Note a file without any audit event."""
        self.barrens += 1
        if self.barrens <= SHOWN_PROBLEMS:
            self.barren.append((path, records))


Found = Generator[tuple[Input, Record], None, None]
"""Events, each with where it comes from; closed when no more are wanted."""


def records(inputs: Sequence[Input | Unreadable], tallied: Tallied) -> Found:
    """Every event of every input, in order of input and position; what is no event is counted as a scan counts it."""
    for found in inputs:
        if isinstance(found, Unreadable):
            _unread(found.path, found.reason, tallied)
        else:
            yield from _events(found, tallied)
        tallied.ended += 1


def _events(found: Input, tallied: Tallied) -> Found:
    facts, before = PartFacts(), tallied.read
    with open_part(found, Part(found.path, 0, None)) as stream:
        reader = Reader(stream.readline, offset=stream.offset)
        try:
            with closing(cast("Generator[Record | Rejected]", iter(reader))) as reading:
                for record in reading:
                    facts.cut = isinstance(record, Rejected) and record.kind == "truncated"
                    if isinstance(record, Rejected):
                        _reject(record, found.path, facts, tallied)
                    else:
                        tallied.read += 1
                        yield found, record
        except (KeyboardInterrupt, GeneratorExit):
            tallied.taken = 0 if found.compression else min(reader.offset, found.size or 0)
            tallied.note(None, facts.problems)
            raise
        facts.lines, facts.end = reader.lines, reader.offset
        if stream.torn is not None and facts.tear(stream.torn, found.path):
            tallied.rejected["truncated"] += 1
        tallied.note(facts.cause, facts.problems)
        if stream.error is not None:
            _unread(found.path, stream.error, tallied)
        if tallied.read == before and (stream.error is None or facts.rejected):
            tallied.bare(found.path, facts.rejected.total() + (stream.error is not None))


def stop(inputs: Sequence[Input | Unreadable], tallied: Tallied) -> str:
    """Count what was not read to its end as unreadable, each with how much that is; all of it in words.

    Empty when everything was read.
    """
    rest = inputs[tallied.ended :]
    done = sum(_size(found) for found in inputs[: tallied.ended]) + tallied.taken
    for found, taken in zip(rest, chain((tallied.taken,), repeat(0)), strict=False):
        why = found.reason if isinstance(found, Unreadable) else f"{STOPPED}; {unread(found.size, taken)}"
        _unread(found.path, why, tallied)
    total = sum(map(_size, inputs))
    count = sum(isinstance(found, Input) for found in rest)
    return left(count, len(inputs), total - done, total) if rest else ""


def _size(found: Input | Unreadable) -> int:
    return 0 if isinstance(found, Unreadable) else found.size or 0


def _unread(path: str, why: str, tallied: Tallied) -> None:
    tallied.rejected["unreadable"] += 1
    tallied.note(Problem("unreadable", why, path, 0, 0))


def _reject(record: Rejected, path: str, facts: PartFacts, tallied: Tallied) -> None:
    tallied.rejected[record.kind] += 1
    facts.rejected[record.kind] += 1
    if facts.rejected[record.kind] <= PROBLEMS:
        facts.problems.append(Problem(record.kind, record.reason, path, record.line, record.offset, record.index))


def chosen(
    found: Iterator[tuple[Input, Record]],
    where: Callable[[Look], bool] | None,
    tallied: Tallied,
    site: Surroundings | None = None,
) -> Iterator[tuple[Input, Record]]:
    """The events that match, each once: a copy is an event with the same full key.

    Events are given as they come, so a copy with a body is given as well when the first one had none.
    """
    seen: set[int] = set()
    bodiless: set[int] = set()
    for file, record in found:
        if where is not None and not where(Look(record.event, record.context, site)):
            continue
        key = full_key(record)
        bare = record.event.requestObject is ABSENT and record.event.responseObject is ABSENT
        if key is not None and key in seen:
            if bare or key not in bodiless:
                tallied.copies += 1
                continue
            bodiless.discard(key)
            tallied.richer += 1
        elif key is not None and len(seen) < MOST_KEYS:
            seen.add(key)
            if bare:
                bodiless.add(key)
        tallied.chosen += 1
        yield file, record


def full_key(record: Record) -> int | None:
    """The hash of what makes an event itself; None when it has no audit ID or no believable time: it is no copy."""
    event = record.event
    if not event.auditID or parse_moment(event.requestReceivedTimestamp) is None:
        return None
    user = event.user.username if event.user else None
    identity = (record.context.cluster, event.auditID, event.stage, event.requestReceivedTimestamp)
    return hash((*identity, event.requestURI, event.verb, user))
