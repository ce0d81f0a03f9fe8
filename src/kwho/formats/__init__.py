"""How bytes become events: framing, the decoding ladder, and one file for each family of wrappers.

A member of this set is a module of this folder with a `FORMAT` that meets `Format`. Members are found by listing the
folder and asked in order of `priority`; a member states what a line or an object is, and never decodes an event itself.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

from kwho.formats.tree import Json, Tree
from kwho.schema.record import Context, Rejection

NATIVE: Final = "native-log"
CONTEXT_NATIVE: Final = Context(NATIVE)
CONTEXTS: Final = 4_096
"""Contexts kept for re-use; instances and clusters are names an attacker may multiply."""
NAME: Final = 253
"""Characters of a cluster's or instance's name; no name in Kubernetes may be longer."""


class Facts(NamedTuple):
    """What a wrapper tells about the event inside; None and empty when it tells nothing."""

    format: str | None = None
    cluster: str | None = None
    instance: str | None = None
    derived: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    def within(self, outer: "Facts") -> "Facts":
        """These facts inside `outer`: the outermost names the format, the innermost cluster and instance."""
        if outer is NOTHING:
            return self
        return Facts(
            outer.format or self.format,
            self.cluster or outer.cluster,
            self.instance or outer.instance,
            outer.derived + self.derived,
            outer.lost + self.lost,
        )


NOTHING: Final = Facts()


class Inner(NamedTuple):
    """Look again: `data` is what the wrapper holds, JSON or text. `unescaped` when it was a string inside JSON."""

    data: bytes
    facts: Facts = NOTHING
    unescaped: bool = False


class Candidate(NamedTuple):
    """An event: `members` are its fields as JSON, `raw` the text it stands in.

    `plain` promises that `raw` holds the same members under the same names, `nested` that objects and lists may stand
    in strings. `repeated` names members that stood there more than once.
    """

    members: Mapping[str, Json]
    raw: bytes
    facts: Facts = NOTHING
    plain: bool = False
    nested: bool = False
    repeated: tuple[str, ...] = ()


class Refusal(NamedTuple):
    """No event: well-formed but something else (`filtered`), or damaged; `reason` is a short stable phrase."""

    reason: str
    kind: Rejection = "filtered"
    data: bytes = b""
    facts: Facts = NOTHING


class Piece(NamedTuple):
    """A part of a line that a container runtime has cut; the pieces of one `stream` belong together until `final`."""

    stream: str
    data: bytes
    final: bool
    facts: Facts = NOTHING


Step = Inner | Candidate | Refusal | Piece


class Format(Protocol):
    """One family of wrappers; it reads lines, objects or both."""

    priority: int
    """Members are asked in ascending order; below 500 before an object is taken for a native event."""
    formats: tuple[str, ...]
    """The format ids its contexts carry."""
    lists: frozenset[str]
    """Keys under which its documents hold lists of records, so that long ones can be read in slices."""
    examples: tuple[bytes, ...]
    """One input per shape; each holds at least one record."""


@runtime_checkable
class LineFormat(Format, Protocol):
    """A format of text lines."""

    def strip(self, line: bytes, /) -> Step | None:
        """What a line of text without its prefix is; None when the prefix is not of this family."""
        ...


@runtime_checkable
class ObjectFormat(Format, Protocol):
    """A format of JSON objects."""

    def open(self, tree: Tree, /) -> Iterable[Step] | None:
        """What a JSON object holds; None when it is not of this family."""
        ...


@cache
def members() -> tuple[Format, ...]:
    """Every format, in order of priority."""
    found: list[Format] = []
    for module in pkgutil.iter_modules(__path__):
        member = getattr(importlib.import_module(f"{__name__}.{module.name}"), "FORMAT", None)
        if member is not None:
            found.append(member)
    return tuple(sorted(found, key=lambda member: (member.priority, member.formats)))


@cache
def line_members() -> tuple[LineFormat, ...]:
    """Every format of text lines, in order of priority."""
    return tuple(member for member in members() if isinstance(member, LineFormat))


@cache
def object_members() -> tuple[ObjectFormat, ...]:
    """Every format of JSON objects, in order of priority."""
    return tuple(member for member in members() if isinstance(member, ObjectFormat))


def context_of(facts: Facts) -> Context:
    """The one shared context for these facts; names longer than Kubernetes allows are cut."""
    if facts is NOTHING:
        return CONTEXT_NATIVE
    cluster, instance = (None if name is None else name[:NAME] for name in (facts.cluster, facts.instance))
    return _shared(facts.format or NATIVE, cluster, instance, _ordered(facts.derived), _ordered(facts.lost))


@lru_cache(maxsize=CONTEXTS)
def _shared(*content: Any) -> Context:
    context = Context(*content)
    return CONTEXT_NATIVE if context == CONTEXT_NATIVE else context


@lru_cache(maxsize=256)
def _ordered(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
