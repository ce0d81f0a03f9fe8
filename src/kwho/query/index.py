"""Which conditions can still match, known from one field alone; the cheap first step before conditions are evaluated.

Each condition is projected onto each field it uses: terms on other fields become "may be either". What is left is
decided for a value of that field; a condition whose projection is false cannot match any event with that value.
"""

from collections.abc import Callable, Sequence
from typing import Final

from kwho.fields import Field, Value, find
from kwho.query.ast import And, Node, Not, Or, Term
from kwho.query.predicate import Test, value_test

LONGEST_VALUE: Final = 1_024
"""Characters of a value that is remembered; values are chosen by attackers."""
MOST_VALUES: Final = 8_192
"""Values of one field that are remembered at a time."""

_Unknown = None
"""A projection that excludes nothing."""


class Index:
    """Bit i of every mask stands for `nodes[i]`; a cleared bit is a proof that the node cannot match."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.full = (1 << len(nodes)) - 1
        self._tests: dict[str, list[tuple[int, Test]]] = {}
        self._seen: dict[str, dict[object, int]] = {}
        grouped: dict[str, dict[Node, int]] = {}
        for bit, node in enumerate(nodes):
            for name in sorted(_names(node)):
                projected = _project(node, name, positive=True)
                if projected is not _Unknown:
                    alike = grouped.setdefault(name, {})
                    alike[projected] = alike.get(projected, 0) | 1 << bit
        for name, alike in grouped.items():
            kind = find(name).type
            self._tests[name] = [(bits, _compile(projected, kind)) for projected, bits in alike.items()]
            self._seen[name] = {}
        self.used = frozenset(self._tests)
        """Canonical names of the fields whose value can exclude at least one node."""

    def fields(self, dimension: str) -> tuple[Field, ...]:
        """The fields of `dimension` whose value can exclude at least one node, by name."""
        named = [find(name) for name in sorted(self.used)]
        return tuple(field for field in named if field.dimension == dimension)

    def mask(self, field_name: str, value: Value) -> int:
        """The nodes that can still match when `field_name` has this value, whatever the other fields hold.

        `field_name` is the canonical name of a field; one that no node uses excludes nothing.
        """
        tests = self._tests.get(field_name)
        if tests is None:
            return self.full
        key = _key(value)
        seen = self._seen[field_name]
        if key in seen:
            return seen[key]
        mask = self.full
        for bits, test in tests:
            if not test(value):
                mask &= ~bits
        if key is not None:
            if len(seen) >= MOST_VALUES:
                seen.clear()
            seen[key] = mask
        return mask


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
