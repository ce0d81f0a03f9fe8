"""The requests that a rule took note of: when, which, how good a look it was, and where it stands; one row each.

A request is noted once, however many rules match it: their tallies hold the numbers of rows. Rows are held in columns,
some 55 bytes each; an audit ID that is no UUID is kept beside them, as the text it is.
"""

from array import array
from binascii import unhexlify
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import compress, repeat
from operator import itemgetter
from struct import Struct
from typing import Final, NamedTuple

from kwho.schema.finding import encodable

UNKNOWN_TIME: Final = -1

STARTED: Final = 2
"""Flag of a rank: the look was at ResponseStarted, so a later stage of the same request replaces it."""
BARE: Final = 1
"""Flag of a rank: the event had neither request nor response body, so a copy with one outlives it."""

_PRECEDENCE: Final = Struct(">BQIQI")
_ID: Final = 16
"""Bytes of an audit ID as API servers make them: a UUID."""
_WIDTH: Final = 36
"""Characters of a UUID."""
_DASHES: Final = ((4, 40), (28, 39), (32, 38))
"""Where the dashes too many stand in a row of UUIDs written in groups of four digits, each time one is taken out."""
_TOGETHER: Final = 1 << 18
"""Audit IDs that are compared at a time, about."""
_KINDS: Final = 2
"""Bits of a rank."""


class Sighting(NamedTuple):
    """One look at one request: when, which (the keyed hash of its request), how good, and where it stands.

    A smaller `rank` is the better look: final before started, with bodies before without.
    """

    time: int
    key: int
    rank: int
    file: int
    start: int
    offset: int
    within: int
    line: int
    stage: str | None
    audit_id: str | None


class Columns(NamedTuple):
    """Where some looks stand, each column in their order, all texts encodable; see `Sighting`."""

    places: Sequence[int]
    """Numbers of places, see `Journal.places`."""
    lines: Iterable[int]
    offsets: Iterable[int]
    within: Iterable[int]
    stages: Iterable[str | None]
    audit_ids: Iterable[str | None]


Brief = tuple[int, int, int, int, int, bytes]
"""Time, key, rank (a number of `Journal.stage`), offset and line of a look, and an audit ID of ASCII."""


class Journal:
    """Rows in the order in which they were noted; `extend` appends those of another journal."""

    __slots__ = (
        "_begin",
        "_ids",
        "_lines",
        "_numbers",
        "_offsets",
        "_others",
        "_ranks",
        "_stages",
        "_within",
        "keys",
        "places",
        "times",
    )

    def __init__(self) -> None:
        self.times = array("q")
        """Microseconds since 1970; `UNKNOWN_TIME` where none is believable."""
        self.keys = array("q")
        """The keyed hash of each request."""
        self._ranks = array("I")
        """The number of the stage, then the bits of the rank."""
        self._offsets = array("q")
        self._lines = array("q")
        self._within: dict[int, int] = {}
        """The number of the event within its record, by row, where it is not the first."""
        self._ids = bytearray()
        self._others: dict[int, str | None] = {}
        """Audit IDs that are not written as API servers write UUIDs, by row."""
        self._stages: list[str | None] = ["ResponseComplete"]
        self._numbers: dict[str | None, int] = {"ResponseComplete": 0}
        self._begin: list[int] = []
        """The first row of each place, in order."""
        self.places: list[tuple[int, int]] = []
        """Where rows stand: number of the file and offset of the part from which lines are counted."""

    def __len__(self) -> int:
        return len(self.times)

    def note(self, seen: Sighting) -> int:
        """Add a row and give its number."""
        row = len(self.times)
        self.begin(seen.file, seen.start)
        self.times.append(seen.time)
        self.keys.append(seen.key)
        self._ranks.append(self.stage(seen.stage, seen.rank))
        self._offsets.append(seen.offset)
        self._lines.append(seen.line)
        if seen.within:
            self._within[row] = seen.within
        self._identify(row, seen.audit_id)
        return row

    def _identify(self, row: int, audit_id: str | None) -> None:
        packed = _packed([(audit_id or "").encode("utf-8", "surrogatepass")])
        self._ids += packed or bytes(_ID)
        if packed is None:
            self._others[row] = audit_id

    def begin(self, file: int, start: int) -> None:
        """Say where the rows from here on stand: in which file, and where in it the counting of lines began."""
        if not self.places or self.places[-1] != (file, start):
            self._begin.append(len(self.times))
            self.places.append((file, start))

    def stage(self, stage: str | None, rank: int) -> int:
        """The number that stands for a stage and a rank, for `append`."""
        number = self._numbers.setdefault(stage, len(self._stages))
        if number == len(self._stages):
            self._stages.append(stage)
        return number << _KINDS | rank

    def append(self, looks: Sequence[Brief]) -> int:
        """Add rows for whole lines, at least one, in the place that was begun; gives the number of the first."""
        times, keys, ranks, offsets, lines, audit_ids = zip(*looks, strict=True)
        packed = _packed(audit_ids)
        first = self.enter((times, keys, offsets, lines), ranks, packed or b"")
        for row, audit_id in enumerate(() if packed else audit_ids, first):
            self._identify(row, audit_id.decode())
        return first

    def enter(self, columns: Sequence[Sequence[int]], ranks: Sequence[int], ids: bytes) -> int:
        """Add rows for whole lines in the place that was begun; the number of the first.

        `columns` are times, keys, offsets and lines, `ranks` numbers of `stage`, `ids` UUIDs in 16 bytes each.
        """
        base = len(self.times)
        for mine, found in zip(
            (self.times, self.keys, self._offsets, self._lines, self._ranks), (*columns, ranks), strict=True
        ):
            mine.extend(found)
        self._ids += ids
        return base

    def extend(self, other: "Journal") -> int:
        """Append the rows of another journal; their numbers grow by what is returned."""
        base = len(self.times)
        for place, begin in zip(other.places, other._begin, strict=True):
            self.places.append(place)
            self._begin.append(base + begin)
        self.times += other.times
        self.keys += other.keys
        self._ranks += self._renumbered(other)
        self._offsets += other._offsets
        self._lines += other._lines
        self._within.update((base + row, within) for row, within in other._within.items())
        self._ids += other._ids
        self._others.update((base + row, audit_id) for row, audit_id in other._others.items())
        return base

    def _renumbered(self, other: "Journal") -> "array[int]":
        """The ranks of another journal, with the numbers that stages have here."""
        if other._stages == self._stages[: len(other._stages)]:
            return other._ranks
        numbers = [self.stage(stage, 0) for stage in other._stages]
        return array("I", (numbers[rank >> _KINDS] | rank & (STARTED | BARE) for rank in other._ranks))

    def rank(self, row: int) -> int:
        """How good a look a row is."""
        return self._ranks[row] & (STARTED | BARE)

    def precedence(self, rows: "array[int]") -> bytes:
        """The `precedence` of the first of some rows, all of one place and one rank."""
        time = min(map(self.times.__getitem__, rows))
        return min(precedence(self.sighting(row)) for row in rows if self.times[row] == time)

    def audit_id(self, row: int) -> str | None:
        """The audit ID of a row."""
        if self._others and row in self._others:
            return self._others[row]
        text = self._ids[_ID * row : _ID * (row + 1)].hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def shared(self, chosen: Sequence[int]) -> set[str]:
        """The audit IDs that several of the chosen requests bear; `chosen` is 1 for each row to look at, else 0."""
        found, borne = set(), dict[str, int]()
        again = self._again(chosen)
        halves = memoryview(self._ids).cast("q")[1::2]
        for row in compress(range(len(self)), map(again.__contains__, halves)) if again else ():
            audit_id = self.audit_id(row) if chosen[row] else None
            if audit_id and borne.setdefault(audit_id, self.keys[row]) != self.keys[row]:
                found.add(audit_id)
        return found

    def _again(self, chosen: Sequence[int]) -> set[int]:
        """The latter halves of audit IDs that come more than once among the chosen rows; hardly any does."""
        ends = self._ids[_ID - 1 :: _ID]
        groups = 1 + len(ends) // _TOGETHER
        again: set[int] = set()
        for group in range(groups):
            inside = ends.translate(bytes(end % groups == group for end in range(256)))
            halves = [*compress(compress(memoryview(self._ids).cast("q")[1::2], inside), compress(chosen, inside))]
            if len(set(halves)) < len(halves):
                again.update(half for half, times in Counter(halves).items() if times > 1)
        return again

    def sighting(self, row: int) -> Sighting:
        """A row as the look that it was."""
        file, start = self.places[bisect_right(self._begin, row) - 1]
        rank = self._ranks[row]
        return Sighting(
            self.times[row], self.keys[row], rank & (STARTED | BARE), file, start, self._offsets[row],
            self._within.get(row, 0), self._lines[row], self._stages[rank >> _KINDS], self.audit_id(row),
        )  # fmt: skip

    def columns(self, rows: Sequence[int]) -> Columns:
        """Where the looks of some rows stand, as `sighting` tells it of one; of at least two rows."""
        pick = itemgetter(*rows)
        ranks = pick(self._ranks)
        stages = {rank: encodable(self._stages[rank >> _KINDS]) for rank in set(ranks)}
        return Columns(
            self._where(rows),
            pick(self._lines),
            pick(self._offsets),
            map(self._within.get, rows, repeat(0)) if self._within else repeat(0),
            map(stages.__getitem__, ranks),
            self._audit_ids(rows),
        )

    def _audit_ids(self, rows: Sequence[int]) -> list[str | None]:
        """The audit ID of each row."""
        ids = self._ids
        found: list[str | None] = [*uuids(b"".join([ids[at : at + _ID] for at in map(_ID.__mul__, rows)]))]
        for at, row in enumerate(rows if self._others else ()):
            if row in self._others:
                found[at] = encodable(self._others[row])
        return found

    def _where(self, rows: Sequence[int]) -> list[int]:
        """The number of the place of each row; most findings stand in one."""
        first, last = (bisect_right(self._begin, row) - 1 for row in (min(rows), max(rows)))
        if first == last:
            return [first] * len(rows)
        return [behind - 1 for behind in map(bisect_right, repeat(self._begin), rows)]

    @property
    def packed(self) -> "tuple[bytearray, array[int], array[int], array[int]]":
        """What is held of each row: a UUID, line, offset, and the number of `stages` with the rank."""
        return self._ids, self._lines, self._offsets, self._ranks

    @property
    def stages(self) -> Sequence[str | None]:
        """The stages of rows, by number."""
        return self._stages

    @property
    def begins(self) -> Sequence[int]:
        """The first row of each place."""
        return self._begin

    def even(self, rows: Iterable[int]) -> bool:
        """True when `packed` tells all of these rows."""
        odd = self._others.keys() | self._within.keys() if self._others or self._within else None
        return odd is None or odd.isdisjoint(rows)

    def started(self) -> set[int]:
        """The keys of the requests that were seen at ResponseStarted."""
        return {key for key, rank in zip(self.keys, self._ranks, strict=True) if rank & STARTED}

    def in_order(self) -> "array[int]":
        """The rows by time and then by where they stand: the same order for every cut of the input."""
        rows = list(range(len(self)))
        if self._within:
            rows.sort(key=lambda row: self._within.get(row, 0))
        rows.sort(key=self._offsets.__getitem__)
        if len({file for file, _ in self.places}) > 1:
            rows.sort(key=self._files().__getitem__)
        rows.sort(key=self.times.__getitem__)
        return array("I", rows)

    def _files(self) -> "array[int]":
        """The number of the file of each row."""
        files = array("I")
        for (file, _), begin, end in zip(self.places, self._begin, [*self._begin[1:], len(self)], strict=True):
            files.extend(array("I", [file]) * (end - begin))
        return files


def _packed(audit_ids: Sequence[bytes]) -> bytes | None:
    """UUIDs in 16 bytes each; None where one is anything that these would not give back as it was."""
    text, count = b"".join(audit_ids), len(audit_ids)
    digits = text.replace(b"-", b"")
    if len(digits) != 2 * _ID * count or digits.translate(None, b"0123456789abcdef") or {*map(len, audit_ids)} - {36}:
        return None
    return unhexlify(digits) if all(text[at::36] == b"-" * count for at in (8, 13, 18, 23)) else None


def uuids(packed: bytes) -> list[str]:
    """UUIDs of 16 bytes each as text, written in one go: groups of four digits, then without the dashes too many."""
    text = bytearray(packed.hex("-", 2), "ascii")
    for at, width in _DASHES:
        del text[at::width]
    text[_WIDTH :: _WIDTH + 1] = bytes(max(0, len(packed) // _ID - 1))
    return text.decode().split("\0") if packed else []


def better(sighting: Sighting) -> tuple[int, ...]:
    """Smaller for the look to keep: final before started, with bodies before without, then the earlier position."""
    return sighting.rank, sighting.file, sighting.offset, sighting.within


def position(sighting: Sighting) -> tuple[int, ...]:
    """Orders sightings by time, then by where they stand: the same in every run and for every cut of the input."""
    return sighting.time, sighting.file, sighting.offset, sighting.within


def precedence(sighting: Sighting) -> bytes:
    """Smaller for the look whose evidence is shown: the better look first, then the earlier, as bytes to save room."""
    return _PRECEDENCE.pack(sighting.rank, sighting.time + 1, sighting.file, sighting.offset, sighting.within)
