"""Requests that a rule selected and only the state can settle: each a tally of its own until the log is folded."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from kwho.kernel.journal import STARTED
from kwho.kernel.tally import GroupKey, Tally
from kwho.state.gather import Facts

CANDIDATES: Final = 4_000
"""Requests kept of one rule, the earliest by time; those beyond are counted and told."""

Place = tuple[int, int]
"""Time and key of a request: the same for every look at it."""
Held = dict[Place, tuple[GroupKey, Tally]]
"""The candidates of one rule, each with the group it belongs to."""


@dataclass(slots=True)
class Candidates:
    """The candidates by rule and request. `merge` is associative and commutative."""

    held: dict[str, Held] = field(default_factory=dict)
    beyond: Counter[str] = field(default_factory=Counter)
    """Looks that are not kept, by rule, copies included."""

    def add(self, place: Place, key: GroupKey, tally: Tally) -> None:
        """Take in one look at one request."""
        held = self.held.setdefault(key.rule, {})
        _put(held, place, key, tally)
        if len(held) >= 2 * CANDIDATES:
            self._prune(key.rule)

    def merge(self, other: "Candidates") -> None:
        """Take in the candidates of disjoint parts."""
        self.beyond.update(other.beyond)
        for rule, theirs in other.held.items():
            held = self.held.setdefault(rule, {})
            for place, (key, tally) in theirs.items():
                _put(held, place, key, tally)
            self._prune(rule)

    def tallies(self) -> Iterator[Tally]:
        """The tallies of all candidates."""
        return (tally for held in self.held.values() for _, tally in held.values())

    def _prune(self, rule: str) -> None:
        held = self.held[rule]
        places = sorted(held) if len(held) > CANDIDATES else ()
        for place in places[CANDIDATES:]:
            _, tally = held.pop(place)
            self.beyond[rule] += len(tally.rows)


def _put(held: Held, place: Place, key: GroupKey, tally: Tally) -> None:
    """A second look at a request joins the first; the better one says to which group it belongs."""
    earlier = held.get(place)
    if earlier is None:
        held[place] = (key, tally)
        return
    better = min(earlier, (key, tally), key=lambda found: found[1].evidence_at)[0]
    earlier[1].merge(tally)
    held[place] = (better, earlier[1])


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
            yield f"facts about {kind} beyond what is kept, so that the state is known in part: {lost}"
        for _, lost in sorted(self.candidates.beyond.items()):
            yield f"requests beyond the {CANDIDATES} of one rule that are settled by the state: {lost}"
