"""The syntax tree that queries and rules share; plain data, so that it travels to workers and caches as msgpack."""

from collections.abc import Iterator
from typing import Literal

import msgspec

Scalar = str | int | float | bool | None
Operator = Literal[
    "equals", "contains", "startswith", "endswith", "re", "cidr", "exists", "lt", "lte", "gt", "gte", "fieldref"
]


class Term(msgspec.Struct, frozen=True, tag="term"):
    """One test of one field.

    `field` None is a bare word: any text field contains it. `values` are alternatives, or all required when `every`.
    In `equals`, text values may hold the wildcards `*` and `?` (a backslash escapes them); None is absent or null.
    Text compares without case unless `cased`. A list field matches when any element does.
    `clause` names the selection of the rule the term came from; it is what evidence cites.
    """

    field: str | None
    op: Operator
    values: tuple[Scalar, ...]
    every: bool = False
    cased: bool = False
    clause: str = ""


class And(msgspec.Struct, frozen=True, tag="and"):
    """Every node matches; an empty And is true."""

    nodes: tuple["Node", ...]


class Or(msgspec.Struct, frozen=True, tag="or"):
    """At least one node matches; an empty Or is false."""

    nodes: tuple["Node", ...]


class Not(msgspec.Struct, frozen=True, tag="not"):
    """The node does not match."""

    node: "Node"


Node = Term | And | Or | Not


def conjuncts(node: Node) -> Iterator[Node]:
    """The nodes that must all match for `node` to match: those of an And and of every And within it, else itself."""
    if isinstance(node, And):
        for part in node.nodes:
            yield from conjuncts(part)
    else:
        yield node


def alternatives(node: Node) -> Iterator[Node]:
    """The nodes one of which must match for `node` to match: those of an Or and of every Or within it, else itself."""
    if isinstance(node, Or):
        for part in node.nodes:
            yield from alternatives(part)
    else:
        yield node
