"""Who did how much of what, when: counts that add up over parts, in bounded memory.

Each table holds at most `MOST` distinct values; what comes beyond is counted as `others`, and said so. Names are chosen
by clients (user agents, resources that do not exist), so no table may grow without an end.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple, TypeVar

T = TypeVar("T")

MOST: Final = 50_000
"""Distinct values counted by name per table."""

RECEIVED: Final = "received"
"""Stands for the outcome of an event at RequestReceived, which has none yet."""

UNKNOWN_HOUR: Final = 0
"""The hour of events whose time is not believable (hours count from 1970)."""


class Operation(NamedTuple):
    """The low-cardinality part of an event; `answer` is the outcome without regard to dry runs, or `RECEIVED`."""

    verb: str | None
    stage: str | None
    level: str | None
    resource: str | None
    subresource: str | None
    group: str | None
    code: int | None
    closed_early: bool
    decision: str | None
    request_body: bool
    response_body: bool
    impersonated: bool
    answer: str

    @property
    def target(self) -> str | None:
        """`resource` or `resource/subresource`; None for non-resource requests."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


class Signature(NamedTuple):
    """What one event is counted under; `hour` counts from 1970; `judged` unless the user's own filter left it out."""

    operation: Operation
    user: str | None
    agent: str | None
    peer: str | None
    hour: int
    judged: bool


class Activity:
    """Counts of judged events by user, agent, peer, operation, and by hour and answer."""

    __slots__ = ("agents", "events", "hours", "operations", "others", "peers", "users")

    def __init__(self) -> None:
        self.events = 0
        self.users: Counter[str | None] = Counter()
        self.agents: Counter[str | None] = Counter()
        self.peers: Counter[str | None] = Counter()
        self.operations: Counter[Operation] = Counter()
        self.hours: Counter[tuple[int, str]] = Counter()
        self.others: Counter[str] = Counter()

    def add(self, signature: Signature, events: int) -> None:
        """Count `events` events (a negative number takes back what was counted too much)."""
        if not signature.judged:
            return
        self.events += events
        self._count("users", self.users, signature.user, events)
        self._count("agents", self.agents, signature.agent, events)
        self._count("peers", self.peers, signature.peer, events)
        self._count("operations", self.operations, signature.operation, events)
        self._count("hours", self.hours, (signature.hour, signature.operation.answer), events)

    def fill(
        self,
        *,
        users: Iterable[tuple[str | None, int]],
        agents: Iterable[tuple[str | None, int]],
        peers: Iterable[tuple[str | None, int]],
        operations: Iterable[tuple[Operation, int]],
        hours: Iterable[tuple[tuple[int, str], int]],
    ) -> None:
        """Add sums that were made elsewhere; those of `operations` are the events."""
        for name, sums in (("users", users), ("agents", agents), ("peers", peers), ("hours", hours)):
            counts: Counter[object] = getattr(self, name)
            for value, events in sums:
                if events:
                    self._count(name, counts, value, events)
        for operation, events in operations:
            self.events += events
            if events:
                self._count("operations", self.operations, operation, events)

    def merge(self, other: "Activity") -> None:
        """Add the counts of another part."""
        self.events += other.events
        self.others.update(other.others)
        for table in ("users", "agents", "peers", "operations", "hours"):
            mine: Counter[object] = getattr(self, table)
            for value, events in getattr(other, table).items():
                self._count(table, mine, value, events)

    def _count(self, table: str, counts: Counter[T], value: T, events: int) -> None:
        if value in counts or len(counts) < MOST:
            counts[value] += events
        else:
            self.others[table] += events
