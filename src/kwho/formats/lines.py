"""Lines of a part of a file, with places to put some back; knows where the next line begins and its number."""

import codecs
from collections import deque
from collections.abc import Callable
from itertools import filterfalse, repeat
from operator import length_hint
from typing import Final

_CHUNK: Final = 1 << 16
_EMPTY: Final = (b"\n", b"\r\n")


class Lines:
    """Hands out lines, or pieces of lines longer than asked for; `offset` and `number` belong to what comes next.

    `number` counts lines from the first one handed out; `ended` tells whether the last piece completed its line.
    What is put back is held in memory, so it is bounded by whoever reads ahead.
    """

    def __init__(self, readline: Callable[[int], bytes], offset: int) -> None:
        self.readline = readline
        self.offset = offset
        self.number = 0
        self.ended = True
        self.queue: deque[bytes] = deque()
        self._open = False

    def take(self, limit: int) -> bytes:
        """The next line or the next `limit` bytes of it; empty at the end."""
        piece = self._queued(limit) if self.queue else self.readline(limit)
        self.took(piece, limit)
        return piece

    def took(self, piece: bytes, limit: int) -> None:
        """Counts a piece that was read past this object."""
        if self.ended and piece:
            self.number += 1
        self.offset += len(piece)
        self.ended = piece.endswith(b"\n") or len(piece) < limit

    def _queued(self, limit: int) -> bytes:
        piece = self.queue.popleft()
        if len(piece) > limit:
            self.queue.appendleft(piece[limit:])
            return piece[:limit]
        if self._open and not self.queue:
            self._open = False
            if len(piece) < limit:
                piece += self.readline(limit - len(piece))
        return piece

    def give_back(self, data: bytes) -> None:
        """Puts back the last bytes taken, which begin at the start of a line."""
        self._open = self._open or not self.ended
        lines = data.split(b"\n")
        tail = lines.pop()
        whole = [line + b"\n" for line in lines]
        if tail:
            whole.append(tail)
        self.queue.extendleft(reversed(whole))
        self.offset -= len(data)
        self.number -= len(whole)
        self.ended = True

    def skip_blank(self, stop: int, limit: int) -> None:
        """Takes the empty lines that start here and before `stop`; there may be millions, so none costs Python code."""
        ending = _EMPTY[0]
        while self.offset < stop and not self.queue:
            room = -(-(stop - self.offset) // len(ending))
            left = repeat(limit, room)
            line = next(filterfalse(ending.__eq__, map(self.readline, left)), None)
            taken = room - length_hint(left) - (line is not None)
            self.number += taken
            self.offset += taken * len(ending)
            if not line:
                return
            if line not in _EMPTY:
                self.queue.append(line)
                self._open = not line.endswith(b"\n") and len(line) == limit
                return
            ending = line
            self.number += 1
            self.offset += len(line)

    def skip_line(self) -> None:
        """Reads to the end of the line that was begun."""
        while not self.ended and self.take(_CHUNK):
            pass


class Utf16:
    """The same bytes as UTF-8, for a file that begins with a UTF-16 byte order mark."""

    MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

    def __init__(self, first: bytes, readline: Callable[[int], bytes]) -> None:
        self._source = readline
        self._decoder = codecs.getincrementaldecoder("utf-16")("replace")
        self._buffer = bytearray(self._decode(first))
        self.taken = len(first)
        """Bytes of the file that were read."""

    def readline(self, limit: int) -> bytes:
        """As of a binary file: up to and with the next newline, at most `limit` bytes, empty at the end."""
        seen = 0
        while (end := self._buffer.find(b"\n", seen) + 1) == 0 and len(self._buffer) < limit:
            seen = len(self._buffer)
            raw = self._source(_CHUNK)
            self.taken += len(raw)
            self._buffer += self._decode(raw)
            if not raw:
                break
        size = min(end or len(self._buffer), limit)
        line = bytes(self._buffer[:size])
        del self._buffer[:size]
        return line

    def _decode(self, raw: bytes) -> bytes:
        return self._decoder.decode(raw, final=not raw).encode("utf-8", "replace")
