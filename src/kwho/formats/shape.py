# ruff: noqa: B007  loop variables are read after their loops
"""Lines that an API server has written before, but for a few values: recognised without being decoded.

An API server writes the members of an event in one order, and most of what it writes it has written before: the same
account does the same thing to the same object from the same address and is allowed by the same binding. What differs
is the audit ID, two times, and the version of the object. So a line is taken for a row of constant pieces with values
between them:

    {"kind":…"auditID":"  ID  ","stage":…"requestURI":…"resourceVersion":"  17  "},…"requestReceivedTimestamp":"  …

A `Shape` stands for one such row of pieces. It is learned from a decoded line, and only when a second decoding, with
other values in the same places, shows that exactly those members change. Since a value that is plain text (no
quote, backslash or control character; ASCII) cannot end the JSON string it stands in, every line with these pieces and
plain values is then known to decode to the same event, but for these values. Nothing is guessed: a line that is not
known is decoded.

Bounds: `SHAPES` shapes of lines of at most `LONGEST` bytes, `ROOM` bytes in all; beyond, all are forgotten, since what
an API server writes changes in time, and learned anew. Learning stops where lines seldom come again.
"""

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from struct import Struct
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from kwho.formats.ladder import STRICT
from kwho.formats.tree import FAILURES
from kwho.schema.event import ABSENT, Event
from kwho.schema.moment import parse_moment
from kwho.schema.record import Record

SHAPES: Final = 5_000
"""Shapes known at a time."""
ROOM: Final = 7 << 20
"""Bytes of the lines whose shapes are known at a time; a shape takes about five times the bytes of its line."""
LONGEST: Final = 4_096
"""Bytes of a line that is learned, but for bodies."""

_PREFIXES: Final = tuple(
    f'{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"{level}","auditID":"'.encode()
    for level in ("Metadata", "Request", "RequestResponse")
)
_STAGES: Final = tuple(
    f'","stage":"{stage}","requestURI":"'.encode()
    for stage in ("ResponseComplete", "RequestReceived", "ResponseStarted")
)
ID: Final = 36
"""Characters of a UUID."""
SHORTEST: Final = 256
"""Bytes of the shortest line that is looked at."""
_BEFORE: Final = 24
_BEHIND: Final = 72
"""Bytes before and behind the end of the URI by which candidates are found: an object, a verb, the start of a user."""
_VERSION: Final = b'"resourceVersion":"'
_DIGITS: Final = 20
"""Digits of the longest version of an object: 64 bits."""
_RECEIVED: Final = b'"requestReceivedTimestamp":"'
_BETWEEN: Final = b'Z","stageTimestamp":"'
_TIMES: Final = Struct("20s6s21s20s6s")
"""The second and the fraction of receipt, what stands between, and both of the answer."""
_SECOND: Final = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.")
_SECONDS: Final = 100_000
"""Seconds of which the moment is remembered."""
_SAMPLE_RECEIVED: Final = b"2031-01-01T00:00:01.000001"
_SAMPLE_ANSWERED: Final = b"2031-01-01T00:00:02.000002"
SAMPLE_ID: Final = b"s" * ID
SAMPLE_VERSION: Final = b"12345678909876543210"
SAMPLE_QUERY: Final = b"sample=1\\u0026query=2"
_ASKED: Final = "sample=1&query=2"
SAMPLE_TIMES: Final = _SAMPLE_RECEIVED + _BETWEEN + _SAMPLE_ANSWERED
SAMPLE_BODY: Final = b'{"a":0}'
"""Values that stand in no line, to see which members of an event change with them."""
_HARMFUL: Final = bytes((*range(32), *b'"\\', *range(127, 256)))

_FEW: Final = 4
"""Pieces that are tried one after the other before a line is looked up by all of its piece."""
_ALLOWED: Final = 2_000
"""Lines that may be learned before any came again."""
_SHARE: Final = 8
"""Of that many lines that were decoded, one more may be learned."""


class Shape:
    """What lines have in common; `event` is one of them."""

    __slots__ = ("apart", "asked", "bodied", "event", "facts", "mask", "meaning", "number", "queried", "seed")

    def __init__(self, event: Event, number: int = 0, *, bodied: bool = False, queried: bool = False) -> None:
        self.event = event
        self.bodied = bodied
        """True when lines of this shape have bodies, each its own."""
        self.queried = queried
        """True when lines of this shape have a query, behind the `?` of the URI, each its own."""
        self.number = number
        """Among those that are known at a time, where they are numbered."""
        self.meaning: Any = None
        """The caller's to keep, as all below."""
        self.mask = 0
        self.asked = 0
        self.apart = False
        self.facts: Any = ()
        self.seed = 0

    @property
    def varied(self) -> bool:
        """True when lines of this shape have bodies or queries, each its own; `event` then tells all but these."""
        return self.bodied or self.queried


Alike = tuple[Shape, bytes, int, int, int, bytes, int, int]
"""A line of a known shape: shape, audit ID, moments of receipt and of the answer (microseconds since 1970), the mark of
ID and receipt, the line, its number and its offset. A plain tuple: most events come as one."""


class Strange(NamedTuple):
    """A line of no known shape, its number and its offset. An empty one: the next line has the number after this."""

    line: bytes
    number: int
    offset: int


class Known(Protocol):
    """The shapes met so far, and a way to walk over lines with them."""

    passed: int
    """Lines that were walked over without being handed out, since they only had to be counted."""

    def sweep(self, block: bytes, number: int, offset: int, stop: int) -> Iterator[Alike | Strange]:
        """The whole lines of a block that begin before `stop`, but for those that are passed.

        `offset` is where the block begins, after `number` lines. At last comes an empty line: where the sweep ended.
        """
        ...

    def learn(self, record: Record) -> None:
        """Take note of a line that was decoded and found in order, if others can be told to be like it."""
        ...


_Ends = dict[bytes, Shape]
_Middle = tuple[bytes, int, _Ends, _Ends | None]
"""The URI and all behind it up to the time of receipt, or the version; where that ends; shapes by the end of the line,
and where there is a version by what stands between it and the time, with the end."""


class _Cut(NamedTuple):
    """A line in constant pieces; the values between them are left out."""

    middle: bytes
    behind: bytes | None
    """What follows the version; None without one."""
    end: bytes
    sample: bytes
    """The same line with other values."""


def mark(audit_id: bytes, received: bytes) -> int:
    """A keyed hash of what tells requests apart that ask for the same; equal in all processes of a run.

    Of the query of a URI as well, with nothing for the second.
    """
    return hash((audit_id, received))


class Pace:
    """How much may be learned: less where lines seldom come again."""

    def __init__(self) -> None:
        self.tried = 0
        self.learned = 0

    def allows(self) -> bool:
        """True when one more line that was decoded may be learned."""
        self.tried += 1
        return self.learned < _ALLOWED + self.tried // _SHARE


class Shapes:
    """The shapes met so far. Not for lines that are in a wrapper."""

    passed = 0

    def __init__(self) -> None:
        self._seconds: dict[bytes, int] = {}
        self._forget()

    def sweep(self, block: bytes, number: int, offset: int, stop: int) -> Iterator[Alike | Strange]:
        """The lines of a block, as `Known` says; all of them are handed out."""
        for line in BytesIO(block):
            if offset >= stop or line[-1:] != b"\n":
                break
            number += 1
            yield self.find(line, number, offset) or Strange(line, number, offset)
            offset += len(line)
        yield Strange(b"", number, offset)

    def find(self, line: bytes, number: int, offset: int) -> Alike | None:  # noqa: C901, PLR0911, PLR0912  the one path of most lines
        """The shape and the values of a line; None when it must be decoded. `number` and `offset` are handed on."""
        if len(line) < SHORTEST:
            return None
        for root in self._roots:
            prefix, audit_id, stage = root.unpack(line)
            if prefix == root.prefix and stage == root.stage:
                break
        else:
            return None
        close = line.find(b'"', root.size)
        for middle, at, ends, versioned in root.few.get(line[close - _BEFORE : close + _BEHIND], ()):
            if line.startswith(middle, root.size):
                break
        else:
            at = _value_at(line, close)
            known = root.many.get(line[root.size : at])
            if known is None:
                return None
            _, _, ends, versioned = known
        if versioned is not None:
            stop = line.find(b'"', at, at + _DIGITS + 1)
            if not line[at:stop].isdigit():
                return None
            at = line.find(_RECEIVED, stop) + len(_RECEIVED)
            shape = versioned.get(line[stop:at] + line[at + _TIMES.size :])
        else:
            shape = ends.get(line[at + _TIMES.size :])
        if shape is None or audit_id.translate(None, _HARMFUL) != audit_id:
            return None
        start, fraction, between, end, rest = _TIMES.unpack_from(line, at)
        received, answered = self._seconds.get(start) or self._learn(start), self._seconds.get(end) or self._learn(end)
        if not (received and answered and between == _BETWEEN and (fraction + rest).isdigit()):
            return None
        marked = mark(audit_id, line[at : at + 27])
        return shape, audit_id, received + int(fraction), answered + int(rest), marked, line, number, offset

    def learn(self, record: Record) -> None:
        """Take note of a line that was decoded and found in order, if others can be told to be like it."""
        line, event = record.raw, record.event
        bodied = event.requestObject is not ABSENT or event.responseObject is not ABSENT
        if bodied or not (self._pace.allows() and SHORTEST <= len(line) <= LONGEST):
            return
        root = next((root for root in self._roots if root.begins(line)), None)
        if root is None:
            return
        cut = _cut(line, root)
        if not varies(event, cut.sample, versioned=cut.behind is not None):
            return
        if self._pace.learned >= SHAPES or self._room < len(line):
            self._forget()
            return
        _, _, ends, versioned = root.put(cut, line)
        self._pace.learned += 1
        self._room -= len(line)
        if cut.behind is None:
            ends[cut.end] = Shape(event)
        elif versioned is not None:
            versioned[cut.behind + cut.end] = Shape(event)

    def _forget(self) -> None:
        self._roots = tuple(_Root(prefix, stage) for prefix in _PREFIXES for stage in _STAGES)
        self._pace = Pace()
        self._room = ROOM

    def _learn(self, second: bytes) -> int:
        """Microseconds since 1970 of a second as lines have it; 0 when it is not believable, or not so written."""
        moment = parse_moment(f"{second.decode()}000000Z") if _SECOND.fullmatch(second) else None
        if moment is None:
            return 0
        if len(self._seconds) >= _SECONDS:
            self._seconds.clear()
        self._seconds[second] = moment
        return moment


class _Root:
    """How lines of one level and stage begin, and what comes behind the URI."""

    __slots__ = ("few", "many", "prefix", "size", "stage", "unpack")

    def __init__(self, prefix: bytes, stage: bytes) -> None:
        front = Struct(f"{len(prefix)}s{ID}s{len(stage)}s")
        self.unpack = front.unpack_from
        self.size = front.size
        self.prefix = prefix
        self.stage = stage
        self.few: dict[bytes, list[_Middle]] = {}
        self.many: dict[bytes, _Middle] = {}

    def begins(self, line: bytes) -> bool:
        """True when a line begins so."""
        return line.startswith(self.prefix) and line.startswith(self.stage, self.size - len(self.stage))

    def put(self, cut: _Cut, line: bytes) -> _Middle:
        """The entry of a middle, made when there is none."""
        close = line.find(b'"', self.size)
        few = self.few.setdefault(line[close - _BEFORE : close + _BEHIND], [])
        found = next((known for known in few if known[0] == cut.middle), None) or self.many.get(cut.middle)
        if found is None:
            found = (cut.middle, self.size + len(cut.middle), {}, None if cut.behind is None else {})
            if len(few) < _FEW:
                few.append(found)
            else:
                self.many[cut.middle] = found
        return found


def _value_at(line: bytes, start: int) -> int:
    """Where the next value begins: the version of the object, else the time of receipt."""
    received = line.find(_RECEIVED, start)
    version = line.find(_VERSION, start, received)
    return version + len(_VERSION) if version >= 0 else received + len(_RECEIVED)


def _cut(line: bytes, root: _Root) -> _Cut:
    """A line in pieces as `find` walks them."""
    close = line.find(b'"', root.size)
    at = _value_at(line, close)
    middle, behind = line[root.size : at], None
    sample = [root.prefix, SAMPLE_ID, root.stage, middle]
    if middle.endswith(_VERSION):
        stop = line.find(b'"', at)
        at = line.find(_RECEIVED, stop) + len(_RECEIVED)
        behind = line[stop:at]
        sample += [SAMPLE_VERSION, behind]
    end = line[at + _TIMES.size :]
    return _Cut(middle, behind, end, b"".join([*sample, SAMPLE_TIMES, end]))


def varies(
    event: Event, sample: bytes | bytearray, *, versioned: bool, bodies: Sequence[str] = (), queried: bool = False
) -> bool:
    """True when the sample differs from the line of the event in the values that were changed and in nothing else.

    `bodies` are the names of those that were; with `queried` it was the query of a request for a resource.
    """
    try:
        other = STRICT.decode(sample)
    except FAILURES:
        return False
    ref = event.objectRef
    changed: dict[str, Any] = dict.fromkeys(bodies, msgspec.Raw(SAMPLE_BODY))
    if ref is None and (versioned or queried):
        return False
    if ref is not None and versioned:
        ref = msgspec.structs.replace(ref, resourceVersion=SAMPLE_VERSION.decode())
    if queried:
        path, mark, _ = (event.requestURI or "").partition("?")
        changed["requestURI"] = path + mark + _ASKED
    expected = msgspec.structs.replace(
        event,
        **changed,
        auditID=SAMPLE_ID.decode(),
        objectRef=ref,
        requestReceivedTimestamp=f"{_SAMPLE_RECEIVED.decode()}Z",
        stageTimestamp=f"{_SAMPLE_ANSWERED.decode()}Z",
    )
    return other == expected
