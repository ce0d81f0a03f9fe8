"""Lines of a part of an input: plain, compressed or piped, as fast as a plain file reads. Errors end it and are told.

Memory: a read buffer of 128 KiB, and for an archive at most six blocks of 1 MiB and the window of the format.
"""

import io
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final, cast

from kwho.inflate import HEAD, sniff
from kwho.sources.ahead import ahead
from kwho.sources.archive import PIECE, content
from kwho.sources.input import STDIN, Input, Part, reason

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BUFFER: Final = 1 << 17
"""Bytes read at once from a plain file or a pipe."""

Fill = Callable[[memoryview], int | None]
"""Puts the next bytes in and says how many; 0 at the end, None when a non-blocking descriptor has none yet."""


class Stream:
    """An open part. `readline(cap)` gives the next line with its line feed, at most `cap` bytes, b"" at the end.

    `offset` is the position (decompressed) of the first byte that `readline` gives. The stream ends where the file
    ended when it was found, not at `Part.stop`. After the end, `torn` says why an archive was not whole, and `error`
    which I/O error stopped the reading; both None when all is well.
    """

    __slots__ = ("ahead", "error", "offset", "on_disk", "readline", "torn")

    def __init__(self) -> None:
        self.ahead: io.BufferedReader[_Raw] | None = None
        """What `readline` belongs to; None for a file that cannot be opened."""
        self.readline: Callable[[int], bytes] = lambda _: b""
        self.offset = 0
        self.on_disk: Callable[[], int] = lambda: 0
        """How many bytes of the file were read so far, as they lie on the disk."""
        self.torn: str | None = None
        self.error: str | None = None

    def begin(self, lines: "io.BufferedReader[_Raw]") -> None:
        """Read from here on."""
        self.ahead = lines
        self.readline = lines.readline

    @property
    def position(self) -> int:
        """How many (decompressed) bytes were taken of a part that begins at 0."""
        return 0 if self.ahead is None else self.ahead.tell()

    def go_on(self, start: int) -> bool:
        """Leave out what lies before the first line start at or after `start`; False when nothing comes any more."""
        lines = self.ahead
        if lines is None:
            return False
        position = lines.tell()
        if position >= start:  # the record before was long
            self.offset = position
            return bool(lines.peek(1))
        left = start - 1 - position
        while left > 0 and (passed := lines.read(min(left, BUFFER))):
            left -= len(passed)
        if left > 0:
            return False
        self.offset = _align(lines.readline, start)
        return bool(lines.peek(1))


def parts(input: Input, size: Callable[[int], int]) -> list[Part]:
    """`input` in parts; archives, streams and UTF-16 are one. The last part is open-ended.

    `size` tells how many bytes, at least one, the part has that begins at an offset.
    """
    starts = [0]
    whole = input.size is None or input.compression or input.whole
    while not whole and (start := starts[-1] + size(starts[-1])) < (input.size or 0):
        starts.append(start)
    return [Part(input.path, start, stop) for start, stop in zip(starts, [*starts[1:], None], strict=True)]


@contextmanager
def open_part(input: Input, part: Part) -> Iterator[Stream]:
    """The lines from the first line start at or after `part.start` on; a file that cannot be opened has an `error`."""
    stream = Stream()
    with ExitStack() as stack:
        try:
            fill = _fill(input, part.start, stream, stack)
        except OSError as error:
            stream.error = reason(error)
            stream.offset = part.start
            yield stream
            return
        lines = io.BufferedReader(_Raw(fill, stream), BUFFER)
        if part.start:
            stream.offset = _align(lines.readline, part.start)
        stream.begin(lines)
        yield stream


def _align(readline: Callable[[int], bytes], start: int) -> int:
    """Reads up to the first line start at or after `start`; `readline` stands one byte before it."""
    offset = start - 1
    while piece := readline(BUFFER):
        offset += len(piece)
        if piece.endswith(b"\n"):
            break
    return offset


def _fill(input: Input, start: int, stream: Stream, stack: ExitStack) -> Fill:
    if input.path == STDIN:
        return _piped(_stdin(), stream)
    file = stack.enter_context(io.FileIO(input.path, opener=None if input.size is None else unblocked))
    if input.size is None:
        return _piped(file.readinto, stream)
    status = os.fstat(file.fileno())
    if input.identity not in (None, (status.st_dev, status.st_ino)) or not stat.S_ISREG(status.st_mode):
        raise OSError("another file took this name after it was found")
    size = input.size or status.st_size
    stream.on_disk = file.tell
    if not input.compression:
        return _upto(file, max(0, start - 1), size)

    def pieces() -> Iterator[bytes]:
        return _pieces(_upto(file, 0, size))

    blocks = content(pieces(), input.compression, stream, pieces)
    return _joined(stack.enter_context(ahead(blocks)))


def unblocked(path: str, flags: int) -> int:
    """Open what was a regular file: should a pipe have taken its name, nobody waits for its writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _stdin() -> Fill:
    if sys.stdin is None:
        raise OSError("there is no standard input")
    fill: Fill = cast(io.BufferedReader, sys.stdin.buffer).readinto1
    return fill


def _piped(fill: Fill, stream: Stream) -> Fill:
    """What a pipe gives, inflated if it begins like an archive. Without a thread: a waiting read could not be ended."""
    head = b""
    while len(head) < HEAD and (more := _take(fill, HEAD - len(head))):
        head += more
    kind = sniff(head)
    return _joined(content(_pieces(fill, head), kind, stream)) if kind else _after(head, fill)


def _upto(file: io.FileIO, start: int, size: int) -> Fill:
    """The bytes from `start` up to `size`; what is appended later stays out, and what was cut off is an OSError.

    A size of 0 is no bound: some file systems give it to files with content.
    """
    file.seek(start)
    left = size - start if size else sys.maxsize

    def fill(view: memoryview) -> int:
        nonlocal left
        count = file.readinto(view[: max(0, left)]) or 0
        left -= count
        if not count and left and size:
            raise OSError("the file became shorter while it was read")
        return count

    return fill


def _pieces(fill: Fill, head: bytes = b"") -> Iterator[bytes]:
    if head:
        yield head
    while piece := _take(fill, PIECE):
        yield piece


def _take(fill: Fill, count: int) -> bytes:
    room = bytearray(count)
    with memoryview(room) as view:
        taken = _certain(fill(view))
    return bytes(room[:taken])


def _certain(count: int | None) -> int:
    if count is None:
        raise BlockingIOError("nothing to read yet, and waiting was forbidden")
    return count


def _after(head: bytes, fill: Fill) -> Fill:
    """`head`, then what `fill` gives."""
    first = _joined(iter([head]))
    return lambda view: first(view) or fill(view)


def _joined(blocks: Iterator[bytes]) -> Fill:
    rest = memoryview(b"")

    def fill(view: memoryview) -> int:
        nonlocal rest
        if not rest:
            rest = memoryview(next(blocks, b""))
        count = min(len(view), len(rest))
        view[:count] = rest[:count]
        rest = rest[count:]
        return count

    return fill


class _Raw(io.RawIOBase):
    """Raw bytes that never raise: an I/O error ends the reading and stands in `stream.error`."""

    closed = False  # asked for at every line; the inherited property costs 0.1 µs

    def __init__(self, fill: Fill, stream: Stream) -> None:
        self._fill = fill
        self._stream = stream
        self._given = 0

    def tell(self) -> int:
        """How many bytes were given so far."""
        return self._given

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        """True for the buffer above, which moves in what it holds; it is never asked for more."""
        return True

    def close(self) -> None:
        super().close()
        self.closed = True  # or the buffer above would close it again when it is collected, and fail

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        if self._stream.error:
            return 0
        try:
            count = _certain(self._fill(memoryview(buffer)))
        except OSError as error:
            self._stream.error = reason(error)
            return 0
        self._given += count
        return count
