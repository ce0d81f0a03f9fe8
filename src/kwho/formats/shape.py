# ruff: noqa: B007  loop variables are read after their loops
"""Lines that differ in a few places only, recognised without being decoded.

An API server writes the members of an event in one order, and most of what it writes it has written before: the same
account asks for the same kind of thing from the same address and is allowed by the same binding. What differs is the
audit ID, the URI, the name, UID and resource version of the object, and two times. So a line is taken for a row of
constant pieces with values between them:

    {"kind":…"auditID":"  ID  ","stage":…"requestURI":"  URI  ","verb":…"objectRef":{  "resource":…"name":"  NAME …

A `Shape` stands for one such row of pieces. It is learned from a decoded line, and only when a second decoding, with
other values in the same places, shows that exactly those members change. Since a value that is plain text (no
quote, backslash or control character; ASCII) cannot end the JSON string it stands in, every line with these pieces and
plain values is then known to decode to the same event, but for these values. Nothing is guessed: a line that is not
known is decoded.

Bounds: `SHAPES` shapes, each with one line of at most `LONGEST` bytes; learning stops for lines that seldom come again.
"""

import re
from struct import Struct
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from kwho.formats.ladder import STRICT
from kwho.formats.tree import FAILURES
from kwho.schema.record import Record

SHAPES: Final = 20_000
"""Shapes known at a time."""
_SHORTEST: Final = 256
"""Bytes of the shortest line that is looked at."""
LONGEST: Final = 4_096
"""Bytes of a line that is learned."""
SECONDS: Final = 100_000
"""Seconds remembered as well written."""

_PREFIXES: Final = tuple(
    f'{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"{level}","auditID":"'.encode()
    for level in ("Metadata", "Request", "RequestResponse")
)
_STAGES: Final = tuple(
    f'","stage":"{stage}","requestURI":"'.encode()
    for stage in ("ResponseComplete", "RequestReceived", "ResponseStarted")
)
_ID: Final = 36
"""Characters of a UUID."""
_KEY: Final = 96
"""Bytes behind the URI by which candidates are found: the verb and the name of most users."""
_OBJECT: Final = b'"objectRef":{'
_NAME: Final = b'"name":"'
_UID: Final = b'","uid":"'
_VERSION: Final = b'"resourceVersion":"'
_RECEIVED: Final = b'"requestReceivedTimestamp":"'
_BETWEEN: Final = b'Z","stageTimestamp":"'
_REACH: Final = 160
"""Bytes behind the start of an object reference in which its name begins."""
_HARMFUL: Final = bytes((*range(32), *b'"\\', *range(127, 256)))
_TIMES: Final = Struct("20s6s41s6s")
"""The second and its fraction of receipt, then what stands between, with the second of the answer, and its fraction."""
_SECOND: Final = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.")

_FEW: Final = 3
"""Heads of lines that are tried one after the other before one is looked up as a whole."""
_MOST: Final = 8
"""Pieces behind a name that are tried one after the other; lines with others are not learned."""
_ALLOWED: Final = 1_000
"""Lines that may be learned before any came again."""
_SHARE: Final = 16
"""Of that many lines read, one more may be learned."""


class Shape:
    """What lines have in common; `example` is one of them, `meaning` is the caller's to keep."""

    __slots__ = ("example", "meaning")

    def __init__(self, example: Record) -> None:
        self.example = example
        self.meaning: Any = None


Alike = tuple[Shape, bytes, bytes, bytes, bytes, bytes, bool, bytes, int, int]
"""A line of a known shape: shape, audit ID, URI, name, time of receipt, its first 20 bytes (to the second), whether
the answer was in another second, the line, its number and its offset. A plain tuple: most events come as one."""

_Ends = dict[bytes, Shape]
T = TypeVar("T", bound=tuple[Any, ...])
_Versions = list[tuple[bytes, _Ends]]
_Tail = tuple[bytes, _Ends, _Versions | None]
_Places = dict[bytes, list[_Tail]]
_Head = tuple[bytes, _Ends, _Places | None]


class _Cut(NamedTuple):
    """A line in constant pieces; the values between them are left out. `None` where a line has no such piece."""

    head: bytes
    place: bytes | None
    tail: bytes | None
    version: bytes | None
    end: bytes
    sample: bytes
    """The same line with other values."""
    changed: dict[str, str]
    """The members of the object reference that have another value there."""


class Shapes:
    """The shapes met so far. Not for lines that are in a wrapper."""

    def __init__(self) -> None:
        self._roots = tuple(_Root(prefix, stage) for prefix in _PREFIXES for stage in _STAGES)
        self._times: dict[bytes, bytes] = {}
        self._learned = 0
        self._tried = 0

    def find(self, line: bytes, number: int, offset: int) -> Alike | None:  # noqa: C901, PLR0911, PLR0912  the one path of most lines
        """The shape and the values of a line; None when it must be decoded. `number` and `offset` are handed on."""
        if len(line) < _SHORTEST:
            return None
        for root in self._roots:
            prefix, audit_id, stage = root.unpack(line)
            if prefix == root.prefix and stage == root.stage:
                break
        else:
            return None
        start = root.size
        close = line.find(b'"', start)
        for piece, ends, places in root.few.get(line[close : close + _KEY], ()):
            if line.startswith(piece, close):
                at = close + len(piece)
                break
        else:
            at = _head_end(line, close)
            known = root.many.get(line[close:at])
            if known is None:
                return None
            _, ends, places = known
        uri = line[start:close]
        values, name = audit_id + uri, b""
        if places is not None:
            mark = line.find(_NAME, at, at + _REACH) + 8
            if mark < 8:  # no name
                mark = stop = at
            else:
                stop = line.find(b'"', mark)
                name = line[mark:stop]
                values += name
            tails = places.get(line[at:mark])
            if tails is None:
                return None
            if line.startswith(_UID, stop):
                values += line[stop + 9 : stop + 45]
                stop += 45
            for piece, ends, versions in tails:
                if line.startswith(piece, stop):
                    break
            else:
                return None
            at = stop + len(piece)
            if versions is not None:
                stop = line.find(b'"', at)
                values += line[at:stop]
                for piece, ends in versions:
                    if line.startswith(piece, stop):
                        break
                else:
                    return None
                at = stop + len(piece)
        shape = ends.get(line[at + 73 :])
        if shape is None or values.translate(None, _HARMFUL) != values:
            return None
        if len(line) < at + _TIMES.size:
            return None
        second, digits, times, others = _TIMES.unpack_from(line, at)
        answered = self._times.get(times) or self._learn_times(times)
        late = answered != second
        if not (answered and (digits + others).isdigit() and (not late or self._learn_times(_BETWEEN + second))):
            return None
        return shape, audit_id, uri, name, line[at : at + 27], second, late, line, number, offset

    def learn(self, record: Record) -> None:
        """Take note of a line that was decoded and found in order, if others can be told to be like it."""
        self._tried += 1
        line = record.raw
        if self._learned >= min(SHAPES, _ALLOWED + self._tried // _SHARE) or len(line) > LONGEST:
            return
        root = next((root for root in self._roots if root.begins(line)), None)
        if root is None:
            return
        cut = _cut(line, root)
        if not _varies(cut, line):
            return
        head = root.put(cut)
        ends = head[1]
        if cut.place is not None:
            assert head[2] is not None
            assert cut.tail is not None
            tails = head[2].setdefault(cut.place, [])
            tail = _known(tails, cut.tail) or _put(tails, (cut.tail, {}, None if cut.version is None else []))
            ends = tail[1]
            if tail[2] is not None and cut.version is not None:
                ends = (_known(tail[2], cut.version) or _put(tail[2], (cut.version, {})))[1]
        if cut.end not in ends:
            self._learned += 1
            ends[cut.end] = Shape(record)

    def _learn_times(self, times: bytes) -> bytes | None:
        """The second of the answer, out of what stands between the fractions of two times; None if it is none."""
        second = times[len(_BETWEEN) :]
        if not times.startswith(_BETWEEN) or _SECOND.fullmatch(second) is None:
            return None
        if len(self._times) >= SECONDS:
            self._times.clear()
        self._times[times] = second
        return second


class _Root:
    """How lines of one level and stage begin; under it what comes between URI and object.

    The first few pieces are found by their beginning, the others by all of it.
    """

    __slots__ = ("few", "many", "prefix", "size", "stage", "unpack")

    def __init__(self, prefix: bytes, stage: bytes) -> None:
        front = Struct(f"{len(prefix)}s{_ID}s{len(stage)}s")
        self.unpack = front.unpack_from
        self.size = front.size
        self.prefix = prefix
        self.stage = stage
        self.few: dict[bytes, list[_Head]] = {}
        self.many: dict[bytes, _Head] = {}

    def begins(self, line: bytes) -> bool:
        """True when a line begins so."""
        return line.startswith(self.prefix) and line.startswith(self.stage, self.size - len(self.stage))

    def put(self, cut: _Cut) -> _Head:
        """The entry of a head, made when there is none."""
        few = self.few.setdefault(cut.head[:_KEY], [])
        head = next((found for found in few if found[0] == cut.head), None) or self.many.get(cut.head)
        if head is None:
            head = (cut.head, {}, None if cut.place is None else {})
            if len(few) < _FEW:
                few.append(head)
            else:
                self.many[cut.head] = head
        return head


def _known(pieces: list[T], piece: bytes) -> T | None:
    """The entry of a piece."""
    return next((found for found in pieces if found[0] == piece), None)


def _put(pieces: list[T], entry: T) -> T:
    """Add an entry while there are few; beyond, what is learned under it is never found, and forgotten."""
    if len(pieces) < _MOST:
        pieces.append(entry)
    return entry


def _head_end(line: bytes, start: int) -> int:
    """Where the object begins, or without one the time of receipt; 0 when neither is there."""
    at = line.find(_OBJECT, start)
    if at >= 0:
        return at + len(_OBJECT)
    at = line.find(_RECEIVED, start)
    return at + len(_RECEIVED) if at >= 0 else 0


def _cut(line: bytes, root: _Root) -> _Cut:
    """A line in pieces as `find` walks them."""
    close = line.find(b'"', root.size)
    at = _head_end(line, close)
    head = line[close:at]
    sample = [root.prefix, b"s" * _ID, root.stage, b"/shape", head]
    place = tail = version = None
    changed: dict[str, str] = {}
    if head.endswith(_OBJECT):
        mark = line.find(_NAME, at, at + _REACH) + len(_NAME)
        stop = line.find(b'"', mark) if mark >= len(_NAME) else at
        mark = max(mark, at)
        place = line[at:mark]
        sample.append(place)
        if mark > at:
            sample.append(b"shape")
            changed["name"] = "shape"
        if line.startswith(_UID, stop):
            sample += [_UID, b"u" * _ID]
            changed["uid"] = "u" * _ID
            stop += len(_UID) + _ID
        received = line.find(_RECEIVED, stop) + len(_RECEIVED)
        versioned = line.find(_VERSION, stop, received) + len(_VERSION)
        at = received if versioned < len(_VERSION) else versioned
        tail = line[stop:at]
        sample.append(tail)
        if at == versioned:
            stop = line.find(b'"', at)
            version, at = line[stop:received], received
            sample += [b"shape-version", version]
            changed["resourceVersion"] = "shape-version"
    end = line[at + 73 :]
    sample += [b"2031-01-01T00:00:01.000001", _BETWEEN, b"2031-01-01T00:00:02.000002", end]
    return _Cut(head, place, tail, version, end, b"".join(sample), changed)


def _varies(cut: _Cut, line: bytes) -> bool:
    """True when the sample differs from the line in the values that were changed and in nothing else."""
    try:
        event, sample = STRICT.decode(line), STRICT.decode(cut.sample)
    except FAILURES:
        return False
    ref = event.objectRef
    if ref is None and cut.changed:
        return False
    expected = msgspec.structs.replace(
        event,
        auditID="s" * _ID,
        requestURI="/shape",
        objectRef=None if ref is None else msgspec.structs.replace(ref, **cut.changed),
        requestReceivedTimestamp="2031-01-01T00:00:01.000001Z",
        stageTimestamp="2031-01-01T00:00:02.000002Z",
    )
    return sample == expected
