"""Views of the world that rules can ask for: an open set, one file per view; this page holds what the members share.

A rule that says `kwho: state: entered_pod` may use the fields of that view, each behind `state.`. What it asks of the
event decides which requests are candidates; what it asks of the state is settled once the whole log is folded, as of
the moment of the request. A member is a module of this folder with one public class (`entered_pod.py` holds
`EnteredPod`). Members never import each other.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import ClassVar, Final, NamedTuple, Protocol, cast

from kwho.state.access import Access
from kwho.state.fact import Sighted, Told
from kwho.state.gained import Seen
from kwho.state.world import Moment, World
from kwho.views.situation import Value

LISTED: Final = 200
"""Values of one field that a view tells."""


class Place(NamedTuple):
    """One address at which a credential was used, with what, and the first request of it in the files."""

    peer: str
    agent: str | None
    sighting: Sighted


class Presence(Protocol):
    """Where identities and credentials were seen at work, whether or not a rule matched."""

    def hours(self, user: str, /) -> frozenset[Seen]:
        """The places and hours of an account with issued tokens, or of the subject of a certificate."""
        ...

    def places(self, cluster: str | None, credential: str | None, /) -> tuple[Place, ...]:
        """Where a credential was used, by address."""
        ...


class Nowhere:
    """The presence of which nothing is known."""

    def hours(self, _user: str, /) -> frozenset[Seen]:
        """Nothing."""
        return frozenset()

    def places(self, _cluster: str | None, _credential: str | None, /) -> tuple[Place, ...]:
        """Nothing."""
        return ()


class Case(NamedTuple):
    """A request that a rule selected, by the fact that it told, in the world as all events made it."""

    told: Told
    world: World
    access: Access
    presence: Presence = Nowhere()

    @property
    def moment(self) -> Moment:
        """The moment of the request."""
        return self.told.moment


class Claim(NamedTuple):
    """What a view tells of a case: values by key, and what proves them beside the request itself."""

    values: Mapping[str, Value]
    cites: tuple[Sighted, ...] = ()


class View(Protocol):
    """One view of the world."""

    kinds: ClassVar[tuple[str, ...]]
    """The kinds of facts (members of `state.things`) that a request must tell for the view to be asked."""
    fields: ClassVar[Mapping[str, str]]
    """What the view tells: keys behind `state.` and what each means."""

    def tell(self, case: Case) -> Claim:
        """The values of the fields for one case; those that are not known are left out."""
        ...


@cache
def names() -> tuple[str, ...]:
    """The views there are, in order of name, found by listing this folder."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


@cache
def view(name: str) -> View:
    """The view of this name; raises KeyError when there is none."""
    if name not in names():
        raise KeyError(name)
    title = "".join(part.capitalize() for part in name.split("_"))
    return cast("View", getattr(import_module(f"{__name__}.{name}"), title)())


def listed(values: tuple[str, ...]) -> tuple[str, ...]:
    """At most `LISTED` of the values."""
    return values[:LISTED]
