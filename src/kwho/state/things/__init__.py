"""Kinds of things that the log tells of: an open set, one file per kind; this page holds what the members share.

A member is a module of this folder with one public class of the same name (`pods.py` holds `Pods`). Its condition
says which requests tell something; `observe` reads what they tell. Members never import each other.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import ClassVar, Final, Protocol, cast

from kwho.query.ast import Node
from kwho.query.parse import parse_query
from kwho.schema.event import ObjectRef, User
from kwho.state.fact import Actor, Change, Fact, Thing, clip, clip_all
from kwho.state.subject import AUTHENTICATED, implied_groups
from kwho.views import Look
from kwho.views.authorization import allowed_by
from kwho.views.body import mapping, response_body, text, written, written_object
from kwho.views.source import peer

CHANGED: Final = "verb:create,update,patch,delete,deletecollection accepted:true"
"""The condition on requests that change an object."""


class Observer(Protocol):
    """What finds facts about one kind of thing."""

    kind: ClassVar[str]
    condition: ClassVar[str]
    """The query for requests that tell something."""
    resources: ClassVar[tuple[tuple[str, str], ...]]
    """API group and resource of the objects that a snapshot may bring; empty when none can."""

    def observe(self, look: Look) -> Iterator[Fact]:
        """What a request that the condition selects tells; bodies that are missing make facts without content."""
        ...


@cache
def kinds() -> tuple[str, ...]:
    """The kinds of things there are, in order of name, found by listing this folder."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


@cache
def observers() -> tuple[Observer, ...]:
    """One observer per kind of thing."""
    found = [getattr(import_module(f"{__name__}.{kind}"), kind.capitalize()) for kind in kinds()]
    return tuple(cast("Observer", member()) for member in found)


@cache
def conditions() -> tuple[Node, ...]:
    """The condition of each observer, in the same order."""
    return tuple(parse_query(observer.condition) for observer in observers())


def actor(look: Look) -> Actor:
    """Who made the request."""
    event = look.event
    user, borrowed = event.user or _NOBODY, event.impersonatedUser
    acting = None if borrowed is None else borrowed.username or ""
    groups, binding = _groups(user if borrowed is None else borrowed), look.see(allowed_by).binding
    return Actor(clip(user.username), clip(acting), clip(look.see(peer)), clip(event.userAgent), groups, clip(binding))


def change(look: Look) -> Change:
    """What became of the object: an apply that creates answers 201."""
    event = look.event
    if event.verb in ("delete", "deletecollection"):
        return "gone" if event.verb == "delete" else "swept"
    status = event.responseStatus
    made = event.verb == "create" or (status is not None and status.code == 201)
    return "made" if made else "changed"


def name_of(look: Look) -> str | None:
    """The name of the object: of the reference, else of the body; a generated one stands in the response only."""
    ref = look.event.objectRef
    named = ref.name if ref is not None else None
    bodies = (look.see(written_object), look.see(response_body))
    return named or next((name for body in bodies if (name := text(mapping(body, "metadata").get("name")))), None)


def thing(look: Look, kind: str, name: str) -> Thing:
    """The thing of this kind and name in the namespace of the request."""
    ref = look.event.objectRef or _NOTHING
    return Thing(kind, look.context.cluster, clip(ref.namespace), clip(name) or "")


def subject_of(look: Look, kind: str, prefix: str = "") -> Thing | None:
    """The thing that the request is about; None when it has no name. `deletecollection` sweeps all with the prefix."""
    if look.event.verb == "deletecollection":
        return thing(look, kind, prefix)
    name = name_of(look)
    return thing(look, kind, prefix + name) if name else None


def is_partial(look: Look) -> bool:
    """True when the body is the fragment of a patch that changed an existing object."""
    found = look.see(written)
    return found is not None and found.origin == "patch" and look.see(change) == "changed"


def _groups(user: User) -> tuple[str, ...]:
    implied = implied_groups(user.username or "") or (AUTHENTICATED,)
    return clip_all(tuple(group for group in user.groups or () if group not in implied))


_NOBODY: Final = User()
_NOTHING: Final = ObjectRef()
