"""The condition of a rule laid out to be read: one test a line in the query language, beside its selection's name."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from kwho.query.ast import And, Node, Not, Or, Term
from kwho.query.unparse import unparse
from kwho.reports.text import cut, pad, printable, width_of

NAMES: Final = 20
"""Columns that the names of selections take at most."""
STEP: Final = 2


class _Test(NamedTuple):
    """One line: the selection that it stands in, how deep, and a test or a parenthesis."""

    clause: str
    depth: int
    text: str


def condition_lines(node: Node, width: int) -> Iterator[str]:
    """The lines of a condition. Without line breaks after commas they are a query that means the same."""
    tests = [*_all(node, 0, width - NAMES)] or [_Test("", 0, unparse(node))]
    longest = max(width_of(printable(test.clause)) for test in tests)
    column = min(NAMES, longest + 2) if longest else 0
    told = ""
    for test in tests:
        name = "" if test.clause == told else cut(printable(test.clause), column - 2)
        told = test.clause
        for at, line in enumerate(_broken(printable(test.text), width - column - test.depth)):
            indent = " " * (test.depth + STEP * bool(at))
            yield f"{pad('' if at else name, column)}{indent}{line}".rstrip()


def _all(node: Node, depth: int, room: int) -> Iterator[_Test]:
    """What must hold together, one below the other."""
    for part in node.nodes if isinstance(node, And) else (node,):
        if isinstance(part, And):
            yield from _all(part, depth, room)
        elif isinstance(part, Term) or (_short(part, room - depth) and not isinstance(part, Or)):
            yield _Test(_clause(part), depth, unparse(part))
        elif isinstance(part, Not):
            yield from _within("not (", part.node, depth, room)
        else:
            yield from _within("(", part, depth, room)


def _within(opening: str, node: Node, depth: int, room: int) -> Iterator[_Test]:
    """What stands in parentheses; alternatives begin with `or`."""
    clause = _clause(node)
    if _short(node, room - depth - len(opening) - 1):
        yield _Test(clause, depth, f"{opening}{unparse(node)})")
        return
    yield _Test(clause, depth, opening)
    if isinstance(node, Or):
        for at, part in enumerate(node.nodes):
            yield from _alternative("or " if at else "", part, depth + STEP, room)
    else:
        yield from _all(node, depth + STEP, room)
    yield _Test(clause, depth, ")")


def _alternative(joiner: str, part: Node, depth: int, room: int) -> Iterator[_Test]:
    grouped = isinstance(part, And) and len(part.nodes) > 1
    if isinstance(part, Term) or _short(part, room - depth - len(joiner) - 2):
        text = unparse(part)
        yield _Test(_clause(part), depth, f"{joiner}({text})" if grouped else f"{joiner}{text}")
    elif isinstance(part, Not):
        yield from _within(f"{joiner}not (", part.node, depth, room)
    else:
        yield from _within(f"{joiner}(", part, depth, room)


def _short(node: Node, room: int) -> bool:
    return width_of(unparse(node)) <= room


def _clause(node: Node) -> str:
    """The selection that all tests of a node stand in; empty when they stand in several."""
    found = {term.clause for term in _terms(node)}
    return found.pop() if len(found) == 1 else ""


def _terms(node: Node) -> Iterator[Term]:
    if isinstance(node, Term):
        yield node
    elif isinstance(node, Not):
        yield from _terms(node.node)
    else:
        for part in node.nodes:
            yield from _terms(part)


def _broken(text: str, width: int) -> Iterator[str]:
    """The text in lines, broken behind commas only; a value stays whole, and lines after the first have less room."""
    line, room = "", width
    for value in _values(text):
        if line and width_of(line) + width_of(value) > room:
            yield line
            line, room = "", width - STEP
        line += value
    yield line


def _values(text: str) -> Iterator[str]:
    """The text in pieces that end behind a comma that separates values; one inside of quotes does not."""
    begin, quoted, escaped = 0, False, False
    for at, char in enumerate(text):
        if char == '"' and not escaped:
            quoted = not quoted
        escaped = char == "\\" and not escaped
        if char == "," and not quoted:
            yield text[begin : at + 1]
            begin = at + 1
    yield text[begin:]
