"""Facts of one or more parts of the input, within bounds; `merge` is associative and commutative."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

from kwho.state.fact import Fact, Told

FACTS: Final = 50_000
"""Facts kept of one kind of thing. Beyond, facts on plain things give way first, then by a hash of the thing."""


@dataclass(slots=True)
class Facts:
    """The facts that were told, by kind of thing; `seen` counts all of them, also those beyond the bound."""

    told: dict[str, list[Told]] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    def add(self, told: Told) -> None:
        """Take in one fact."""
        kind = told.fact.thing.kind
        kept = self.told.setdefault(kind, [])
        kept.append(told)
        self.seen[kind] += 1
        if len(kept) >= 2 * FACTS:
            self.told[kind] = prune(kept)

    def merge(self, other: "Facts") -> None:
        """Take in the facts of disjoint parts."""
        self.seen.update(other.seen)
        for kind, theirs in other.told.items():
            self.told[kind] = prune([*self.told.get(kind, ()), *theirs])

    def lost(self) -> dict[str, int]:
        """How many facts of each kind are beyond the bound."""
        return {kind: seen - FACTS for kind, seen in sorted(self.seen.items()) if seen > FACTS}


def prune(told: list[Told]) -> list[Told]:
    """At most `FACTS` facts, the same ones whatever the order and whatever was pruned before."""
    return sorted(told, key=_weight)[:FACTS] if len(told) > FACTS else told


def _weight(told: Told) -> tuple[object, ...]:
    return _is_plain(told.fact), crc32("\0".join(map(str, told.fact.thing)).encode("utf-8", "replace")), told.moment


def _is_plain(fact: Fact) -> bool:
    return fact.content is None or fact.content.plain
