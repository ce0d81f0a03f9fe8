"""Lines at which nobody need look: counted by compiled code, without an object for them.

Of a usual log all but a few lines in a hundred are of a known shape (`formats.shape`), and rules seldom ask what
differs from line to line. All that is left to do is to see that the line is like the shape, to make the key of its
request and to append key and number to a column. `express.c` does that, and puts down those of which more is remembered
than that they were there. It hands out every other line: of an unknown shape, slow, or of a shape of which nothing was
told.

The compiled code knows bytes and numbers only. What it may pass is told here, shape by shape; whether it passed a line
or handed it out makes no difference to any answer. Where it was not compiled, `Shapes` does it all.
"""

import ctypes
import hashlib
from array import array
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from kwho.formats.shape import (
    ID,
    LONGEST,
    SAMPLE_BODY,
    SAMPLE_ID,
    SAMPLE_QUERY,
    SAMPLE_TIMES,
    SAMPLE_VERSION,
    Alike,
    Pace,
    Shape,
    Shapes,
    Strange,
    varies,
)
from kwho.kernel.clock import Clock
from kwho.kernel.columns import KEY, PARTITIONS, STAGES, search
from kwho.kernel.meaning import Column, Meaning
from kwho.schema.record import Record

SOURCE: Final = Path(__file__).with_name("express.c")
"""What is compiled, with what it includes. The name of the library tells of which state: no other is ever found."""
SHAPES: Final = 10_000
"""Shapes known at a time; twice those of `formats.shape`, for each takes the bytes of its line once."""
ROOM: Final = 12 << 20
"""Bytes of the lines whose shapes are known at a time."""
MEANINGS: Final = 20_000
"""Meanings of one book of which the compiled code is told; events of others are handed out."""

_UNKNOWN: Final = -1
_END: Final = -2
_UUID: Final = 16
_REQUEST: Final = 2
_RESPONSE: Final = 4
_QUERY: Final = 8
"""Bits of what stands in a line."""
_RIDING: Final = 0
_TELLING: Final = 1
"""The logs."""
_OUTS: Final = 7
_CUTS: Final = 8
_NUMBER: Final = 4
"""Bytes of a minute, and of a place."""
_WORD: Final = (1 << 64) - 1

_STATE: Final = ctypes.c_void_p
_BYTES: Final = ctypes.c_char_p
_INT: Final = ctypes.c_int
_U32: Final = ctypes.c_uint32
_I64: Final = ctypes.c_int64
_U64: Final = ctypes.c_uint64
_OUT: Final = ctypes.c_void_p
_FOUND: Final = ctypes.POINTER(ctypes.c_void_p)
_FUNCTIONS: Final[dict[str, tuple[Any, ...]]] = {
    "new": (_STATE, _U64, _U64, _U32, _U64, _U32),
    "free": (None, _STATE),
    "begin": (None, _STATE, _INT),
    "forget": (None, _STATE),
    "cut": (_INT, _BYTES, _U64, _OUT),
    "learn": (_I64, _STATE, _BYTES, _U64),
    "shape": (None, _STATE, _U32, _U32, _I64, _INT),
    "halt": (None, _STATE),
    "meaning": (None, _STATE, _U32, _INT, _INT, _INT),
    "open": (None, _STATE, _BYTES, _U64, _U64, _I64, _I64),
    "next": (_I64, _STATE, _OUT),
    "turns": (_U32, _STATE, _FOUND, _FOUND, _FOUND),
    "settle": (None, _STATE, _OUT, _U64),
    "column": (_U32, _STATE, _U32, _FOUND, _FOUND),
    "minutes": (_U32, _STATE, _FOUND, _OUT),
    "log": (_U32, _STATE, _U32, _FOUND),
    "mark": (_I64, _STATE, _BYTES, _U64, _BYTES, _U64),
    "among": (_INT, _BYTES, _U64, _BYTES, _U64, ctypes.c_void_p),
    "cite": (_U64, ctypes.c_void_p, ctypes.c_void_p, _U64, ctypes.c_void_p),
}
"""What each function gives, and what it takes."""


class Log(NamedTuple):
    """Requests that were passed and put down, by column; all of them with an audit ID that is a UUID."""

    times: "array[int]"
    """Microseconds since 1970."""
    keys: "array[int]"
    offsets: "array[int]"
    lines: "array[int]"
    shapes: list[Shape]
    ids: bytes
    """The audit IDs, 16 bytes each."""


class Express:
    """The shapes met so far (`formats.shape.Known`), in compiled code; counts for one part at a time."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self.passed = 0
        self._library = library
        secret = (hash(b"kwho: the first half") & _WORD, hash(b"kwho: the other half") & _WORD)
        self._state = library.express_new(*secret, SHAPES, ROOM, MEANINGS)
        if not self._state:
            raise MemoryError
        self._out, self._told = _numbers(_OUTS)
        self._cuts, self._cut = _numbers(_CUTS)
        self._shapes: list[Shape] = []
        self._pace = Pace()
        self._meanings: list[Meaning] = []
        self._book: object = None
        self._logs: tuple[list[Log], ...] = ()

    def __del__(self) -> None:
        self._library.express_free(self._state)

    def sweep(self, block: bytes, number: int, offset: int, stop: int) -> Iterator[Alike | Strange]:
        """The lines of a block at which somebody must look, as `Known` says."""
        state, out, told, walk = self._state, self._out, self._told, self._library.express_next
        self._library.express_open(state, block, len(block), max(0, stop - offset), offset, number)
        known = 0
        while known != _END:
            known = walk(state, told)
            start, end, passed, at, received, answered, marked = out
            line = block[start:end]
            number += passed + (known != _END)
            self.passed += passed
            if known >= 0:
                identity = line[at : at + ID]
                yield self._shapes[known], identity, received, answered, marked, line, number, offset + start
            else:
                yield Strange(line, number, offset + start)

    def learn(self, record: Record) -> None:
        """Take note of a line that was decoded and found in order, if others can be told to be like it."""
        line = record.raw
        kind = self._library.express_cut(line, len(line), self._cut) if self._pace.allows() else -1
        cuts = _Cuts(*self._cuts)
        if kind < 0 or len(line) > LONGEST + cuts.after - cuts.body or not _varies(record, kind, cuts):
            return
        number = self._library.express_learn(self._state, line, len(line))
        if number == _UNKNOWN:
            self._forget()
        elif number == len(self._shapes):
            self._shapes.append(Shape(record.event, number, bodied=cuts.body > 0, queried=cuts.query > 0))
            self._pace.learned += 1

    def _forget(self) -> None:
        self._unload()
        self._library.express_forget(self._state)
        self._shapes = []
        self._pace = Pace()

    def begin(self, book: object) -> None:
        """Count for another part. What was told of shapes holds as long as `book` is the same (`Lexicon.book`)."""
        anew, self._book = book is not self._book, book
        self._library.express_begin(self._state, anew)
        if anew:
            self._meanings = []
        self._logs = [], []
        self.passed = 0

    def tell(self, shape: Shape, meaning: Meaning, *, rides: bool = False) -> None:
        """Let lines of a shape pass: they count as their meaning does. Those that ride come in `riding`.

        Those whose shape tells facts come in `telling`, and so does what is first in its hour, where that is watched.
        """
        if self._shapes[shape.number : shape.number + 1] != [shape]:
            return  # it was forgotten
        if meaning.number < 0 and len(self._meanings) < MEANINGS:
            meaning.number = len(self._meanings)
            self._meanings.append(meaning)
            state = meaning.number, meaning.stage, meaning.timed, meaning.watched
            self._library.express_meaning(self._state, *state)
        if meaning.number >= 0:
            logs = rides << _RIDING | bool(shape.facts) << _TELLING
            self._library.express_shape(self._state, shape.number, meaning.number, shape.seed, logs)

    def riding(self) -> list[Log]:
        """The requests that were passed since the last call, of shapes that ride."""
        return self._taken(_RIDING)

    def telling(self) -> list[Log]:
        """The requests that were passed since the last call and tell something: facts, or who was where and when."""
        return self._taken(_TELLING)

    def _taken(self, which: int) -> list[Log]:
        self._unload()
        logs = [*self._logs[which]]
        self._logs[which].clear()
        return logs

    def halt(self) -> None:
        """Log nothing more until it is told anew."""
        self._library.express_halt(self._state)

    def _unload(self) -> None:
        for number, logs in enumerate(self._logs):
            found = (ctypes.c_void_p * 6)()
            size = self._library.express_log(self._state, number, found)
            if size:
                columns = [array(kind) for kind in "qqqqI"]
                for column, at in zip(columns, found, strict=False):
                    column.frombytes(_bytes(at, size * column.itemsize))
                times, keys, offsets, lines, numbers = columns
                shapes = list(map(self._shapes.__getitem__, numbers))
                logs.append(Log(times, keys, offsets, lines, shapes, _bytes(found[5], size * _UUID)))

    def turns(self) -> Iterator[tuple[Meaning, int, int]]:
        """The meanings of what was passed in this part, each with an hour, and the events in it; some come again."""
        found = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
        size = self._library.express_turns(self._state, *found)
        columns = array("I"), array("q"), array("I")
        for column, at in zip(columns, found, strict=True):
            column.frombytes(_bytes(at, size * column.itemsize))
        numbers, hours, counts = columns
        return zip(map(self._meanings.__getitem__, numbers), hours, counts, strict=True)

    def settle(self, rows: "array[int]") -> None:
        """Say under which number each of the `turns` counts, before `fill`."""
        self._library.express_settle(self._state, *rows.buffer_info())

    def mark(self, audit_id: bytes, received: bytes) -> int:
        """The keyed hash of an audit ID and a time of receipt, or of a query and nothing."""
        found: int = self._library.express_mark(self._state, audit_id, len(audit_id), received, len(received))
        return found

    def fill(self, columns: list[list[Column]], clock: Clock) -> None:
        """Enter all that was passed in the columns of a part, by stage and partition, and its times in a clock."""
        keys, numbers, library = ctypes.c_void_p(), ctypes.c_void_p(), self._library
        for stage in range(len(STAGES)):
            for partition in range(PARTITIONS):
                held = columns[stage][partition]
                size = library.express_column(self._state, stage * PARTITIONS + partition, keys, numbers)
                for column, found in zip(held, (keys, numbers), strict=True) if size else ():
                    column.frombytes(_bytes(found, size * column.itemsize))
        size = library.express_minutes(self._state, numbers, self._told)
        if size:
            minutes = memoryview(_bytes(numbers, size * _NUMBER)).cast("I")
            clock.cover(minutes, self._out[0], self._out[1])


class _Cuts(NamedTuple):
    """Where the values of a line begin and end; 0 for what it does not have."""

    id: int
    query: int
    closed: int
    version: int
    behind: int
    body: int
    after: int
    received: int


def _varies(record: Record, kind: int, cuts: _Cuts) -> bool:
    """True when lines that differ from this one where it is cut are known to differ in nothing else."""
    bodies = [name for name, bit in (("requestObject", _REQUEST), ("responseObject", _RESPONSE)) if kind & bit]
    sample = bytearray(record.raw)
    for start, end, text in (
        (cuts.received, cuts.received + len(SAMPLE_TIMES), SAMPLE_TIMES),
        (cuts.body, cuts.after, b"".join(f',"{name}":'.encode() + SAMPLE_BODY for name in bodies)),
        (cuts.version, cuts.behind, SAMPLE_VERSION),
        (cuts.query, cuts.closed, SAMPLE_QUERY),
        (cuts.id, cuts.id + ID, SAMPLE_ID),
    ):  # from behind: what stands before stays where it is
        if start:
            sample[start:end] = text
    return varies(record.event, sample, versioned=cuts.version > 0, bodies=bodies, queried=cuts.query > 0)


def _numbers(count: int) -> tuple[memoryview, int]:
    """Room for so many numbers that compiled code tells, and its address."""
    room = memoryview((ctypes.c_int64 * count)()).cast("B").cast("q")
    return room, ctypes.addressof(ctypes.c_int64.from_buffer(room))


def _bytes(at: ctypes.c_void_p | int | None, size: int) -> bytes:
    return ctypes.string_at(at, size) if at and size else b""


@cache
def compiled() -> ctypes.CDLL | None:
    """The compiled code, where there is some."""
    try:
        sources = sorted(SOURCE.parent.glob(f"{SOURCE.stem}*.[ch]"))
        state = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
        library = ctypes.CDLL(str(SOURCE.with_name(f"_express-{state}.so")))
    except OSError:
        return None
    for name, (answer, *takes) in _FUNCTIONS.items():
        function = library[f"express_{name}"]
        function.restype, function.argtypes = answer, takes
        setattr(library, f"express_{name}", function)
    return library


def among(keys: bytes, asked: bytes) -> Sequence[int] | None:
    """The same as `search`, in compiled code where there is some."""
    library, places = compiled(), array("I", bytes(_NUMBER * (len(asked) // KEY.size)))
    told, size = places.buffer_info()
    if library is None or not library.express_among(keys, len(keys) // KEY.size, asked, size, told):
        return search(keys, asked)
    return places


def known_lines() -> Express | Shapes:
    """What recognises lines here: the compiled code, or without it the same in Python."""
    library = compiled()
    return Shapes() if library is None else Express(library)
