"""Finds whole JSON documents among lines: glued on one line, spread over many, or longer than memory.

The rule, which looks only at bytes from the start of the document's first line on, and so does not depend on cuts:

* A document ends where its brackets close. What follows on the same line is the next document; other text after it is
  one malformed record, a lone comma is nothing (lists with one element a line, torn apart).
* A document that is open at the end of a line goes on with the next line, as long as the grammar of brackets, commas,
  colons and strings holds. A line that ends inside a string breaks it: pretty printers never do that.
* A document that breaks, or is open at the end of the file, costs only its first line: elements of a list of records
  that are whole on that line are kept, the rest of the line is one truncated (or malformed) record, and reading goes
  on at the next line.
* A list of records that is longer than a sixteenth of the record cap is read in slices: the elements so far, put
  between the opening and the closing of their wrapper, are a document of their own. From the first slice on nothing is
  taken back: when such a list breaks, the elements before the break are kept, the rest is one damaged record, and
  reading goes on at the line that cannot belong to it, or after it.
* An element longer than twice the record cap is one truncated record, and is skipped to its end. A document of three
  caps that is no list of records is truncated and skipped to the end of its line. Below that the record inside
  decides, because wrappers and escapes do not count.
* Nesting beyond `FRAME_DEPTH` ends a document like a break after a slice.

Memory: three times the record cap for what is read, and as much again while it is taken apart.
"""

from collections.abc import Generator, Iterator
from typing import Final

from kwho.formats import members
from kwho.formats.lines import Lines
from kwho.formats.scan import Scanner, Verdict, text
from kwho.formats.tree import load
from kwho.formats.unwrap import RECORD_CAP, Found, Unwrapper

_STEP: Final = 1 << 18
_SLICES: Final = 16
"""Slices that make up the record cap: a mebibyte of the shortest elements is half a million objects to hold."""
_BLANKS: Final = b" \t\r\n"
_DOOMED: Final = 100_000


class Framer:
    """Reads the documents that begin on one line; afterwards `lines` stands at the start of a line."""

    def __init__(self, lines: Lines, cap: int = RECORD_CAP) -> None:
        self._lines = lines
        self._cap = cap
        self._step = min(_STEP, cap)
        self._keys = frozenset(key for member in members() for key in member.lists)
        self._doomed: set[int] = set()
        """Where documents begin that are known to break: those that were open inside one that broke."""
        self._begin(b"")

    def _begin(self, data: bytes) -> None:
        """Starts a document with `data`, the last bytes taken."""
        blank = len(data) - len(data.lstrip(_BLANKS))
        self._start = self._lines.offset - len(data)
        self._hopeless = self._start + blank in self._doomed
        self._unwrapper = Unwrapper(self._lines.number, self._start + blank, self._cap)
        self._buffer = bytearray(data)
        self._scanner = Scanner()
        self._first = 0
        """Bytes of the document on its first line, once it reaches further."""
        self._last = 0
        """Where its last line begins in the buffer."""
        self._sliced = False

    def documents(self, line: bytes) -> Iterator[Found]:
        """The records of the documents on `line`, which was just taken, and on the lines they reach into."""
        if len(line) > self._step:
            self._lines.give_back(line)
            line = self._lines.take(self._step)
        self._begin(line)
        going = True
        while going:
            verdict = self._scanner.scan(self._buffer, ended=self._lines.ended)
            if verdict == "done":
                going = yield from self._finish()
            elif verdict == "more":
                going = yield from self._read_on()
            else:
                yield from self._fail(verdict)
                return

    def _finish(self) -> Generator[Found, None, bool]:
        """Gives the records of a whole document; True when another one begins behind it."""
        end = self._scanner.pos
        raw, rest = bytes(self._buffer[:end]), bytes(self._buffer[end:])
        while not rest.strip(_BLANKS) and not self._lines.ended:
            rest = self._lines.take(self._step)
        after = rest.lstrip(_BLANKS + b",")
        goes_on = after[:1] in (b"{", b"[")
        if after and not goes_on and not self._first and _is_tag(raw):
            yield self._unwrapper.torn(raw + rest, "malformed")
            after = b""
        else:
            yield from self._unwrapper.document(load(raw), raw)
        if goes_on:
            self._begin(after)
            return True
        if after:
            yield self._unwrapper.trailing(after)
        self._lines.skip_line()
        return False

    def _read_on(self) -> Generator[Found, None, bool]:
        """Adds what comes next to an open document; False when that is the end of it."""
        if self._hopeless and self._lines.ended:
            yield from self._fail("more")
            return False
        while len(self._buffer) > self._cap // _SLICES and (level := self._list_level(whole=True)) is not None:
            yield from self._slice(level)
        if self._is_too_long():
            return (yield from self._give_up())
        if self._take():
            return True
        yield from self._fail("more")
        return False

    def _is_too_long(self) -> bool:
        size = len(self._buffer)
        if size <= 2 * self._cap:
            return False
        # Without an open list, its lists may just have been closed, or its wrapping is most of it.
        return size > 3 * self._cap or self._list_level(whole=False) is not None

    def _take(self) -> bool:
        fresh = self._lines.ended
        # A string that is open is scanned from its start again, so steps grow with what is held.
        piece = self._lines.take(max(self._step, len(self._buffer) // 4))
        if fresh and piece:
            self._first = self._first or len(self._buffer)
            self._last = len(self._buffer)
        self._buffer += piece
        return bool(piece) or not fresh

    def _fail(self, verdict: Verdict) -> Iterator[Found]:
        """Gives up the document, with as little loss as the rule at the top says."""
        if self._first and not self._sliced and verdict != "deep":
            self._remember()
            self._lines.give_back(bytes(self._buffer[self._first :]))
            self._buffer = self._buffer[: self._first]
            self._scanner = Scanner()
            verdict = self._scanner.scan(self._buffer, ended=True)
            yield from self._salvage(verdict)
            return
        foreign = self._foreign_line(verdict)
        yield from self._salvage(verdict)
        self._resume(foreign)

    def _foreign_line(self, verdict: Verdict) -> bytes:
        """The last line, when already its beginning cannot belong to the document; else empty."""
        if verdict in ("malformed", "deep") and 0 < self._scanner.pos <= self._last:
            return bytes(self._buffer[self._last :])
        return b""

    def _resume(self, foreign: bytes) -> None:
        if foreign:
            self._lines.give_back(foreign)
        else:
            self._lines.skip_line()

    def _remember(self) -> None:
        if len(self._doomed) > _DOOMED:
            self._doomed.clear()
        self._doomed.update(self._start + opened.start for opened in self._scanner.stack[1:])

    def _salvage(self, verdict: Verdict) -> Iterator[Found]:
        """The whole elements of a list that breaks, and one record for the rest."""
        rest = 0
        while (level := self._list_level(whole=True)) is not None:
            yield from self._slice(level)
            rest = self._scanner.stack[level].start + 1
        yield self._unwrapper.torn(bytes(self._buffer[rest:]), verdict)

    def _list_level(self, *, whole: bool) -> int | None:
        """Which open bracket is a list of records: the outermost with `whole` elements, or the innermost at all."""
        found = None
        stack = self._scanner.stack
        for level, opened in enumerate(stack):
            if level and stack[level - 1].is_list:
                if opened.is_list:
                    break
            elif level and text(bytes(self._buffer[slice(*opened.key)])) not in self._keys:
                break
            if opened.is_list and opened.start < self._cap // 4:
                if not whole:
                    found = level
                elif opened.comma:
                    return level
        return found

    def _slice(self, level: int) -> Iterator[Found]:
        """Gives the records of the whole elements of a list, and forgets them."""
        stack, buffer = self._scanner.stack, self._buffer
        opened = stack[level]
        closing = b"".join(b"]" if outer.is_list else b"}" for outer in reversed(stack[: level + 1]))
        raw = bytes(buffer[: opened.comma]) + closing
        gone = opened.comma - opened.start
        del buffer[opened.start + 1 : opened.comma + 1]
        for inner in stack[level + 1 :]:
            inner.shift(gone)
        self._scanner.pos -= gone
        self._last = self._last - gone if self._last > opened.comma else 0
        opened.comma = 0
        self._sliced = True
        yield from self._unwrapper.document(load(raw), raw)

    def _give_up(self) -> Generator[Found, None, bool]:
        """Gives up the record that is being read, as too long; False when it is the whole document."""
        level = self._list_level(whole=False)
        if level is None or len(self._scanner.stack) == level + 1:
            yield self._unwrapper.beyond(bytes(self._buffer[: self._step]))
            self._lines.skip_line()
            return False
        return (yield from self._skip_element(level))

    def _skip_element(self, level: int) -> Generator[Found, None, bool]:
        """Reads to the end of an element beyond the cap, and puts null in its place."""
        scanner, buffer = self._scanner, self._buffer
        opened = scanner.stack[level]
        begin = (opened.comma or opened.start) + 1
        yield self._unwrapper.beyond(bytes(buffer[begin : begin + self._step]))
        self._sliced = True
        scanner.floor = level + 1
        verdict: Verdict = "more"
        while verdict == "more":
            buffer[begin:] = _stub(bytes(buffer[scanner.pos :]))
            scanner.pos = begin
            self._last = 0
            if not self._take():
                return False
            verdict = scanner.scan(buffer, ended=self._lines.ended)
        scanner.floor = -1
        if verdict != "level":
            self._resume(self._foreign_line(verdict))
            return False
        buffer[begin : scanner.pos] = b"null"
        scanner.pos = begin + 4
        return True


def _is_tag(raw: bytes) -> bool:
    """True for a word in brackets, with which lines of text may begin."""
    return raw.lstrip(_BLANKS)[:1] == b"[" and b"{" not in raw and raw.count(b"[") == 1


def _stub(tail: bytes) -> bytes:
    """The least that stands for a token that is not finished, so that its end is still recognised."""
    token = tail.lstrip(_BLANKS)
    if token[:1] != b'"':
        return token[:1]
    slashes = len(token) - len(token.rstrip(b"\\"))
    return b'"' + b"\\" * (slashes % 2)
