"""Twelve bytes an event: a 64-bit request key and the number of its signature, compared at the end by partitions.

The key is a keyed hash of what makes a request itself (cluster, auditID, requestReceivedTimestamp, requestURI,
verb, user): not to be guessed within a run, and equal in all processes of a run, because the engine gives them one
random seed. Two different requests among ten million share a key with a probability of 3 in a million.
The signature is what the statistics count an event under, so that a copy can be counted back once it is known as one.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import accumulate, compress
from struct import Struct
from typing import Final, NamedTuple

import msgspec

from kwho.kernel.journal import BARE, STARTED
from kwho.profile.activity import Activity, Operation, Signature

PARTITIONS: Final = 64
STAGES: Final = ("finals", "received", "started", "rest")
_BEGUN: Final = STAGES.index("started")
KEY: Final = Struct("q")
"""A request key, as columns have it."""
_ROW: Final = Struct("6I")
"""A signature, as tables have it."""


class Partition(msgspec.Struct, frozen=True, array_like=True):
    """The events of one part whose keys fall in one partition, by stage, in part order.

    Keys are int64, numbers uint32 in native byte order: twice the number of the signature, plus one when the event has
    a body. `finals` are ResponseComplete, `rest` Panic and stages that the API does not know.
    """

    finals: bytes
    final_numbers: bytes
    received: bytes
    received_numbers: bytes
    started: bytes
    started_numbers: bytes
    rest: bytes
    rest_numbers: bytes


_EMPTY: Final = Partition(b"", b"", b"", b"", b"", b"", b"", b"")


class Table(msgspec.Struct, frozen=True, array_like=True):
    """The signatures of one part: `rows` holds six uint32 each (operation, user, agent, peer, hour, judged)."""

    operations: tuple[Operation, ...]
    users: tuple[str | None, ...]
    agents: tuple[str | None, ...]
    peers: tuple[str | None, ...]
    rows: bytes

    def judged(self) -> bytes:
        """One byte per signature: 1 when the user's filter let its events through, else 0."""
        return bytes(memoryview(self.rows).cast("I")[5::6].tolist())

    def signatures(self) -> list[Signature]:
        """Every signature, in order of its number."""
        return [self.signature(number) for number in range(len(self.rows) // _ROW.size)]

    def signature(self, number: int) -> Signature:
        """One signature by its number."""
        operation, user, agent, peer, hour, judged = _ROW.unpack_from(self.rows, number * _ROW.size)
        return Signature(
            self.operations[operation], self.users[user], self.agents[agent], self.peers[peer], hour, bool(judged)
        )


class Columns(msgspec.Struct, frozen=True):
    """The keys and signatures of one part, each piece encoded on its own so that a spill can hold and give it alone."""

    partitions: tuple[bytes, ...]
    table: bytes


class Copies(NamedTuple):
    """What the comparison of all keys showed.

    `requests` counts, per file, the requests that no earlier file has;
    `superseded` are keys of requests seen at ResponseStarted and at ResponseComplete; `outlasted` those seen at
    ResponseStarted and then at Panic only, or at a stage that the API does not know; `outlived` keys of which one copy
    has a body and another has none; `dropped` counts, per part, the signature numbers of copies that do not count;
    `unanswered` are, of the keys that were asked about, those of orphans.
    """

    requests: Counter[int]
    orphans: int
    superseded: set[int]
    outlasted: set[int]
    outlived: set[int]
    dropped: list[Counter[int]]
    unanswered: frozenset[int] = frozenset()

    def stands(self, key: int, rank: int) -> bool:
        """True for a look at a request unless another takes its place.

        A look at ResponseStarted falls when the log holds the end of the request and that did not match as well; a look
        at Panic falls when the answer had begun before, for that is what happened; a look without bodies falls when a
        copy of the event with bodies did not match.
        """
        if key in (self.superseded if rank & STARTED else self.outlasted):
            return False
        return not (rank & BARE and key in self.outlived)


Among = Callable[[bytes, bytes], Sequence[int] | None]
"""See `search`."""


def search(keys: bytes, asked: bytes) -> Sequence[int] | None:
    """Where each of `asked` stands among `keys`, both int64: a number from 1 on, 0 for one that does not.

    None when two of `keys` are equal.
    """
    places = {key: place for place, (key,) in enumerate(KEY.iter_unpack(keys), 1)}
    if len(places) * KEY.size < len(keys):
        return None
    return [places.get(key, 0) for (key,) in KEY.iter_unpack(asked)]


def encode_partition(columns: Sequence[tuple["array[int]", "array[int]"]]) -> bytes:
    """The key and number columns of one partition, in the order of `STAGES`; nothing when there is no event in it."""
    if not any(keys for keys, _ in columns):
        return b""
    return msgspec.msgpack.encode(Partition(*(column.tobytes() for pair in columns for column in pair)))


def decode_partition(data: bytes) -> Partition:
    """The partition that `encode_partition` wrote."""
    return msgspec.msgpack.decode(data, type=Partition) if data else _EMPTY


def decode_table(data: bytes) -> Table:
    """The table of signatures of one part."""
    return msgspec.msgpack.decode(data, type=Table)


def fold(table: Table, numbers: Counter[int], activity: Activity) -> int:
    """Count the events of one part, given by number of signature and body; how many the user's filter left out.

    Signatures may be almost as many as events: they are summed by the number of each member, and named once.
    """
    rows = memoryview(table.rows).cast("I")
    sums = tuple([0] * len(names) for names in (table.operations, table.users, table.agents, table.peers))
    by_operation, by_user, by_agent, by_peer = sums
    hours: dict[tuple[int, int], int] = {}
    filtered = 0
    for number, events in numbers.items():
        at = 6 * (number >> 1)
        operation, user, agent, peer, hour, judged = rows[at : at + 6]
        if not judged:
            filtered += events
            continue
        by_operation[operation] += events
        by_user[user] += events
        by_agent[agent] += events
        by_peer[peer] += events
        hours[hour, operation] = hours.get((hour, operation), 0) + events
    activity.fill(
        users=zip(table.users, by_user, strict=True),
        agents=zip(table.agents, by_agent, strict=True),
        peers=zip(table.peers, by_peer, strict=True),
        operations=zip(table.operations, by_operation, strict=True),
        hours=(((hour, table.operations[at].answer), events) for (hour, at), events in hours.items()),
    )
    return filtered


class Parts(NamedTuple):
    """All parts, numbered in order of file and offset."""

    files: Sequence[int]
    """Which file each is of."""
    fetch: Callable[[int, int], bytes]
    """An encoded partition, by part and number."""
    signature: Callable[[int, int], object]
    """What events are counted under, by part and number: equal, and written alike, whatever the part."""


def compare(
    whole: Parts,
    started: set[int],
    judged: Sequence[bytes] | None = None,
    asked: Collection[int] = (),
    among: Among = search,
) -> Copies:
    """Compare the keys of all parts, partition by partition.

    `started` are the keys of matches at ResponseStarted, the only ones for which a later stage is looked up. `judged`
    says per part and signature whether the user's filter let its events through; requests are counted of those, and
    only they take each other's place. None: all.
    `asked` are keys of requests that were received; those without a later stage are told by key. `among` is `search`,
    or a quicker one.
    """
    orphans, waiting = 0, frozenset(asked)
    unanswered: set[int] = set()
    requests: Counter[int] = Counter()
    superseded: set[int] = set()
    outlasted: set[int] = set()
    outlived: set[int] = set()
    dropped: list[Counter[int]] = [Counter() for _ in whole.files]
    for number in range(PARTITIONS):
        pieces = ((part, whole.fetch(part, number)) for part in range(len(whole.files)))
        held = {part: _members(decode_partition(piece)) for part, piece in pieces if piece}
        found = _without_copies(whole.files, held, among) if judged is None else None
        if found is None:
            found = _with_copies(whole, held, judged, outlived, dropped)
        requests.update(found.requests)
        orphans += len(found.alone)
        unanswered |= found.alone & waiting
        superseded |= found.ended & started
        outlasted |= found.outlasted
    return Copies(requests, orphans, superseded, outlasted, outlived, dropped, frozenset(unanswered))


class _Stage(NamedTuple):
    """The events of one part and stage in one partition."""

    keys: "array[int]"
    numbers: Sequence[int]


class _Compared(NamedTuple):
    """What a partition shows, as `Copies` has it."""

    requests: Counter[int]
    alone: set[int]
    """The orphans."""
    ended: set[int]
    """The requests that were seen at ResponseStarted and at ResponseComplete."""
    outlasted: set[int]


def _without_copies(files: Sequence[int], held: Mapping[int, Sequence[_Stage]], among: Among) -> _Compared | None:
    """Compare a partition in which no event comes twice; None for any other. Most events are ends of requests."""
    parts, later = list(held), range(1, len(STAGES))
    pieces = [(part, stage, held[part][stage].keys) for part in parts for stage in later]
    places = among(b"".join(held[part][0].keys for part in parts), b"".join(keys for *_, keys in pieces))
    stages = [b"".join(held[part][stage].keys for part in parts) for stage in later]
    if places is None or any(among(keys, b"") is None for keys in stages):
        return None
    requests: Counter[int] = Counter()
    for part in parts:
        requests[files[part]] += len(held[part][0].keys)
    behind = list(accumulate(len(held[part][0].keys) for part in parts))
    open_: dict[int, set[int]] = {stage: set() for stage in later}
    ended: set[int] = set()
    counted: set[int] = set()
    found = iter(places)
    for part, stage, keys in pieces:
        for key, place in zip(keys, found, strict=False):
            file = files[part]
            home = files[parts[bisect_left(behind, place)]] if place else None
            if not place:
                open_[stage].add(key)
            elif stage == _BEGUN:
                ended.add(key)
            if (home is None or file < home) and key not in counted:
                counted.add(key)
                requests[file] += 1
                if home is not None:
                    requests[home] -= 1
    received, begun, rest = open_.values()
    return _Compared(requests, received - begun - rest, ended, begun & rest)


def _with_copies(
    whole: Parts,
    held: Mapping[int, Sequence[_Stage]],
    judged: Sequence[bytes] | None,
    outlived: set[int],
    dropped: list[Counter[int]],
) -> _Compared:
    """Compare any partition; `outlived` and `dropped` take in what there is of copies."""
    finals, received, begun, rest = _distinct(whole, held, outlived, dropped)
    alone = received - finals - begun - rest
    if judged is not None:
        held = {part: _let_through(stages, judged[part]) for part, stages in held.items()}
        finals, begun = (set().union(*(stages[at].keys for stages in held.values())) for at in (0, _BEGUN))
    return _Compared(_count_requests(whole.files, held), alone, begun & finals, (begun & rest) - finals)


def _members(partition: Partition) -> list[_Stage]:
    """The columns of a partition as numbers, by stage."""
    columns = msgspec.structs.astuple(partition)
    pairs = zip(columns[::2], columns[1::2], strict=True)
    return [_Stage(array("q", keys), memoryview(numbers).cast("I")) for keys, numbers in pairs]


def _let_through(part: Sequence[_Stage], told: bytes) -> list[_Stage]:
    """The events that the user's filter let through."""
    chosen = [[told[number >> 1] for number in stage.numbers] for stage in part]
    return [
        _Stage(array("q", compress(stage.keys, those)), array("I", compress(stage.numbers, those)))
        for stage, those in zip(part, chosen, strict=True)
    ]


def _count_requests(files: Sequence[int], held: Mapping[int, Sequence[_Stage]]) -> Counter[int]:
    """The requests that no earlier file has, by file."""
    seen: set[int] = set()
    requests: Counter[int] = Counter()
    for part, stages in held.items():
        known = len(seen)
        seen.update(*(stage.keys for stage in stages))
        requests[files[part]] += len(seen) - known
    return requests


def _distinct(
    whole: Parts, held: Mapping[int, Sequence[_Stage]], outlived: set[int], dropped: list[Counter[int]]
) -> Iterator[set[int]]:
    """The distinct keys of each stage; copies beyond them are dropped."""
    for at, name in enumerate(STAGES):
        parts = {part: stages[at] for part, stages in held.items()}
        distinct: set[int] = set().union(*(keys.tolist() for keys, _ in parts.values()))
        if len(distinct) < sum(len(keys) for keys, _ in parts.values()):
            _drop_copies(whole, parts, set() if name == "received" else outlived, dropped)
        yield distinct


def _drop_copies(whole: Parts, parts: Mapping[int, _Stage], outlived: set[int], dropped: list[Counter[int]]) -> None:
    """Of the copies of an event one stays, those with a body first; the others are counted as dropped.

    Of copies that are counted otherwise the one stays that is written first: columns have no order of their own.
    """
    kept: dict[int, tuple[int, int]] = {}
    for part, (keys, numbers) in parts.items():
        for key, number in zip(keys, numbers, strict=True):
            earlier = kept.get(key)
            if earlier is None:
                kept[key] = (part, number)
                continue
            if (number ^ earlier[1]) & 1:
                outlived.add(key)
            bodied = (number & 1) - (earlier[1] & 1)
            if bodied > 0 or (not bodied and _is_before(whole, (part, number), earlier)):
                kept[key] = (part, number)
                dropped[earlier[0]][earlier[1] >> 1] += 1
            else:
                dropped[part][number >> 1] += 1


def _is_before(whole: Parts, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """True when the first of two events is counted otherwise than the other, and is written before it."""
    mine, theirs = (whole.signature(part, number >> 1) for part, number in (one, other))
    return mine != theirs and repr(mine) < repr(theirs)
