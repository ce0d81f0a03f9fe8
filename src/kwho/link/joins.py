"""The keys by which findings belong together, one function each; every one yields ties in an order of its own.

The same principal, the same credential, an identity that was gained, an object that was made and then used, and the
same command join over weeks. An address joins only when hardly anybody else is behind it, the findings are near in
time, the client is the same, and somebody is out of place there. Components of the cluster act for others: their
findings go to what they were made for, and among themselves stay apart by address.
"""

from collections.abc import Iterator
from typing import Final

from kwho.link.graph import Tie
from kwho.link.hubs import DAY, FEW, Crowd, is_component, is_program, shares_an_address
from kwho.link.scene import Join, Scene, chain, earlier, latest, makers, within
from kwho.link.trace import GRAVE, Places, Thing, Trace
from kwho.link.ways import LASTING, WEEK, by_binding, by_entry, by_gain
from kwho.schema.moment import HOUR, MINUTE
from kwho.views.principal import ANONYMOUS
from kwho.views.source import is_public

SOON: Final = MINUTE // 6
"""How soon the cluster composes roles anew after a role was written."""
PLACES: Final = 2
"""Addresses of somebody who is seen at home and in one strange place."""
QUIET: Final = 14 * DAY
"""Silence of one principal after which what follows is another matter."""

PAIR: Final = 2
"""Identities of a claim about several that may still belong together."""

_ROLES: Final = "clusterroles"
_COMPOSER: Final = "system:serviceaccount:kube-system:clusterrole-aggregation-controller"


def by_consequence(scene: Scene) -> Iterator[Tie]:
    """What a component made belongs to the one who wrote its owner."""
    made = makers(scene)
    for at, trace in enumerate(scene.traces):
        for owner in trace.owners:
            cause = latest(made.get((trace.finding.cluster, owner), ()), at, scene)
            if cause is not None:
                yield Tie(cause, at, "consequence", f"{_say(owner)}, written before, made it")
                break


def by_aggregation(scene: Scene) -> Iterator[Tie]:
    """A role that the cluster composed anew belongs to the one who just wrote a role, when only one did."""
    written: dict[str | None, list[int]] = {}
    for at, trace in enumerate(scene.traces):
        if not any(thing.resource == _ROLES for thing in trace.made):
            continue
        if trace.users != (_COMPOSER,):
            written.setdefault(trace.finding.cluster, []).append(at)
            continue
        before = earlier(written.get(trace.finding.cluster, ()), at)
        near = [one for one in before if (trace.first or 0) - (scene.traces[one].first or 0) <= SOON]
        if len({scene.traces[one].users for one in near}) == 1:
            yield Tie(near[-1], at, "consequence", "a role was written, and the cluster composed roles anew")


def by_event(scene: Scene) -> Iterator[Tie]:
    """A claim about two identities belongs to what cites its first event; one that is grave joins both.

    One about more, or about whoever is behind a shared address, tells of a place and joins nobody.
    """
    claims: list[tuple[int, list[tuple[str, int, int]]]] = []
    for at, trace in enumerate(scene.traces):
        if len(trace.users) == PAIR and (trace.peer is None or not shares_an_address(trace.peer, scene.places)):
            cites = trace.finding.events if trace.rank >= GRAVE else trace.finding.events[:1]
            claims.append((at, [(cited.file, cited.offset, cited.index) for cited in cites]))
    wanted = {place for _, places in claims for place in places}
    owners: dict[tuple[str, int, int], int] = {}
    for at, trace in enumerate(scene.traces if wanted else ()):
        if len(trace.users) == 1:
            places = ((cited.file, cited.offset, cited.index) for cited in trace.finding.events)
            owners.update((place, at) for place in places if place in wanted and place not in owners)
    for at, known in claims:
        for held in dict.fromkeys(owners[place] for place in known if place in owners):
            yield Tie(held, at, "event", f"the same request is cited by: {scene.traces[at].finding.title}")


def by_principal(scene: Scene) -> Iterator[Tie]:
    """The same identity, without a pause longer than two weeks; anonymous callers and components by their address."""
    explained = {tie.other for join in (by_consequence, by_aggregation) for tie in join(scene)}
    chains: dict[tuple[str | None, str | None, str | None], list[int]] = {}
    for at, trace in enumerate(scene.traces):
        for user in _joining(trace, scene.places):
            nameless = user in (None, ANONYMOUS)
            apart = nameless or is_component(user)
            if apart and at in explained:
                continue
            key = (trace.finding.cluster, ANONYMOUS if nameless else user, trace.peer if apart else None)
            chains.setdefault(key, []).append(at)
    for (_, user, peer), members in chains.items():
        pause = DAY if user == ANONYMOUS else QUIET
        where = "" if peer is None else f" at {peer}"
        yield from chain(members, pause, ("principal", f"the same principal, {user}{where}"), scene)


def _joining(trace: Trace, places: Places) -> tuple[str | None, ...]:
    """The identities that a finding joins; one about two identities joins people and programs, when it is grave."""
    if len(trace.users) == 1:
        return trace.users
    if len(trace.users) != PAIR or trace.rank < GRAVE or (trace.peer and shares_an_address(trace.peer, places)):
        return ()
    return tuple(user for user in trace.users if not is_component(user))


def by_credential(scene: Scene) -> Iterator[Tie]:
    """The same credential, or one that was handed out before."""
    chains: dict[tuple[str | None, str], list[int]] = {}
    for at, trace in enumerate(scene.traces):
        if not any(is_component(user) for user in trace.users):
            for credential in dict.fromkeys((*trace.issued, *trace.credentials)):
                chains.setdefault((trace.finding.cluster, credential), []).append(at)
    for (_, credential), members in chains.items():
        yield from chain(members, LASTING, ("credential", f"the same credential, {credential}"), scene)


def by_object(scene: Scene) -> Iterator[Tie]:
    """An object was made by one and used by another within a day: a pod that was entered, a secret that was read."""
    made = makers(scene)
    crowd = Crowd(scene.traces, lambda trace: trace.made)
    users: dict[tuple[str | None, Thing], set[str | None]] = {}
    for trace in scene.traces:
        for thing in (*trace.made, *trace.used):
            users.setdefault((trace.finding.cluster, thing), set()).update(trace.users)
    for at, trace in enumerate(scene.traces):
        for thing in trace.used:
            key = (trace.finding.cluster, thing)
            maker = latest(made.get(key, ()), at, scene) if len(users[key]) <= FEW else None
            if maker is None or crowd.around(scene.traces[maker]):
                continue
            if within(scene.traces[maker], trace, DAY):
                yield Tie(maker, at, "object", f"{_say(thing)} was made, then used")


def by_payload(scene: Scene) -> Iterator[Tie]:
    """The same long command, by few."""
    chains: dict[tuple[str | None, str], list[int]] = {}
    for at, trace in enumerate(scene.traces):
        if trace.rank >= GRAVE:
            for payload in trace.payloads:
                chains.setdefault((trace.finding.cluster, payload), []).append(at)
    for members in chains.values():
        if len({user for at in members for user in scene.traces[at].users}) <= FEW:
            yield from chain(members, WEEK, ("payload", "the same command"), scene)


def by_address(scene: Scene) -> Iterator[Tie]:
    """The same client at the same address within an hour, when few are behind it and somebody is out of place."""
    chains: dict[tuple[str | None, str], list[int]] = {}
    for at, trace in enumerate(scene.traces):
        if trace.peer is not None and not shares_an_address(trace.peer, scene.places):
            chains.setdefault((trace.finding.cluster, trace.peer), []).append(at)
    for (_, peer), members in chains.items():
        grave: int | None = None
        for place, other in enumerate(members):
            for one in dict.fromkeys((members[place - 1] if place else None, grave)):
                if one is not None and _strays(scene.traces[one], scene.traces[other], scene.places):
                    yield Tie(one, other, "address", f"near in time from {peer}, where hardly anybody else is")
            grave = other if scene.traces[other].rank >= GRAVE else grave


def _strays(one: Trace, other: Trace, places: Places) -> bool:
    """True when one hand with several identities is likely."""
    if max(one.rank, other.rank) < GRAVE or not within(one, other, HOUR):
        return False
    if not set(one.agents).intersection(other.agents):
        return False
    names = {user for user in (*one.users, *other.users) if user is not None and user != ANONYMOUS}
    if len(names) < 2:  # who guesses credentials has no name until one fits
        return one.users == (None,) and other.users != one.users
    programs = [user for user in names if is_program(user)]
    known = {user: len(places.peers.get(user, ())) for user in names}
    strayed = all(known[user] == PLACES for user in names)
    outside = bool(is_public(one.peer or ""))
    if len(programs) == len(names):
        return outside or any(places > 1 for places in known.values())
    return outside and strayed


JOINS: Final[tuple[Join, ...]] = (
    by_consequence,
    by_aggregation,
    by_event,
    by_credential,
    by_entry,
    by_gain,
    by_binding,
    by_object,
    by_payload,
    by_principal,
    by_address,
)
"""In the order in which they join: what says most comes first, since the first reason is the one that is told."""


def _say(thing: Thing) -> str:
    where = f" in {thing.namespace}" if thing.namespace else ""
    return f"{thing.resource} {thing.name}{where}"
