"""Requests that a rule selected and only the state can settle: each a tally of its own until the log is folded."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kwho.kernel.journal import STARTED
from kwho.kernel.tally import Tally
from kwho.state.gather import Facts

if TYPE_CHECKING:
    from kwho.kernel.judge import GroupKey

CANDIDATES: Final = 4_000
"""Requests kept of one rule, the earliest by time; those beyond are counted and told."""

Place = tuple[int, int]
"""Time and key of a request: the same for every look at it."""


@dataclass(slots=True)
class Candidates:
    """The candidates by rule and request. `merge` is associative and commutative."""

    held: "dict[str, dict[Place, tuple[GroupKey, Tally]]]" = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    """Looks by rule, copies included."""

    def add(self, place: Place, key: "GroupKey", tally: Tally) -> None:
        """Take in one look at one request."""
        held = self.held.setdefault(key.rule, {})
        self.seen[key.rule] += 1
        _put(held, place, key, tally)
        if len(held) >= 2 * CANDIDATES:
            self.held[key.rule] = _prune(held)

    def merge(self, other: "Candidates") -> None:
        """Take in the candidates of disjoint parts."""
        self.seen.update(other.seen)
        for rule, theirs in other.held.items():
            held = self.held.setdefault(rule, {})
            for place, (key, tally) in theirs.items():
                _put(held, place, key, tally)
            self.held[rule] = _prune(held)

    def tallies(self) -> Iterator[Tally]:
        """The tallies of all candidates."""
        return (tally for held in self.held.values() for _, tally in held.values())

    def lost(self) -> dict[str, int]:
        """How many looks are beyond the bound, by rule."""
        kept = {rule: sum(len(tally.rows) for _, tally in held.values()) for rule, held in self.held.items()}
        return {rule: seen - kept[rule] for rule, seen in sorted(self.seen.items()) if seen > kept[rule]}


def _put(held: "dict[Place, tuple[GroupKey, Tally]]", place: Place, key: "GroupKey", tally: Tally) -> None:
    """A second look at a request joins the first; the better one says to which group it belongs."""
    earlier = held.get(place)
    if earlier is None:
        held[place] = (key, tally)
        return
    better = min(earlier, (key, tally), key=lambda found: found[1].evidence_at)[0]
    earlier[1].merge(tally)
    held[place] = (better, earlier[1])


def _prune(held: "dict[Place, tuple[GroupKey, Tally]]") -> "dict[Place, tuple[GroupKey, Tally]]":
    return {place: held[place] for place in sorted(held)[:CANDIDATES]} if len(held) > CANDIDATES else held


@dataclass(slots=True)
class Pending:
    """What a part leaves to the end: facts about the state, and the candidates that wait for them."""

    facts: Facts = field(default_factory=Facts)
    candidates: Candidates = field(default_factory=Candidates)

    def merge(self, other: "Pending") -> None:
        """Take in disjoint parts."""
        self.facts.merge(other.facts)
        self.candidates.merge(other.candidates)

    def started(self) -> set[int]:
        """The keys of requests that told facts at ResponseStarted: a later stage may replace them."""
        told = (item.sighting for kind in self.facts.told.values() for item in kind)
        return {sighting.key for sighting in told if sighting.rank & STARTED}

    def notes(self) -> Iterator[str]:
        """What had to be bounded."""
        for kind, lost in self.facts.lost().items():
            yield f"{lost} facts about {kind} are beyond what is kept: the state is known in part"
        for lost in self.candidates.lost().values():
            yield f"{lost} requests are beyond the {CANDIDATES} of one rule that are settled by the state"
