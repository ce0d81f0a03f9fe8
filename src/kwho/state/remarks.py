"""Sentences about the things that requests touched: what a pod was that somebody entered, who stands behind a pod."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from kwho.state.fact import BEFORE, Actor, Thing, Told, clip
from kwho.state.spec import DEFAULT, Spec
from kwho.state.subject import user_of
from kwho.state.things.entries import Entry
from kwho.state.world import Moment, World

MOST: Final = 3
"""Remarks on one finding."""
LOOKED_AT: Final = 100
"""Requests of one finding that are looked at for remarks."""


def remarks(world: World, keys: Iterable[int]) -> tuple[str, ...]:
    """What the log tells of the things that these requests touched, each sentence once; texts of events in quotes."""
    found: dict[str, None] = {}
    for told in world.told_by(islice(keys, LOOKED_AT)):
        for remark in _remark(world, told):
            found[remark] = None
        if len(found) >= MOST:
            break
    return tuple(found)[:MOST]


def maker(world: World, thing: Thing, spec: Spec, at: Moment) -> Actor | None:
    """Who made a pod: the author of the workload at the top of its owners when it has one, else its own maker."""
    if spec.owners:
        written = world.author(thing.cluster, thing.namespace, spec.owners[0], at)
        last = written[1] if written is not None else None
    else:
        before = (version.told for version in world.history(thing) if version.moment <= at)
        last = next((told for told in reversed(tuple(before)) if told.fact.change == "made"), None)
    return None if last is None or last.sighting.time == BEFORE else last.fact.actor


def _remark(world: World, told: Told) -> Iterator[str]:
    fact = told.fact
    if isinstance(fact.content, Entry):
        yield _entered(world, told)
    elif fact.thing.kind == "pods" and isinstance(fact.content, Spec) and fact.content.owners:
        found = world.author(fact.thing.cluster, fact.thing.namespace, fact.content.owners[0], told.moment)
        if found is not None:
            name, written = found
            yield f"the pod is made from {_quoted(name)}, last written by {_quoted(written.fact.actor.effective)}"


def _entered(world: World, told: Told) -> str:
    thing = told.fact.thing
    answer = world.pod(thing.cluster, thing.namespace, thing.name, told.moment)
    name = _quoted(f"{thing.namespace}/{thing.name}")
    if answer.content is None:
        return f"what the pod {name} asks for is not known: no body before this request tells it"
    spec = answer.content
    account = user_of(thing.namespace, spec.account or DEFAULT)
    asks = ", ".join((*spec.demands, *(f"host path {_quoted(path)}" for path in spec.host_paths[:MOST])))
    sure = "" if answer.knowledge == "known" else ", as far as its generated name or earlier changes tell"
    return f"the pod {name} runs as {_quoted(account)}{' with ' if asks else ''}{asks}{sure}"


def _quoted(text: str | None) -> str:
    return f"“{clip(text) or '?'}”"
