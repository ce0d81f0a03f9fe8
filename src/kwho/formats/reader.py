"""Lines in, records out: the one entrance to the formats.

An ordinary line costs one typed decode. Whatever that refuses takes the careful path: `frame` finds JSON documents
among lines, `unwrap` takes wrappers off, `ladder` decodes field by field. What a reader does from a clean boundary on
(the start of a line, no open document, no pieces waiting) depends only on the bytes from there on, so a file may be cut
into parts at the starts of lines: each part owns the records that start before its `stop`, reads on until it stands at
a clean boundary, and `offset` says where the next part must begin.

Bounds: `RECORD_CAP` bytes of one record, and about six times that in memory while one of that size is read; pieces of
lines wait at most `HOLD` bytes of input for their end.
"""

import re
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple, Protocol, cast

from kwho.formats import CONTEXT_NATIVE, Piece
from kwho.formats.frame import Framer
from kwho.formats.ladder import STRICT, is_sound
from kwho.formats.lines import Lines, Utf16
from kwho.formats.shape import Alike, Known, Strange
from kwho.formats.tree import FAILURES, load
from kwho.formats.unwrap import RECORD_CAP, Found, Unwrapper, Way
from kwho.schema.event import ABSENT, Event
from kwho.schema.record import Record, Rejected

HOLD: Final = 64 << 20
"""Bytes of input after which a piece of a line no longer waits for its end."""

_BLANKS: Final = b" \t\r\n"
_TAGGED: Final = re.compile(rb'\[[^\[\]{}"]{1,256}\][^\[\]{}"]{0,256}\{"')
"""A word in brackets before an object, which no JSON text begins with."""
_BOM: Final = b"\xef\xbb\xbf"


class _Held(NamedTuple):
    """The pieces of one line so far, and where the first one stood."""

    at: Unwrapper
    pieces: list[Piece]
    size: int


class Ahead(Protocol):
    """What a `readline` belongs to when lines may be looked at before they are read: a buffered file."""

    def peek(self, size: int, /) -> bytes:
        """Some of the next bytes, which are still to be read; empty at the end only."""
        ...

    def seek(self, offset: int, whence: int, /) -> int:
        """With `whence` 1: leave out that many of the bytes that were seen."""
        ...


class Reader:
    """Reads the records of a part of a file; iterate once.

    `readline` is a binary file's: up to and including the newline, at most that many bytes, empty at the end. `offset`
    is the position of its first byte. The part owns all that starts before `stop` (None: the end).
    `cap` bounds a record. With `ahead`, lines of known shapes are looked for in whole blocks.
    """

    def __init__(
        self,
        readline: Callable[[int], bytes],
        *,
        offset: int = 0,
        stop: int | None = None,
        cap: int = RECORD_CAP,
        ahead: Ahead | None = None,
    ) -> None:
        self.offset = offset
        """The first byte behind the last record, or of the next; a clean boundary when iteration has ended."""
        self.lines = 0
        """Lines consumed so far."""
        self._stop = sys.maxsize if stop is None else stop
        self._input = Lines(readline, offset)
        self._ahead = ahead
        self._cap = cap
        self._limit = 2 * cap  # of a line that is read whole; wrappers and escapes do not count as the record
        self._framer = Framer(self._input, cap)
        self._held: OrderedDict[str, _Held] = OrderedDict()
        """What waits for its end, by stream, in the order in which the first pieces came."""
        self._wide: Utf16 | None = None

    def __iter__(self) -> Iterator[Record | Rejected]:
        return cast("Iterator[Record | Rejected]", self.read(None))  # nothing is alike without shapes

    def read(self, known: Known | None) -> Iterator[Record | Rejected | Alike]:  # noqa: C901  the one loop over lines
        """The records; lines of known shapes come as they are, and shapes are learned from the others."""
        self._open_wide()
        source, held, queue, ahead = self._input, self._held, self._input.queue, self._ahead
        offset, number, stop, limit = self.offset, 0, self._stop, self._limit
        strange = b""
        try:
            while offset < stop or held:
                end = self._end()
                if offset >= end:
                    yield from self._abandon(offset - HOLD)
                    continue
                start, peeked = offset, b"" if strange or ahead is None or known is None else ahead.peek(1)
                looked, strange = b"\n" in peeked and not queue, b""
                block = b"" if queue else peeked if looked else source.readline(limit)
                if not (block or queue):
                    yield from self._abandon(sys.maxsize)
                    break
                for found in _lines(block, number, offset, end, known):
                    if not isinstance(found, Strange):
                        self.offset = found[-1] + len(found[-3])  # the line, its number, its offset
                        yield found
                        continue
                    line, number, offset = found
                    if line:  # else the sweep is at its end
                        record = _plain(found, self._cap)
                        if record is None:
                            strange = line
                            number -= 1
                            break
                        if known is not None and record.event.authenticationMetadata is ABSENT:
                            known.learn(record)
                        self.offset = offset = offset + len(line)
                        yield record
                if looked and ahead is not None:
                    ahead.seek(offset - start + len(strange), 1)
                if strange or queue:
                    source.offset, source.number = offset, number
                    for careful in self._careful(strange):
                        self.offset = source.offset
                        yield careful
                    offset, number = source.offset, source.number
        finally:
            self.offset = max(offset, source.offset) if self._wide is None else self._wide.taken
            self.lines = max(number, source.number)

    def _open_wide(self) -> None:
        """Looks at the first bytes of a file: UTF-16 is read as UTF-8, to the end, since it cannot be cut."""
        source = self._input
        if self.offset or not (first := source.readline(self._limit)):
            return
        if first.startswith(Utf16.MARKS):
            self._wide = Utf16(first, source.readline)
            self._ahead = None
            self._stop = sys.maxsize
            source.readline = self._wide.readline
        else:
            source.queue.append(first)

    def _careful(self, line: bytes) -> Iterator[Record | Rejected]:
        """The records that begin on a line: `line`, or when it is empty the next one that was put back."""
        source = self._input
        start = source.offset
        if line:
            source.took(line, self._limit)
        else:
            line = source.take(self._limit)
        if self._held:
            yield from self._abandon(start - HOLD)
        at = Unwrapper(source.number, start, self._cap)
        for found in self._found(at, line.removeprefix(_BOM)):
            if isinstance(found, Piece):
                yield from self._join(at, found)
            else:
                yield found

    def _found(self, at: Unwrapper, line: bytes) -> Iterator[Found]:
        source, text = self._input, line.strip(_BLANKS)
        if not text:
            source.skip_line()
            source.skip_blank(self._stop, self._limit)
        elif source.ended and _TAGGED.match(text):
            yield from at.text(text)
        elif text[:1] in (b"{", b"["):
            if not source.ended:
                yield from self._framer.documents(line)
            elif (record := at.native(line)) is not None:
                yield record
            elif len(line) <= self._cap // 16 and (opened := load(line)) is not None:
                yield from at.document(opened, text)
            else:
                yield from self._framer.documents(line)
        elif source.ended:
            yield from at.text(line.strip(b"\r\n"))
        else:
            yield at.beyond(text)
            source.skip_line()

    def _join(self, at: Unwrapper, piece: Piece) -> Iterator[Record | Rejected]:
        """Puts the pieces of a cut line together; the record stands where the first of them stood."""
        held = self._held.get(piece.stream) or _Held(at, [], 0)
        held.pieces.append(piece)
        held = held._replace(size=held.size + len(piece.data))
        if held.size > self._cap and held.pieces[0].data:
            held = _Held(held.at, [piece._replace(data=b"")], held.size)  # keeps waiting for the end, empty
        if not piece.final:
            self._held[piece.stream] = held
            return
        self._held.pop(piece.stream, None)
        data = b"".join(part.data for part in held.pieces)
        if held.size > self._cap:
            yield held.at.beyond(data)
            return
        for found in held.at.value(data, Way(piece.facts, 1)):
            assert not isinstance(found, Piece)
            yield found

    def _end(self) -> int:
        """Up to where lines may be read: the end of the part, or where the oldest piece no longer waits for its end."""
        return self._oldest() + HOLD + 1 if self._held else self._stop

    def _oldest(self) -> int:
        """Where the oldest piece that waits began."""
        return next(iter(self._held.values())).at.offset

    def _abandon(self, before: int) -> Iterator[Record | Rejected]:
        """Gives up the pieces that began before an offset."""
        while self._held and self._oldest() < before:
            _, held = self._held.popitem(last=False)
            data = b"".join(part.data for part in held.pieces)
            yield held.at.torn(data, "more", held.pieces[0].facts)


def _lines(block: bytes, number: int, offset: int, stop: int, known: Known | None) -> Iterable[Alike | Strange]:
    """The whole lines of a block; one line, or a piece of it, when there is no newline in the middle."""
    if known is not None and b"\n" in block:
        return known.sweep(block, number, offset, stop)
    return (Strange(block, number + 1, offset),) if block else ()


def _plain(found: Strange, cap: int) -> Record | None:
    """The event of an ordinary line; None for one that must be looked at with care."""
    line, number, offset = found
    try:
        event = STRICT.decode(line)
    except FAILURES:
        return None
    status, size = event.responseStatus, len(line)
    if (
        size <= cap
        and event.auditID
        and event.stage
        and event.level
        and event.requestReceivedTimestamp
        and (event.verb is not None or event.requestURI is not None)
        and (
            (_is_bare(event) and (status is None or (status.details is ABSENT and len(status.metadata) < 3)))
            or is_sound(line)
        )
    ):
        return Record(event, CONTEXT_NATIVE, line, number, offset)
    return None


def _is_bare(event: Event) -> bool:
    return event.requestObject is ABSENT and event.responseObject is ABSENT and event.authenticationMetadata is ABSENT
