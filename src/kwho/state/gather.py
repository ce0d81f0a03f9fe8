"""Facts of one or more parts of the input, within bounds; `merge` is associative and commutative."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Final
from zlib import crc32

from kwho.state.fact import Fact, Thing, Told
from kwho.state.things.bindings import Binding
from kwho.state.things.roles import Role

FACTS: Final = 50_000
"""Facts kept of one kind of thing. Beyond, facts on plain things give way first, then by a hash of the thing."""
LARGE: Final = 100
"""Permissions of a role or subjects of a binding from which on a fact is large."""
LARGE_FACTS: Final = 1_000
"""Large facts kept of one kind of thing."""

_order: Callable[[Told], tuple[object, ...]] = attrgetter("order")


@dataclass(slots=True)
class Facts:
    """The facts that were told, by kind of thing; `seen` counts all of them, also those beyond the bound."""

    told: dict[str, list[Told]] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    def add(self, told: Told) -> None:
        """Take in one fact."""
        kind = _bucket(told.fact)
        kept = self.told.setdefault(kind, [])
        kept.append(told)
        self.seen[kind] += 1
        if len(kept) >= 2 * _bound(kind):
            self.told[kind] = prune(kept, _bound(kind))

    def merge(self, other: "Facts") -> None:
        """Take in the facts of disjoint parts."""
        self.seen.update(other.seen)
        for kind, theirs in other.told.items():
            kept = self.told.setdefault(kind, [])
            kept += theirs
            self.told[kind] = prune(kept, _bound(kind))

    def lost(self) -> dict[str, int]:
        """How many facts of each kind are beyond the bound."""
        return {kind: seen - _bound(kind) for kind, seen in sorted(self.seen.items()) if seen > _bound(kind)}


def prune(told: list[Told], bound: int) -> list[Told]:
    """At most so many facts, the same ones whatever the order and whatever was pruned before.

    Most are told apart by their things; which of one thing stay matters at the edge only.
    """
    if len(told) <= bound:
        return told
    ordered = sorted(told, key=_weight)
    edge = _weight(ordered[bound])
    first, last = bisect_left(ordered, edge, key=_weight), bisect_right(ordered, edge, key=_weight)
    return [*ordered[:first], *sorted(ordered[first:last], key=_order)[: bound - first]]


def _bucket(fact: Fact) -> str:
    """What a fact is counted with: its kind, and whether it is large."""
    content = fact.content
    large = (isinstance(content, Role) and len(content.permissions) > LARGE) or (
        isinstance(content, Binding) and len(content.subjects) > LARGE
    )
    return f"large {fact.thing.kind}" if large else fact.thing.kind


def _bound(bucket: str) -> int:
    return LARGE_FACTS if bucket.startswith("large ") else FACTS


def _weight(told: Told) -> tuple[bool, int]:
    return _is_plain(told.fact), _sample(told.fact.thing)


@lru_cache(maxsize=10_000)
def _sample(thing: Thing) -> int:
    return crc32("\0".join(map(str, thing)).encode("utf-8", "replace"))


def _is_plain(fact: Fact) -> bool:
    return fact.content is None or fact.content.plain
