"""Which conditions can still match, known from one field alone; the cheap first step before conditions are evaluated.

Each condition is projected onto each field it uses: terms on other fields become "may be either". What is left is
decided for a value of that field; a condition whose projection is false cannot match any event with that value.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_
from typing import Final, NamedTuple

from kwho.fields import Field, Value, find
from kwho.query.ast import And, Node, Not, Or, Term
from kwho.query.fit import spell
from kwho.query.pattern import fold, literal_of
from kwho.query.predicate import Test, value_test

LONGEST_VALUE: Final = 1_024
"""Characters of a value that is remembered; values are chosen by attackers."""
MOST_VALUES: Final = 8_192
"""Values of one field that are remembered at a time."""

_Unknown = None
"""A projection that excludes nothing."""


class _Column(NamedTuple):
    """What one field decides: nodes that ask for exact texts by one look-up, the others by a test each."""

    named: int
    """The nodes that ask for exact texts."""
    by_text: dict[str, int]
    tests: list[tuple[int, Test]]
    seen: dict[object, int]

    def decide(self, value: Value) -> int:
        """The nodes that this value excludes."""
        excluded = 0
        if self.named:
            wanted = 0
            for element in value if isinstance(value, tuple | list) else (value,):
                if element is not None:
                    wanted |= self.by_text.get(fold(element if isinstance(element, str) else spell(element)), 0)
            excluded = self.named & ~wanted
        for bits, test in self.tests:
            if not test(value):
                excluded |= bits
        return excluded


class Index:
    """Bit i of every mask stands for `nodes[i]`; a cleared bit is a proof that the node cannot match."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.full = (1 << len(nodes)) - 1
        grouped: dict[str, dict[Node, int]] = {}
        for bit, node in enumerate(nodes):
            for name in sorted(_names(node)):
                projected = _project(node, name, positive=True)
                if projected is not _Unknown:
                    alike = grouped.setdefault(name, {})
                    alike[projected] = alike.get(projected, 0) | 1 << bit
        self._columns = {name: _column(alike, find(name).type) for name, alike in grouped.items()}
        self.used = frozenset(self._columns)
        """Canonical names of the fields whose value can exclude at least one node."""

    def fields(self, dimension: str) -> tuple[Field, ...]:
        """The fields of `dimension` whose value can exclude at least one node, by name."""
        named = [find(name) for name in sorted(self.used)]
        return tuple(field for field in named if field.dimension == dimension)

    def concerned(self, field_name: str) -> int:
        """The nodes that some value of this field excludes."""
        column = self._columns.get(field_name)
        return 0 if column is None else column.named | reduce(or_, (bits for bits, _ in column.tests), 0)

    def mask(self, field_name: str, value: Value) -> int:
        """The nodes that can still match when `field_name` has this value, whatever the other fields hold.

        `field_name` is the canonical name of a field; one that no node uses excludes nothing.
        """
        column = self._columns.get(field_name)
        if column is None:
            return self.full
        key = _key(value)
        seen = column.seen
        if key in seen:
            return seen[key]
        mask = self.full & ~column.decide(value)
        if key is not None:
            if len(seen) >= MOST_VALUES:
                seen.clear()
            seen[key] = mask
        return mask


def _column(alike: dict[Node, int], kind: str) -> _Column:
    column = _Column(0, {}, [], {})
    named = 0
    for node, bits in alike.items():
        texts = _exact_texts(node) if kind == "text" else None
        if texts is None:
            column.tests.append((bits, _compile(node, kind)))
            continue
        named |= bits
        for text in texts:
            column.by_text[text] = column.by_text.get(text, 0) | bits
    return column._replace(named=named)


def _exact_texts(node: Node) -> list[str] | None:
    """The folded texts that a term asks for, when it asks for nothing else."""
    if not isinstance(node, Term) or node.op != "equals" or node.cased or node.every:
        return None
    literals = [literal_of(value) if isinstance(value, str) else None for value in node.values]
    found = [fold(literal) for literal in literals if literal is not None]
    return found if len(found) == len(literals) else None


def _key(value: Value) -> object:
    """What a value is remembered by: its type is part of it, since True equals 1; None when it is not remembered."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_VALUE else None
    if isinstance(value, tuple | list):
        if all(isinstance(element, str) for element in value) and sum(map(len, map(str, value))) <= LONGEST_VALUE:
            return tuple(value)
        return None
    return (type(value), value)


def _names(node: Node) -> frozenset[str]:
    """Canonical names of the fields that `node` compares with values."""
    if isinstance(node, Term):
        plain = node.field is not None and node.op != "fieldref"
        return frozenset((find(node.field).name,)) if plain and node.field is not None else frozenset()
    if isinstance(node, Not):
        return _names(node.node)
    return frozenset().union(*map(_names, node.nodes))


def _project(node: Node, name: str, *, positive: bool) -> Node | None:
    """What must hold of the field `name` for `node` to be true (false when not `positive`); None excludes nothing."""
    if isinstance(node, Not):
        return _project(node.node, name, positive=not positive)
    if isinstance(node, Term):
        if node.field is None or node.op == "fieldref" or find(node.field).name != name:
            return _Unknown
        bare = Term(name, node.op, node.values, every=node.every, cased=node.cased)
        return bare if positive else Not(bare)
    parts = [_project(part, name, positive=positive) for part in node.nodes]
    known = tuple(dict.fromkeys(part for part in parts if part is not _Unknown))
    if isinstance(node, And) is positive:
        return (known[0] if len(known) == 1 else And(known)) if known else _Unknown
    if len(known) < len(set(parts)):
        return _Unknown
    return known[0] if len(known) == 1 else Or(known)


def _compile(node: Node, kind: str) -> Test:
    if isinstance(node, Term):
        return value_test(node, kind)
    if isinstance(node, Not):
        inner = _compile(node.node, kind)
        return lambda value: not inner(value)
    quantify: Callable[..., bool] = all if isinstance(node, And) else any
    tests = [_compile(part, kind) for part in node.nodes]
    return lambda value: quantify(test(value) for test in tests)
