"""What a field is, and how rows of the table are written."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from kwho.views import Look

Scalar = str | int | bool | None
Value = Scalar | tuple[Scalar, ...] | list[Scalar]
Type = Literal["text", "integer", "boolean", "address", "time"]
Dimension = Literal["operation", "user", "agent", "peer"]
Level = Literal["Metadata", "Request", "RequestResponse"]
Read = Callable[[Look], Value]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, how it is read, what it depends on, and the sentence that documents it.

    `dimension` says that the value depends on one small part of the event alone. `needs` names the members of the event
    without which the field is absent, `level` the least audit level that carries them.
    """

    name: str
    type: Type
    read: Read
    dimension: Dimension | None
    needs: tuple[str, ...]
    level: Level
    doc: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Family:
    """An open family of fields: every key behind the prefix is a field."""

    prefix: str
    placeholder: str
    read: Callable[[str], Read]
    needs: tuple[str, ...]
    level: Level
    doc: str


def field(name: str, kind: Type, read: Read, doc: str, *aliases: str) -> Field:
    """A field that is always there, whatever the level."""
    return Field(name, kind, read, None, (), "Metadata", doc, aliases)


def decided_by(dimension: Dimension, *fields: Field) -> tuple[Field, ...]:
    """Fields that depend on this dimension alone."""
    return tuple(replace(row, dimension=dimension) for row in fields)


def needing(need: str, level: Level, *fields: Field) -> tuple[Field, ...]:
    """Fields that are absent without this member of the event."""
    return tuple(replace(row, needs=(need,), level=level) for row in fields)
