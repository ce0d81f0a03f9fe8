"""A condition written as a query: what `kwho rules show` prints, and what reads back as the same condition."""

import re
from typing import Final

from kwho.errors import InvalidQueryError
from kwho.fields import find
from kwho.query.ast import And, Node, Not, Scalar, Term
from kwho.query.fit import spell
from kwho.query.pattern import Wild, escape, parse_pattern, render_pattern
from kwho.schema.moment import EARLIEST, LATEST, format_moment

_PLAIN_VALUE: Final = re.compile(r"[^\s(),\"']+")
_PLAIN_NAME: Final = re.compile(r"[^\s(),\"':~<>!|-][^\s(),\"':~<>!|]*")
_SIGNS: Final = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_RESERVED: Final = frozenset({"and", "or", "not", "in", "null"})


def unparse(node: Node) -> str:
    """The query that `parse_query` reads into `node`, up to nesting that changes nothing; clauses are not told."""
    return _write(node, within=None)


def _write(node: Node, within: str | None) -> str:
    if isinstance(node, Term):
        return _term(node)
    if isinstance(node, Not):
        return _negated(node.node)
    if not node.nodes:
        return "()" if isinstance(node, And) else "not ()"
    joiner = "and" if isinstance(node, And) else "or"
    if len(node.nodes) == 1:
        return _write(node.nodes[0], within)
    text = (" " if joiner == "and" else " or ").join(_write(part, joiner) for part in node.nodes)
    return f"({text})" if within is not None else text


def _negated(node: Node) -> str:
    if isinstance(node, Term) and node.op == "equals" and node.field is not None:
        return _term(node, sign="!=")
    return "not " + _write(node, within="not")


def _term(term: Term, sign: str = ":") -> str:
    if term.field is None and not term.every and not term.cased and len(term.values) == 1:
        word = _word(term)
        if word is not None:
            return word
    if term.op == "cidr":
        return f"{_name(term.field)} in {','.join(map(spell, term.values))}"
    modifiers = "|all" * term.every + "|cased" * term.cased
    if term.op in _SIGNS:
        return f"{_name(term.field)}{modifiers}{_SIGNS[term.op]}{_values(term)}"
    if term.op == "re" and len(term.values) == 1 and term.field is not None:
        return f"{_name(term.field)}{modifiers}~{_quote(spell(term.values[0]))}"
    told = "" if term.op == "equals" and term.field is not None else f"|{term.op}"
    return f"{_name(term.field)}{told}{modifiers}{sign}{_values(term)}"


def _name(field: str | None) -> str:
    if field is None or _PLAIN_NAME.fullmatch(field):
        return field or ""
    return _quote(field)


def _values(term: Term) -> str:
    kind = find(term.field).type if term.field is not None else "text"
    return ",".join(_value(value, kind) for value in term.values)


def _value(value: Scalar, kind: str) -> str:
    if value is None:
        return "null"
    if kind == "time" and isinstance(value, int) and EARLIEST <= value < LATEST:
        return _quote(format_moment(value))
    if not isinstance(value, str):
        return spell(value)
    return value if _PLAIN_VALUE.fullmatch(value) and value != "null" else _quote(value)


def _word(term: Term) -> str | None:
    """The bare word that reads back as this term, if there is one."""
    value = spell(term.values[0])
    if term.op == "contains":
        return _bare(escape(value))
    parts = parse_pattern(value) if term.op == "equals" else ()
    inner = parts[1:-1]
    wild = bool(inner) and Wild in map(type, inner) and Wild.ANY not in (inner[0], inner[-1])
    if wild and parts[0] is Wild.ANY and parts[-1] is Wild.ANY:
        return _bare(render_pattern(inner))
    return None


def _bare(word: str) -> str:
    plain = _PLAIN_NAME.fullmatch(word) and word.lower() not in _RESERVED and not _names_field(word.partition("=")[0])
    return word if plain else _quote(word)


def _names_field(word: str) -> bool:
    try:
        find(word)
    except InvalidQueryError:
        return False
    return True


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
