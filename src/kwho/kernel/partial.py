"""What one or more parts of the input told: `merge` is associative and commutative over disjoint parts."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, NamedTuple, TypeVar, cast

import msgspec

from kwho.kernel.candidates import Pending
from kwho.kernel.columns import Columns
from kwho.kernel.crowd import MOST, sift, thin
from kwho.kernel.journal import Journal
from kwho.kernel.tally import Findings, Key, Links, Same, Tally, is_text
from kwho.kernel.witness import Witness
from kwho.profile.activity import Activity
from kwho.profile.gaps import by_server
from kwho.schema.ledger import Problem
from kwho.schema.record import Context
from kwho.schema.result import Slow

PROBLEMS: Final = 100
"""Rejected records shown with their position, per file and kind: the first by position."""
SLOWEST: Final = 10
APIS: Final = 1_000
"""Deprecated APIs told apart."""
SHARED: Final = 20_000
"""Distinct texts, facts and evidence of tallies that are recognised when they come again."""

T = TypeVar("T")


class PartKey(NamedTuple):
    """A part of the input: the number of the file (in order of discovery), the offset of its first line, the piece.

    A part that is read in one go (an archive, standard input) is mapped piece by piece; lines are counted from the
    start of the part, and only its last piece says how many there are.
    """

    file: int
    start: int
    piece: int = 0


@dataclass(slots=True)
class PartFacts:
    """The exact sums of one part. Lines of positions are counted from the part's first line."""

    end: int = 0
    lines: int = 0
    records: int = 0
    decoded: int = 0
    """Records that became events, copies and events left out by the user's filter included."""
    filtered: int = 0
    """Events left out by the user's filter, copies included."""
    rejected: Counter[str] = field(default_factory=Counter)
    """By kind."""
    formats: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    cause: Problem | None = None
    """The record that says why the input ends early; it is not among the other problems."""
    cut: bool = False
    """True when the last record was cut off."""
    columns: Columns | None = None
    """None once the runner has put them elsewhere."""

    def tear(self, reason: str, path: str) -> bool:
        """An archive that ends early is one truncated record more, True, or else the last, which was cut off by it."""
        if self.cut and self.rejected["truncated"] <= PROBLEMS:
            last = self.problems.pop()
            self.cause = msgspec.structs.replace(last, reason=f"{last.reason}: {reason}")
        else:
            self.cause = Problem("truncated", reason, path, self.lines, self.end)
        if not self.cut:
            self.records += 1
            self.rejected["truncated"] += 1
        return not self.cut


@dataclass(slots=True)
class Slowness:
    """Requests that took long, by key, so that copies count once; the slowest with what they were."""

    keys: set[int] = field(default_factory=set)
    slowest: list[tuple[int, Slow]] = field(default_factory=list)
    """With the request key."""

    def merge(self, other: "Slowness") -> None:
        """Take in another part."""
        self.keys |= other.keys
        self.slowest = slowest(self.slowest + other.slowest)


def slowest(found: list[tuple[int, Slow]]) -> list[tuple[int, Slow]]:
    """The `SLOWEST` slowest requests, each once."""
    once: dict[int, Slow] = {}
    for key, slow in sorted(found, key=lambda item: _slowness(item[1])):
        once.setdefault(key, slow)
    return list(once.items())[:SLOWEST]


def _slowness(slow: Slow) -> tuple[float, str, str, str, str]:
    return -slow.seconds, slow.time or "", slow.uri or "", slow.verb or "", slow.user or ""


@dataclass(slots=True)
class Partial:
    """The fold of one or more parts."""

    parts: dict[PartKey, PartFacts] = field(default_factory=dict)
    activity: Activity = field(default_factory=Activity)
    minutes: dict[str | None, set[int]] = field(default_factory=dict)
    """Minutes with events by API server; files count as servers of their own where no wrapper tells."""
    unnamed: set[str | None] = field(default_factory=set)
    """The servers that no wrapper names, as they are called; known once all parts are united."""
    first: int | None = None
    last: int | None = None
    unknown_time: int = 0
    contexts: Counter[Context] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Rejected records by kind and reason."""
    assumed: Counter[str] = field(default_factory=Counter)
    damaged: Counter[str] = field(default_factory=Counter)
    identified: bool = False
    """True when some event, chosen by the user's filter or not, told the id of its credential."""
    slow: Slowness = field(default_factory=Slowness)
    deprecated: dict[str, set[int]] = field(default_factory=dict)
    """Request keys by deprecated API."""
    journal: Journal = field(default_factory=Journal)
    """The requests that the tallies speak of."""
    findings: Findings = field(default_factory=dict)
    crowded: bool = False
    """True when a rule has so many groups that they were made coarser (`kernel.crowd`)."""
    links: Links = field(default_factory=dict)
    sampled: set[str] = field(default_factory=set)
    """Correlations of which only some groups are kept, since there are too many (`kernel.crowd`)."""
    shared: dict[object, object] = field(default_factory=dict)
    """What tallies of several parts hold, once each."""
    pending: Pending = field(default_factory=Pending)
    witness: Witness = field(default_factory=Witness)

    def stretch(self, first: int, last: int) -> None:
        """Widen the span, in microseconds since 1970."""
        self.first = _least(self.first, first, min)
        self.last = _least(self.last, last, max)

    def deprecate(self, api: str, keys: set[int]) -> None:
        """Count requests to a deprecated API; of too many the alphabetically first are told apart."""
        self.deprecated.setdefault(api, set()).update(keys)
        if len(self.deprecated) > APIS:
            del self.deprecated[max(self.deprecated)]

    def same(self, value: T) -> T:
        """The object that stands for all that are equal to this one."""
        if len(self.shared) >= SHARED:
            self.shared.clear()
        return cast("T", self.shared.setdefault(value, value))

    def tallies(self) -> Iterator[Tally]:
        """Every tally."""
        return chain(self.findings.values(), self.links.values(), self.pending.candidates.tallies())

    def merge(self, other: "Partial") -> None:
        """Take in disjoint parts; the other partial is used up."""
        if base := self.journal.extend(other.journal):
            for tally in other.tallies():
                tally.shift(base)
        self.parts.update(other.parts)
        self.activity.merge(other.activity)
        for instance, minutes in other.minutes.items():
            self.minutes.setdefault(instance, set()).update(minutes)
        self.first = _least(self.first, other.first, min)
        self.last = _least(self.last, other.last, max)
        self.unknown_time += other.unknown_time
        for mine, theirs in (
            (self.contexts, other.contexts),
            (self.reasons, other.reasons),
            (self.assumed, other.assumed),
            (self.damaged, other.damaged),
        ):
            mine.update(theirs)  # type: ignore[arg-type]  # pairs of counters of the same kind
        self.identified = self.identified or other.identified
        self.slow.merge(other.slow)
        for api, keys in other.deprecated.items():
            self.deprecate(api, keys)
        _merge_tallies(self.findings, other.findings, self.same)
        if self.crowded or other.crowded or len(self.findings) > MOST:
            self.crowded = thin(self.findings)
        _merge_tallies(self.links, other.links, self.same)
        self.sampled |= other.sampled | sift(self.links)
        self.pending.merge(other.pending)
        self.witness.merge(other.witness)

    def unite(self) -> None:
        """Once all parts are merged: let files that continue each other stand for one API server.

        A server that no wrapper names is called by the first of its families of files; only streams have none.
        """
        named = {context.instance for context in self.contexts} - {None}
        families = {name: spoken for name, spoken in self.minutes.items() if name is not None and name not in named}
        names: dict[str | None, str] = {name: min(server) for server in by_server(families) for name in server}
        minutes: dict[str | None, set[int]] = {}
        for name, spoken in self.minutes.items():
            minutes.setdefault(names.get(name, name), set()).update(spoken)
        self.minutes = minutes
        self.unnamed = minutes.keys() - named
        self.witness.rename(names)


def _least(mine: int | None, theirs: int | None, choose: Callable[[int, int], int]) -> int | None:
    if mine is None or theirs is None:
        return theirs if mine is None else mine
    return choose(mine, theirs)


def _merge_tallies(mine: dict[Key, Tally], theirs: dict[Key, Tally], same: Same) -> None:
    for key, tally in theirs.items():
        held = mine.get(key)
        if held is None:
            tally.share(same)
            mine[tuple.__new__(type(key), [same(part) if is_text(part) else part for part in key])] = tally
        else:
            held.merge(tally)
