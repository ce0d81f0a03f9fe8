"""What matched, grouped: one tally per group of matches, mergeable in any order, bounded but for 32 bytes a match.

Every match leaves its time and request key (so that counts stay exact when duplicates and replaced looks are taken out
at the end); only the first and the last `CITED` in order of time keep the position that a finding cites.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple

from kwho.schema.finding import Evidence

CITED: Final = 500
"""Matches cited from each end of a group."""
VARIED: Final = 10
"""Distinct names and agents kept for the evidence of a finding: the alphabetically first."""
UNKNOWN_TIME: Final = -1

STARTED: Final = 1
"""Flag: the look was at ResponseStarted, so a later stage of the same request replaces it."""
BODY: Final = 2
"""Flag: the event had a request or response body, so it outlives a copy without."""


class Mixed(Enum):
    """Stands for a value that differs within a group."""

    MIXED = "mixed"


MIXED: Final = Mixed.MIXED
Fact = str | tuple[str, ...] | Mixed | None


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
        return Facts(*(mine if mine == theirs else MIXED for mine, theirs in zip(self, other, strict=True)))


class Sighting(NamedTuple):
    """One look at one request: when, which (the keyed hash of its request), how good, and where it stands."""

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


@dataclass(slots=True)
class Tally:
    """The matches of one group. `merge` is associative and commutative; `cited` is pruned to `CITED` at each end."""

    facts: Facts
    name: Fact
    uri: Fact
    evidence_at: tuple[int, ...]
    evidence: tuple[Evidence, ...]
    matches: "array[int]" = field(default_factory=lambda: array("q"))
    """Four numbers a match, in turn: time, key, flags, value."""
    cited: list[Sighting] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    samples: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    """Who did it, where a group may hold several; nobody is empty."""
    marks: dict[str, list[str]] = field(default_factory=dict)
    """What the matches leave for linking to follow (`views.trail`), by kind."""

    @property
    def times(self) -> "array[int]":
        """The time of each match."""
        return self.matches[0::4]

    @property
    def keys(self) -> "array[int]":
        """The request of each match."""
        return self.matches[1::4]

    @property
    def flags(self) -> "array[int]":
        """How each match was seen."""
        return self.matches[2::4]

    @property
    def values(self) -> "array[int]":
        """What each match counts, as a hash."""
        return self.matches[3::4]

    def add(self, sighting: Sighting, flags: int, value: int = 0) -> None:
        """Count one more match."""
        self.matches.extend((sighting.time, sighting.key, flags, value))
        self.cited.append(sighting)
        if len(self.cited) > 8 * CITED:
            self.cited = prune(self.cited)

    def enter(self, sighting: Sighting, flags: int, name: str | None, uri: str | None, value: int = 0) -> None:
        """Count one more match of a request on this name, by this URI."""
        self.add(sighting, flags, value)
        if name != self.name:
            self.name = MIXED
        if uri != self.uri:
            self.uri = MIXED
        if name:
            keep(self.names, name)

    def tell(self, facts: Facts) -> None:
        """Take in what another match tells."""
        if facts != self.facts:
            self.facts = self.facts.merge(facts)

    def mark(self, marks: Iterable[tuple[str, str]]) -> None:
        """Keep what a match leaves to follow."""
        for kind, value in marks:
            keep(self.marks.setdefault(kind, []), value)

    def merge(self, other: "Tally") -> None:
        """Take in the matches of the same group in another part."""
        self.tell(other.facts)
        self.name = self.name if self.name == other.name else MIXED
        self.uri = self.uri if self.uri == other.uri else MIXED
        if other.evidence_at < self.evidence_at:
            self.evidence_at, self.evidence = other.evidence_at, other.evidence
        self.matches.extend(other.matches)
        self.cited += other.cited
        if len(self.cited) > 3 * CITED:
            self.cited = prune(self.cited)
        for mine, theirs in (
            (self.names, other.names),
            (self.agents, other.agents),
            (self.samples, other.samples),
            (self.users, other.users),
        ):
            for found in theirs:
                keep(mine, found)
        for kind, values in other.marks.items():
            self.mark((kind, value) for value in values)


def prune(cited: list[Sighting]) -> list[Sighting]:
    """The best look at each request, in order of time and position, at most `CITED` from each end."""
    best: dict[int, Sighting] = {}
    for sighting in cited:
        held = best.get(sighting.key)
        if held is None or better(sighting) < better(held):
            best[sighting.key] = sighting
    ordered = sorted(best.values(), key=position)
    return ordered if len(ordered) <= 2 * CITED else ordered[:CITED] + ordered[-CITED:]


def better(sighting: Sighting) -> tuple[int, ...]:
    """Smaller for the look to keep: final before started, with bodies before without, then the earlier position."""
    return sighting.rank, sighting.file, sighting.offset, sighting.within


def position(sighting: Sighting) -> tuple[int, ...]:
    """Orders sightings by time, then by where they stand: the same in every run and for every cut of the input."""
    return sighting.time, sighting.file, sighting.offset, sighting.within


def keep(kept: list[str], found: str) -> None:
    """Keep the alphabetically first `VARIED` values in order, and one more that tells that there were more."""
    if len(kept) > VARIED and found >= kept[-1]:
        return
    at = bisect_left(kept, found)
    if at < len(kept) and kept[at] == found:
        return
    kept.insert(at, found)
    del kept[VARIED + 1 :]
