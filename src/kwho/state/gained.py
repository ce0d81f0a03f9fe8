"""Which identities a request brought to whoever made it: the account of a pod entered, of a token, of a certificate."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple

from kwho.state.fact import Told
from kwho.state.spec import DEFAULT
from kwho.state.subject import user_of
from kwho.state.things.certificates import Certificate
from kwho.state.things.entries import Entry
from kwho.state.things.tokens import Token
from kwho.state.world import World

INSIDE: Final = ("exec", "attach", "ephemeralcontainers")
"""The ways into a pod that reach its files, and so the token of its account."""

How = Literal["entered", "token", "certificate"]


class Gained(NamedTuple):
    """An identity that came within reach: the user name, how, of what object, and by which fact.

    `credential` is the id that later requests with it bear, where the log tells (`JTI=…`, `X509SHA256=…`). `proved` is
    False when the pod is known by the prefix of its generated name only.
    """

    user: str
    how: How
    of: str
    told: Told
    credential: str | None = None
    proved: bool = True


class Seen(NamedTuple):
    """One place and UTC hour (counted from 1970) at which an identity was at work."""

    peer: str | None
    agent: str | None
    hour: int


def obtainable(world: World) -> frozenset[str]:
    """The user names of all accounts for which a token was issued, and of all certificates that were asked for."""
    accounts = {user_of(thing.namespace, thing.name) for thing in world.things("tokens")}
    contents = (version.content for thing in world.things("certificates") for version in world.history(thing))
    named = {name for content in contents if isinstance(content, Certificate) for name in content.common_names}
    return frozenset(accounts | named)


def moved(seen: frozenset[Seen], hour: int) -> tuple[str, ...]:
    """The addresses at which an identity was seen in this hour or later, and in no hour before."""
    before = {place.peer for place in seen if place.hour < hour}
    return tuple(sorted({place.peer for place in seen if place.hour >= hour and place.peer} - before))


def gained(world: World, keys: Iterable[int]) -> Iterator[Gained]:
    """The identities that the requests with these keys brought, in order of the keys; nothing for other requests."""
    for told in world.told_by(keys):
        content = told.fact.content
        if isinstance(content, Entry) and content.way in INSIDE:
            yield from _entered(world, told)
        elif isinstance(content, Token):
            thing = told.fact.thing
            yield Gained(user_of(thing.namespace, thing.name), "token", thing.name, told, content.credential)
        elif isinstance(content, Certificate):
            yield from _certified(world, told)


def _entered(world: World, told: Told) -> Iterator[Gained]:
    thing = told.fact.thing
    answer = world.pod(thing.cluster, thing.namespace, thing.name, told.moment)
    if answer.content is not None and answer.told is not None:
        account = answer.content.account or DEFAULT
        named = answer.told.fact.thing.name == thing.name  # the account of a pod never changes, whatever else does
        yield Gained(user_of(thing.namespace, account), "entered", thing.name, told, None, named)


def _certified(world: World, told: Told) -> Iterator[Gained]:
    """The subject of a request counts as gained by whoever asked for it, and by whoever approved it."""
    thing = told.fact.thing
    versions = [version for version in world.history(thing) if isinstance(version.content, Certificate)]
    latest = versions[-1].content if versions else None
    if isinstance(latest, Certificate) and (latest.approver or latest.credential):
        for name in latest.common_names:
            yield Gained(name, "certificate", thing.name, told, latest.credential)
