"""What was done in a log: the labelled steps of a recording, or the stories planted in a generated day."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from kwho.sample import Plant

Place = Literal["authorised", "look-alikes", "repairs", "set-up", "everyday life"]
PLACES: Final[tuple[Place, ...]] = ("authorised", "look-alikes", "repairs", "set-up", "everyday life")
"""Where honest requests come from: a test that was ordered, honest work that looks like an attack, what an
administrator prepares and repairs around attacks, how the organisation was set up, and all that has no label."""

_ORDERED: Final = "penetration-test"
_SET_UP: Final = "provisioning"


@dataclass(frozen=True)
class Step:
    """One step of an attack: the rows of the detection catalog that may speak of it, and the requests in the log."""

    attack: str
    name: str
    rows: tuple[str, ...]
    audit_ids: frozenset[str]

    @property
    def named(self) -> str:
        """Attack and step in words."""
        return f"{self.attack}: {self.name}"


@dataclass(frozen=True)
class Truth:
    """All attacks of a log by step; `follows` are requests that components sent because of an attack, by attack."""

    steps: tuple[Step, ...]
    follows: Mapping[str, frozenset[str]]
    honest: Mapping[str, Place]
    parties: Mapping[str, str]
    """Who sent each request: a user, or the address of one who has no name."""

    @cached_property
    def attacks(self) -> Mapping[str, tuple[Step, ...]]:
        """The steps of every attack, in the order of the labels."""
        found: dict[str, tuple[Step, ...]] = {}
        for step in self.steps:
            found[step.attack] = (*found.get(step.attack, ()), step)
        return found

    @cached_property
    def guilty(self) -> Mapping[str, frozenset[str]]:
        """The requests of every attack, with those that followed from it."""
        return {
            name: frozenset().union(self.follows.get(name, frozenset()), *(step.audit_ids for step in steps))
            for name, steps in self.attacks.items()
        }

    def blamed(self, audit_ids: Collection[str]) -> tuple[str, ...]:
        """The attacks that one of these requests belongs to."""
        return tuple(name for name, guilty in self.guilty.items() if not guilty.isdisjoint(audit_ids))

    def strangers(self, attacks: Collection[str]) -> int:
        """How many of these attacks, or groups of them, have no party in common, not even by way of other attacks."""
        return len({self._group[name] for name in attacks})

    @cached_property
    def _group(self) -> Mapping[str, str]:
        group = {name: name for name in self.attacks}
        first: dict[str, str] = {}
        for step in self.steps:
            for party in {self.parties[audit_id] for audit_id in step.audit_ids}:
                old, new = group[step.attack], group[first.setdefault(party, step.attack)]
                group = {name: new if mine == old else mine for name, mine in group.items()}
        return group

    def place(self, audit_ids: Collection[str]) -> Place:
        """Where honest requests come from; the first of `PLACES` that one of them belongs to."""
        found = {self.honest.get(audit_id, "everyday life") for audit_id in audit_ids}
        return next(place for place in PLACES if place in found)


def recorded(labels: bytes, parties: Mapping[str, str]) -> Truth:
    """The truth of a recording, by its `labels.jsonl`, as far as the log holds the requests: those in `parties`."""
    rows = [json.loads(line) for line in labels.splitlines()]
    attacks = {row["scenario"] for row in rows if row["kind"] == "attack"}
    steps, follows, honest = [], dict[str, frozenset[str]](), dict[str, Place]()
    for row in rows:
        name = row["scenario"]
        ids = frozenset(row["audit_ids"]).intersection(parties)
        if row["kind"] == "attack":
            steps.append(Step(name, row["step"], tuple(row["detections"]), ids))
        elif row["kind"] == "consequence" and name in attacks:
            follows[name] = follows.get(name, frozenset()) | ids
        else:
            honest |= dict.fromkeys(ids, _place(name, name in attacks))
    return Truth(tuple(steps), follows, honest, parties)


def planted(plants: Collection[Plant], parties: Mapping[str, str]) -> Truth:
    """The truth of a generated log that holds the requests of `parties`."""
    steps = tuple(
        Step(plant.name, step.text, step.detections, frozenset(step.audit_ids).intersection(parties))
        for plant in plants
        if not plant.honest
        for step in plant.steps
    )
    return Truth(steps, {}, dict(_look_alikes(plants)), parties)


def _look_alikes(plants: Collection[Plant]) -> Iterator[tuple[str, Place]]:
    for plant in plants:
        if plant.honest:
            yield from ((audit_id, "look-alikes") for audit_id in plant.audit_ids)


def _place(scenario: str, of_attack: bool) -> Place:
    if of_attack:
        return "repairs"
    if scenario == _SET_UP:
        return "set-up"
    return "authorised" if scenario == _ORDERED else "look-alikes"
