"""The words in which state is told: which thing, what became of it, what is in it, who did it, and when."""

from typing import Final, Literal, NamedTuple, Protocol, Self

import msgspec

from kwho.state.subject import AUTHENTICATED, implied_groups
from kwho.views.principal import NODE, NODES

BEFORE: Final = -2
"""The time of what a snapshot tells without a date: before everything, events of unknown time (-1) included."""
LONGEST: Final = 512
"""Characters of one text that a fact keeps; a longer one is cut."""
MOST: Final = 64
"""Members of one list that a fact keeps."""

Change = Literal["made", "changed", "gone", "swept", "used"]
"""`swept`: one request deleted many things, whose names begin with that of the fact, in a namespace or in all of them.
`used` leaves the thing as it is: a pod was entered, a token was issued."""


class Thing(NamedTuple):
    """One object of one cluster; `kind` is the member of `things` that tells of it. Cluster-wide: namespace None."""

    kind: str
    cluster: str | None
    namespace: str | None
    name: str


class Actor(NamedTuple):
    """Who did it: the authenticated caller, whom it acted as, from where and with what.

    `groups` are those whose rights were used, without what every service account and everybody who logs in bears.
    `binding` is the one that allowed it, as RBAC says: `ClusterRoleBinding/name` or `RoleBinding/namespace/name`.
    """

    user: str | None
    acting_as: str | None = None
    peer: str | None = None
    agent: str | None = None
    groups: tuple[str, ...] = ()
    binding: str | None = None

    @property
    def effective(self) -> str | None:
        """The name whose rights were used."""
        return self.acting_as or self.user

    @property
    def node(self) -> str | None:
        """The node whose kubelet did it; None for everybody else."""
        own = self.acting_as is None and NODES in self.groups and (self.user or "").startswith(NODE)
        return (self.user or "").removeprefix(NODE) if own else None


NOBODY: Final = Actor(None)
"""The actor of what a snapshot tells."""


def groups_of(actor: Actor) -> tuple[str, ...]:
    """All groups whose rights were used, those that go without saying included."""
    return (*actor.groups, *(implied_groups(actor.effective or "") or (AUTHENTICATED,)))


class Content(Protocol):
    """What is in a thing, as far as one request tells."""

    @property
    def partial(self) -> bool:
        """True when the request told a part only (a patch without the whole object)."""
        ...

    @property
    def plain(self) -> bool:
        """True when the thing asks for nothing beyond the default; such facts give way when there are too many."""
        ...

    def onto(self, former: Self, /) -> Self:
        """A part, laid over what was known; still partial, since what else the request did is unknown."""
        ...


class Lasting(msgspec.Struct, frozen=True, gc=False):
    """Never plain: facts on it do not give way."""

    @property
    def plain(self) -> bool:
        """Such things never give way."""
        return False


class Lone(Lasting, frozen=True, gc=False):
    """What is told of a thing that happened once: never plain, and nothing that later ones build on."""

    def onto(self, _former: Self, /) -> Self:
        """They do not build on one another."""
        return self


class Fact(msgspec.Struct, frozen=True, gc=False):
    """What one request tells of one thing; `content` None is "content unknown"."""

    thing: Thing
    change: Change
    actor: Actor
    content: Content | None = None


class Sighted(Protocol):
    """Where and when a fact was seen: time in microseconds, request key, quality of the look, and position."""

    @property
    def time(self) -> int:
        """Microseconds since 1970; -1 unknown."""
        ...

    @property
    def key(self) -> int:
        """The keyed hash of the request."""
        ...

    @property
    def rank(self) -> int:
        """Smaller for the better look at the same request."""
        ...

    @property
    def file(self) -> int:
        """The number of the file."""
        ...

    @property
    def offset(self) -> int:
        """The byte offset of the record."""
        ...

    @property
    def within(self) -> int:
        """The number of the event within its record."""
        ...


class Told(NamedTuple):
    """A fact and the look that told it."""

    fact: Fact
    sighting: Sighted

    @property
    def moment(self) -> tuple[int, int, int, int]:
        """Orders facts by time, then by where they stand: the same for every cut of the input."""
        at = self.sighting
        return at.time, at.file, at.offset, at.within

    @property
    def order(self) -> tuple[object, ...]:
        """Orders facts by moment; those of one request by what they are about."""
        return self.moment, tuple(map(str, self.fact.thing)), self.fact.change


def clip(text: str | None) -> str | None:
    """At most `LONGEST` characters of a hostile string."""
    return text if text is None or len(text) <= LONGEST else text[:LONGEST]


def clip_all(texts: tuple[str, ...]) -> tuple[str, ...]:
    """At most `MOST` of the texts, each clipped."""
    return tuple(text if len(text) <= LONGEST else text[:LONGEST] for text in texts[:MOST])
