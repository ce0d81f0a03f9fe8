"""The words of a query, each with its position: parentheses, comparisons of a field, and bare words."""

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from kwho.errors import InvalidQueryError

LONGEST: Final = 65_536
"""Characters a query may have."""

OPERATORS: Final = ("!=", ">=", "<=", ":", "~", ">", "<")

JOINERS: Final = ("and", "or", "not", "in")
"""Words that join terms unless they stand in quotes."""

_IN: Final = re.compile(r"\s+in\s+(?=\S)", re.IGNORECASE)
_STOPS: Final = frozenset(" \t\r\n()\",'")


class Piece(NamedTuple):
    """One value as written: `quoted` says that it stood in quotes (so `null` is text, not nothing)."""

    text: str
    quoted: bool
    at: int


class Token(NamedTuple):
    """`open`, `close`, `minus`, `compare` (name, operator, values) or `word` (one value); `at` counts from 0."""

    kind: Literal["open", "close", "minus", "compare", "word"]
    at: int
    name: str = ""
    operator: str = ""
    values: tuple[Piece, ...] = ()


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a query, in order; raises InvalidQueryError where the text cannot be one."""
    if len(text) > LONGEST:
        raise InvalidQueryError(f"the query has {len(text):,} characters; at most {LONGEST:,} are allowed")
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at >= len(text):
            return
        token, at = _token(text, at)
        yield token


def fail(at: int, what: str) -> InvalidQueryError:
    """The error for what is wrong at position `at` (counted from 0, shown from 1)."""
    return InvalidQueryError(f"character {at + 1}: {what}")


def _token(text: str, at: int) -> tuple[Token, int]:
    letter = text[at]
    if letter == "(":
        return Token("open", at), at + 1
    if letter == ")":
        return Token("close", at), at + 1
    if letter == "-" and at + 1 < len(text) and not text[at + 1].isspace():
        return Token("minus", at), at + 1
    if letter == ",":
        raise fail(at, 'a "," stands between the values of a field, without blanks: verb:create,delete')
    name, end = _name(text, at)
    operator = next((sign for sign in OPERATORS if text.startswith(sign, end)), "")
    ranges = _IN.match(text, end)
    if name is not None and operator:
        values, after = _values(text, end + len(operator), operator)
        return Token("compare", at, name, operator, values), after
    if name is not None and ranges and name.lower() not in JOINERS:
        values, after = _values(text, ranges.end(), "in")
        return Token("compare", at, name, "in", values), after
    piece, after = _piece(text, at)
    return Token("word", at, values=(piece,)), after


def _name(text: str, at: int) -> tuple[str | None, int]:
    """The field name (with its modifiers) that may start here, and where it ends."""
    if text[at] in "\"'":
        name, after = _quoted(text, at)
        modifiers = _run(text, after) if text.startswith("|", after) else after
        return name + text[after:modifiers], modifiers
    end = _run(text, at)
    return (text[at:end] if end > at else None), end


def _run(text: str, at: int) -> int:
    while at < len(text) and text[at] not in _STOPS and text[at] not in ":~<>!" and not text[at].isspace():
        at += 1
    return at


def _values(text: str, at: int, operator: str) -> tuple[tuple[Piece, ...], int]:
    if operator == "~":
        piece, at = _expression(text, at)
        return (piece,), at
    pieces: list[Piece] = []
    while True:
        if at < len(text) and text[at] == "(":
            raise fail(at, 'values are listed with ",": verb:create,delete')
        piece, after = _piece(text, at)
        if after == at:
            raise fail(at, 'a value is missing; use null for an absent field, "" for empty text')
        pieces.append(piece)
        if not text.startswith(",", after):
            return tuple(pieces), after
        at = after + 1


def _piece(text: str, at: int) -> tuple[Piece, int]:
    if at < len(text) and text[at] in "\"'":
        value, after = _quoted(text, at)
        if after < len(text) and not text[after].isspace() and text[after] not in "),":
            raise fail(after, "a blank is missing after the closing quote")
        return Piece(value, True, at), after
    end = at
    while end < len(text) and text[end] not in _STOPS and not text[end].isspace():
        end += 1
    if end < len(text) and text[end] in "\"'" and end > at:
        raise fail(end, "a quote opens within a word; put the whole value in quotes")
    return Piece(text[at:end], False, at), end


def _expression(text: str, at: int) -> tuple[Piece, int]:
    """A regular expression: in quotes, or up to a blank or a parenthesis it did not open."""
    if at < len(text) and text[at] in "\"'":
        return _piece(text, at)
    end, depth = at, 0
    while end < len(text) and not text[end].isspace():
        if text[end] == "\\":
            end += 1
        elif text[end] == "(":
            depth += 1
        elif text[end] == ")":
            depth -= 1
            if depth < 0:
                break
        end += 1
    if end == at:
        raise fail(at, "a regular expression is missing after ~")
    end = min(end, len(text))
    return Piece(text[at:end], False, at), end


def _quoted(text: str, at: int) -> tuple[str, int]:
    """What stands in quotes, and the position after them; only double quotes know backslashes."""
    quote = text[at]
    letters: list[str] = []
    end = at + 1
    while end < len(text):
        letter = text[end]
        if letter == quote:
            return "".join(letters), end + 1
        if letter == "\\" and quote == '"' and text[end + 1 : end + 2] in ('"', "\\"):
            end += 1
            letter = text[end]
        letters.append(letter)
        end += 1
    raise fail(at, "this quote is never closed")
