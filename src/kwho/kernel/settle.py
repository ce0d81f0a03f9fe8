"""Candidates to matches: the facts of the whole log are folded to a world, and each candidate is asked of it."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from kwho.detect.question import PREFIX, split
from kwho.detect.rule import Rule
from kwho.detect.stateful import Case, Claim, Nowhere, Presence, view
from kwho.kernel.candidates import Candidates
from kwho.kernel.columns import Copies
from kwho.kernel.journal import Journal, Sighting
from kwho.kernel.judge import clip
from kwho.kernel.tally import Findings, Tally
from kwho.query.match import compile_node, explainer
from kwho.schema.event import Event
from kwho.schema.finding import Evidence
from kwho.schema.record import Context
from kwho.state.access import Access
from kwho.state.defaults import default_roles
from kwho.state.fact import Told
from kwho.state.gather import Facts
from kwho.state.snapshot import Snapshot
from kwho.state.world import World
from kwho.views import Look
from kwho.views.situation import Value, situation

SHOWN: Final = 10
"""Values of one field of the state that evidence shows beside those that the rule asked for."""

_NOTHING: Final = Context("none")


def told_before(snapshots: Sequence[Snapshot], clusters: Collection[str | None]) -> Iterator[Told]:
    """The facts of snapshots; those of no named cluster belong to the one cluster of the log, if there is one."""
    only = next(iter(clusters)) if len(clusters) == 1 else None
    for told in (told for snapshot in snapshots for told in snapshot.told):
        thing = told.fact.thing
        if thing.cluster is None and only is not None:
            yield told._replace(fact=msgspec.structs.replace(told.fact, thing=thing._replace(cluster=only)))
        else:
            yield told


def snapshot_notes(snapshots: Sequence[Snapshot], clusters: Collection[str | None]) -> Iterator[str]:
    """What of the snapshots tells nothing, and what cannot be told apart."""
    ignored = sum((Counter(snapshot.ignored) for snapshot in snapshots), Counter[str]())
    if ignored:
        kinds = ", ".join(sorted(ignored)[:SHOWN])
        yield f"objects of the snapshots that tell nothing of the state: {ignored.total()} ({clip(kinds)})"
    if len(clusters) > 1 and any(told.fact.thing.cluster is None for snapshot in snapshots for told in snapshot.told):
        yield "the snapshots name no cluster and the log holds several: give --cluster"


def fold(facts: Facts, copies: Copies, snapshots: Iterable[Told] = ()) -> World:
    """The world of all facts that stand; of several looks at one request the best tells."""
    best: dict[tuple[object, ...], Told] = {}
    for told in (told for kind in facts.told.values() for told in kind):
        if copies.stands(told.sighting.key, told.sighting.rank):
            place = (told.sighting.key, told.sighting.time, told.fact.thing.kind)
            held = best.get(place)
            if held is None or _quality(told) < _quality(held):
                best[place] = told
    return World((*snapshots, *best.values()))


def _quality(told: Told) -> tuple[int, int, int, int]:
    at = told.sighting
    return at.rank, at.file, at.offset, at.within


class Settling(NamedTuple):
    """What candidates are settled by: the world of all facts, what is a copy of what, and who was seen where."""

    world: World
    copies: Copies
    journal: Journal
    """The requests that the candidates are, and those that are cited beside them."""
    presence: Presence = Nowhere()


def settle(candidates: Candidates, rules: Mapping[str, Rule], settling: Settling) -> Findings:
    """The tallies of the candidates that stand in the world, grouped as the matches of all other rules are."""
    found: Findings = {}
    access = Access(settling.world, default_roles() if candidates.held else None)
    for rule, held in candidates.held.items():
        judge = _Judge(rules[rule])
        for key, tally in held.values():
            if _remain(tally, settling) and judge.settle(tally, access, settling):
                earlier = found.get(key)
                if earlier is None:
                    found[key] = tally
                else:
                    earlier.merge(tally)
    return found


def _remain(tally: Tally, settling: Settling) -> bool:
    journal = settling.journal
    return any(settling.copies.stands(journal.keys[row], journal.rank(row)) for row in tally.rows)


class _Judge:
    """The question of one rule, compiled."""

    def __init__(self, rule: Rule) -> None:
        question = split(rule.condition).question
        self._view = view(rule.state or "")
        self._holds, self._explain = compile_node(question), explainer(question)

    def settle(self, tally: Tally, access: Access, settling: Settling) -> bool:
        """True when the request stands; its tally then holds the evidence of the state, and cites what proves it."""
        journal = settling.journal
        keys = {journal.keys[row] for row in tally.rows}
        for told in _told(settling.world, journal.keys[tally.rows[0]], self._view.kinds):
            claim = self._view.tell(Case(told, settling.world, access, settling.presence))
            look = Look(Event(), _NOTHING)
            look.lay(situation, dict(claim.values))
            if self._holds(look):
                tally.evidence = (*tally.evidence, *_evidence(self._explain(look), claim))
                for cited in claim.cites:
                    if isinstance(cited, Sighting) and cited.key not in keys:
                        keys.add(cited.key)
                        tally.rows.append(journal.note(cited))
                return True
        return False


def _told(world: World, key: int, kinds: Sequence[str]) -> Iterator[Told]:
    return (told for told in world.told_by([key]) if told.fact.thing.kind in kinds)


def _evidence(asked: tuple[Evidence, ...], claim: Claim) -> Iterator[Evidence]:
    """What the rule asked for, then what else is known."""
    yield from asked
    shown = {item.field for item in asked}
    for key, value in claim.values.items():
        if PREFIX + key not in shown and value not in (None, ()):
            yield Evidence("state", PREFIX + key, _few(value))


def _few(value: Value) -> Value:
    if isinstance(value, tuple) and len(value) > SHOWN:
        return (*value[:SHOWN], "…")
    return value
