"""What matched, grouped: one tally per group of matches, mergeable in any order, bounded but for four bytes a match.

A match is the number of a row in the journal, which tells when and where it was (`kernel.journal`), and for some
correlations a value that is counted.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from sys import byteorder
from typing import Final, NamedTuple, Protocol, TypeVar

from kwho.query.ast import Scalar
from kwho.schema.finding import Evidence

VARIED: Final = 10
"""Distinct names and agents kept for the evidence of a finding: the alphabetically first."""


T = TypeVar("T")


class Mixed(Enum):
    """Stands for a value that differs within a group."""

    MIXED = "mixed"


MIXED: Final = Mixed.MIXED
Fact = str | tuple[str, ...] | Mixed | None
_NONE: Final[Mapping[str, tuple[str, ...]]] = {}
"""Shared by the tallies without marks, and never changed."""


class Facts(NamedTuple):
    """What a finding tells beyond its group key; a member that differs within the group is `MIXED`.

    Names and URIs differ most of the time, so a tally holds them apart.
    """

    user: Fact
    kind: Fact
    groups: Fact
    impersonated: Fact
    impersonated_groups: Fact
    peer: Fact
    claimed: Fact
    agent: Fact
    group: Fact
    resource: Fact
    subresource: Fact
    namespace: Fact
    outcome: Fact

    def merge(self, other: "Facts") -> "Facts":
        """The facts that hold for both."""
        if self == other:
            return self
        return Facts(*[mine if mine == theirs else MIXED for mine, theirs in zip(self, other, strict=True)])


class Same(Protocol):
    """Gives one object for all that are equal to it."""

    def __call__(self, value: T, /) -> T:
        """The object that stands for all that are equal to `value`."""
        ...


class GroupKey(NamedTuple):
    """What the matches of one finding have in common."""

    rule: str
    cluster: str | None
    user: str | None
    impersonated: str | None
    peer: str | None
    group: str | None
    resource: str | None
    subresource: str | None
    namespace: str | None
    answer: str
    hour: int
    excluded: str | None = None
    """The exclusion that leaves the matches out of the answer."""
    crowd: int = 0
    """How much was dropped because the rule has too many groups; see `kernel.crowd`."""

    def during(self, stretch: int) -> "GroupKey":
        """The same group in another hour; what has no believable time is of hour 0."""
        return tuple.__new__(GroupKey, (*self[:_HOUR], max(stretch, 0), *self[_HOUR + 1 :]))


class LinkKey(NamedTuple):
    """What the matches of one rule have in common for one correlation; `bucket` numbers stretches of its window.

    `values` are those of the fields to group by, then those of the combination that may be new.
    """

    correlation: str
    rule: str
    cluster: str | None
    values: tuple[Scalar, ...]
    bucket: int
    excluded: str | None = None
    """The exclusion that leaves the matches out of this correlation's answer."""

    def during(self, stretch: int) -> "LinkKey":
        """The same group in another stretch of time."""
        return tuple.__new__(LinkKey, (*self[:_BUCKET], stretch, *self[_BUCKET + 1 :]))


_HOUR: Final = GroupKey._fields.index("hour")
_BUCKET: Final = LinkKey._fields.index("bucket")


@dataclass(slots=True)
class Tally:
    """The matches of one group. `merge` is associative and commutative."""

    facts: Facts
    name: Fact
    uri: Fact
    evidence_at: bytes
    """Which look the evidence is of (`journal.precedence`): the least."""
    evidence: tuple[Evidence, ...]
    rows: "array[int]"
    """The row of each match, in no order; several where one request counts several values."""
    values: "array[int] | None" = None
    """What each match counts, as a hash; None where nothing is counted."""
    names: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    """Who did it, where a group may hold several; nobody is empty."""
    marks: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NONE)
    """What the matches leave for linking to follow (`views.trail`), by kind."""

    def __reduce__(self) -> tuple[type["Tally"], tuple[object, ...]]:
        """As its members: a part has thousands of tallies, and the way of dataclasses takes several times as long."""
        return Tally, (
            self.facts, self.name, self.uri, self.evidence_at, self.evidence, self.rows, self.values,
            self.names, self.agents, self.samples, self.users, self.marks,
        )  # fmt: skip

    def enter(self, rows: "array[int]", name: str | None, uri: str | None, value: str | None = None) -> None:
        """Count more matches, of requests on this name, by this URI; all matches have a value, or none has."""
        self.rows += rows
        if value is not None:
            self.values = self.values or array("q")
            self.values.extend(array("q", [hash(value)]) * len(rows))
            self.samples = keep(self.samples, value)
        if name != self.name:
            self.name = MIXED
        if uri != self.uri:
            self.uri = MIXED
        if name:
            self.names = keep(self.names, name)

    def tell(self, facts: Facts) -> None:
        """Take in what another match tells."""
        if facts != self.facts:
            self.facts = self.facts.merge(facts)

    def mark(self, marks: Iterable[tuple[str, str]]) -> None:
        """Keep what a match leaves to follow."""
        for kind, value in marks:
            kept = self.marks.get(kind, ())
            if value not in kept:
                self.marks = {**self.marks, kind: keep(kept, value)}

    def shift(self, base: int) -> None:
        """Follow the rows to another journal, where their numbers are larger.

        All of them are one sum: seen as one long number, rows never carry into the next one, since they fit the column.
        """
        more, size = array("I", [base]) * len(self.rows), len(self.rows) * self.rows.itemsize
        found = int.from_bytes(self.rows.tobytes(), byteorder) + int.from_bytes(more.tobytes(), byteorder)
        self.rows = array("I", found.to_bytes(size, byteorder))

    def share(self, same: "Same") -> None:
        """Hold what others hold as well but once."""
        self.facts = same(self.facts)
        if all(item.value is None or is_text(item.value) for item in self.evidence):
            self.evidence = same(self.evidence)
        self.names, self.agents, self.users = same(self.names), same(self.agents), same(self.users)
        self.name, self.uri = same(self.name), same(self.uri)

    def merge(self, other: "Tally") -> None:
        """Take in the matches of the same group, of the same journal."""
        self.tell(other.facts)
        self.name = self.name if self.name == other.name else MIXED
        self.uri = self.uri if self.uri == other.uri else MIXED
        if other.evidence_at < self.evidence_at:
            self.evidence_at, self.evidence = other.evidence_at, other.evidence
        self.rows += other.rows
        if other.values is not None:
            self.values = (self.values or array("q")) + other.values
        self.names = _joined(self.names, other.names)
        self.agents = _joined(self.agents, other.agents)
        self.samples = _joined(self.samples, other.samples)
        self.users = _joined(self.users, other.users)
        for kind, values in other.marks.items():
            self.mark((kind, value) for value in values)


Findings = dict[GroupKey, Tally]
"""The matches of rules, by finding."""
Links = dict[LinkKey, Tally]
"""The matches that feed correlations."""
Key = TypeVar("Key", GroupKey, LinkKey)


def is_text(part: object) -> bool:
    """True for a text and for a row of texts: only these are the same when they are equal, since 1 is equal to True."""
    return isinstance(part, str) or (isinstance(part, tuple) and all(isinstance(item, str) for item in part))


def keep(kept: tuple[str, ...], found: str) -> tuple[str, ...]:
    """The alphabetically first `VARIED` values in order, and one more that tells that there were more."""
    if len(kept) > VARIED and found >= kept[-1]:
        return kept
    at = bisect_left(kept, found)
    if at < len(kept) and kept[at] == found:
        return kept
    return (*kept[:at], found, *kept[at:])[: VARIED + 1]


def _joined(mine: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    for found in theirs:
        mine = keep(mine, found)
    return mine
