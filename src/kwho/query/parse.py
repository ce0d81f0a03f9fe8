"""The query language: terms on fields joined by `and`, `or`, `not` and parentheses, read into the shared tree."""

import re
from collections.abc import Sequence
from itertools import islice
from typing import Final, NamedTuple

from kwho.errors import InvalidQueryError
from kwho.fields import Field, find
from kwho.query.ast import And, Node, Not, Operator, Or, Scalar, Term
from kwho.query.fit import COMPARISONS, fit
from kwho.query.lexer import JOINERS, Piece, Token, fail, tokens
from kwho.query.pattern import Part, Wild, literal_of, parse_pattern, render_pattern
from kwho.query.when import parse_when
from kwho.schema.moment import parse_moment

DEEPEST: Final = 64
"""Levels of parentheses and negations."""
MOST_TOKENS: Final = 5_000
"""Terms, parentheses and joining words of one query."""

MODIFIERS: Final = ("equals", "contains", "startswith", "endswith", "fieldref", "exists", "cased", "all", "re")
"""What may stand between a field and its operator, as in a rule: `user|cased:admin`."""

_SIGNS: Final[dict[str, Operator]] = {
    ":": "equals",
    "!=": "equals",
    "~": "re",
    ">": "gt",
    ">=": "gte",
    "<": "lt",
    "<=": "lte",
    "in": "cidr",
}


_PEER: Final = "source.ip"
_ZONE: Final = "source.zone"
_ZONE_NAME: Final = re.compile(r"[A-Za-z][\w-]*", re.ASCII)


def parse_query(text: str, *, now: int | None = None) -> Node:
    """The condition that a query spells; an empty query matches everything.

    `now` is the present in microseconds since 1970, from which "2h ago" counts. Raises InvalidQueryError, whose
    message says at which character, what is wrong and what to write instead.
    """
    reader = _Reader(tuple(islice(tokens(text), MOST_TOKENS + 1)), len(text), now)
    if len(reader.tokens) > MOST_TOKENS:
        raise fail(reader.tokens[MOST_TOKENS].at, f"more than {MOST_TOKENS:,} terms; list values with commas instead")
    if not reader.tokens:
        return And(())
    node, at = _either(reader, 0, 0)
    if at < len(reader.tokens):
        raise fail(reader.tokens[at].at, 'this ")" closes nothing')
    return node


class _Reader(NamedTuple):
    tokens: tuple[Token, ...]
    length: int
    now: int | None

    def is_joiner(self, at: int, joiner: str) -> bool:
        """Whether an unquoted `joiner` stands at `at`."""
        return at < len(self.tokens) and joiner_of(self.tokens[at]) == joiner

    def ends(self, at: int) -> bool:
        """Whether no term can start at `at`."""
        return at >= len(self.tokens) or self.tokens[at].kind == "close"


def joiner_of(token: Token) -> str | None:
    """The joining word that a token is, in any case and without quotes; else None."""
    if token.kind != "word" or token.values[0].quoted:
        return None
    word = token.values[0].text.lower()
    return word if word in JOINERS else None


def _either(reader: _Reader, at: int, depth: int) -> tuple[Node, int]:
    node, at = _every(reader, at, depth)
    nodes = [node]
    while reader.is_joiner(at, "or"):
        node, at = _every(reader, at + 1, depth)
        nodes.append(node)
    return (nodes[0] if len(nodes) == 1 else Or(tuple(nodes))), at


def _every(reader: _Reader, at: int, depth: int) -> tuple[Node, int]:
    node, at = _single(reader, at, depth)
    nodes = [node]
    while not reader.ends(at) and not reader.is_joiner(at, "or"):
        node, at = _single(reader, at + 1 if reader.is_joiner(at, "and") else at, depth)
        nodes.append(node)
    return (nodes[0] if len(nodes) == 1 else And(tuple(nodes))), at


def _single(reader: _Reader, at: int, depth: int) -> tuple[Node, int]:
    if depth > DEEPEST:
        raise fail(reader.tokens[min(at, len(reader.tokens) - 1)].at, f"nested deeper than {DEEPEST} levels")
    if reader.ends(at):
        raise fail(reader.tokens[at].at if at < len(reader.tokens) else reader.length, "a term is missing here")
    token = reader.tokens[at]
    joiner = joiner_of(token)
    if token.kind == "minus" or joiner == "not":
        node, after = _single(reader, at + 1, depth + 1)
        return Not(node), after
    if joiner is not None:
        raise fail(token.at, f'a term is missing before "{joiner}"; put the word in quotes to search for it')
    if token.kind == "open":
        return _group(reader, at, depth)
    return (_compare(token, reader.now) if token.kind == "compare" else _word(token)), at + 1


def _group(reader: _Reader, at: int, depth: int) -> tuple[Node, int]:
    opened = reader.tokens[at].at
    if at + 1 < len(reader.tokens) and reader.tokens[at + 1].kind == "close":
        return And(()), at + 2
    node, after = _either(reader, at + 1, depth + 1)
    if after >= len(reader.tokens):
        raise fail(opened, 'this "(" is never closed')
    return node, after + 1


def _field(name: str, at: int) -> Field:
    try:
        return find(name)
    except InvalidQueryError as error:
        raise fail(at, f"{error}; put the whole word in quotes to search for it as text") from None


def _fit(field: Field | None, op: Operator, value: Scalar, at: int) -> Scalar:
    try:
        return fit(field, op, value)
    except InvalidQueryError as error:
        raise fail(at, str(error)) from None


def _compare(token: Token, now: int | None) -> Node:
    name, *modifiers = token.name.split("|")
    field = _field(name, token.at) if name else None
    op = _operator(token, modifiers)
    if op == "cidr" and field is not None and field.name == _PEER and any(map(_is_zone, token.values)):
        return _within(token, now)
    values = tuple(_fit(field, op, _value(field, op, piece, now), piece.at) for piece in token.values)
    every, cased = "all" in modifiers, "cased" in modifiers
    if op == "re" and cased:
        raise fail(token.at, "a regular expression minds case unless it begins with (?i); leave out cased")
    term = Term(field.name if field else None, op, values, every=every, cased=cased)
    return Not(term) if token.operator == "!=" else term


def _within(token: Token, now: int | None) -> Node:
    """A comparison of the peer with zones of the site, and with ranges beside them."""
    zones = Term(_ZONE, "equals", tuple(piece.text for piece in token.values if _is_zone(piece)))
    ranges = tuple(piece for piece in token.values if not _is_zone(piece))
    return Or((zones, _compare(token._replace(values=ranges), now))) if ranges else zones


def _is_zone(piece: Piece) -> bool:
    """True for the name of a zone of the site, which no network is written like."""
    return _ZONE_NAME.fullmatch(piece.text) is not None


def _operator(token: Token, modifiers: Sequence[str]) -> Operator:
    for modifier in modifiers:
        if modifier not in MODIFIERS:
            raise fail(token.at, f'unknown modifier "{modifier}"; known are {", ".join(MODIFIERS)}')
    op = _SIGNS[token.operator]
    told = [modifier for modifier in modifiers if modifier not in ("cased", "all")]
    if len(told) > 1 or (told and op != "equals"):
        raise fail(token.at, f'"{token.name}{token.operator}" asks for two comparisons at once; choose one')
    chosen: dict[str, Operator] = {
        "equals": "equals",
        "contains": "contains",
        "startswith": "startswith",
        "endswith": "endswith",
        "fieldref": "fieldref",
        "exists": "exists",
        "re": "re",
    }
    return chosen[told[0]] if told else op


def _value(field: Field | None, op: Operator, piece: Piece, now: int | None) -> Scalar:
    if op == "exists":
        return {"true": True, "false": False}.get(piece.text.lower(), piece.text)
    if op == "equals" and piece.text == "null" and not piece.quoted:
        return None
    if field is not None and field.type == "time":
        return _moment(op, piece, now)
    return canonical(piece.text) if op == "equals" else piece.text


def _moment(op: Operator, piece: Piece, now: int | None) -> Scalar:
    if op in COMPARISONS:
        try:
            return parse_when(piece.text, now)
        except InvalidQueryError as error:
            raise fail(piece.at, str(error)) from None
    if op == "equals" and literal_of(piece.text) is not None and parse_moment(piece.text) is None:
        raise fail(piece.at, "a time is equal to the microsecond only; write time>=2026-01-05 time<2026-01-06")
    return canonical(piece.text) if op == "equals" else piece.text


def canonical(pattern: str) -> str:
    """The one spelling of a wildcard pattern that means the same."""
    return render_pattern(parse_pattern(pattern))


def _word(token: Token) -> Node:
    piece = token.values[0]
    name, sign, _ = piece.text.partition("=")
    if sign and not piece.quoted and _known(name):
        raise fail(token.at, f'"=" compares nothing here; write {name}:value')
    parts = _inner(parse_pattern(piece.text))
    if Wild not in map(type, parts):
        return Term(None, "contains", ("".join(part for part in parts if isinstance(part, str)),))
    return Term(None, "equals", (render_pattern((Wild.ANY, *parts, Wild.ANY)),))


def _inner(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """A pattern without the `*` at its ends, which say nothing where a part of a text is looked for."""
    start, end = 0, len(parts)
    while start < end and parts[start] is Wild.ANY:
        start += 1
    while end > start and parts[end - 1] is Wild.ANY:
        end -= 1
    return parts[start:end]


def _known(name: str) -> bool:
    try:
        find(name)
    except InvalidQueryError:
        return False
    return True
