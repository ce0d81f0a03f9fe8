"""Wildcard patterns: `*` is any text, `?` one character, a backslash makes either (or a backslash) literal.

A backslash before any other character stands for itself, as in Sigma. Matching is a greedy walk over the literal
pieces, so its cost is the length of the text times the length of the pattern at worst; no backtracking.
"""

import re
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Final


class Wild(Enum):
    """A wildcard within a pattern."""

    ANY = "*"
    ONE = "?"


Part = str | Wild
Match = Callable[[str], bool]

_SPECIAL: Final = "*?\\"


def parse_pattern(text: str) -> tuple[Part, ...]:
    """The pieces of a pattern: literal text (unescaped) and wildcards, in order."""
    parts: list[Part] = []
    literal: list[str] = []
    at = 0
    while at < len(text):
        letter = text[at]
        if letter == "\\" and at + 1 < len(text) and text[at + 1] in _SPECIAL:
            at += 1
            literal.append(text[at])
        elif letter in "*?":
            if literal:
                parts.append("".join(literal))
                literal = []
            parts.append(Wild(letter))
        else:
            literal.append(letter)
        at += 1
    if literal:
        parts.append("".join(literal))
    return tuple(parts)


def render_pattern(parts: Sequence[Part]) -> str:
    """The pattern that `parse_pattern` turns into `parts`, every special character escaped, runs of `*` as one."""
    pieces: list[str] = []
    for part in parts:
        if isinstance(part, str):
            pieces.append(escape(part))
        elif part is not Wild.ANY or pieces[-1:] != ["*"]:
            pieces.append(part.value)
    return "".join(pieces)


def escape(literal: str) -> str:
    """The pattern that matches exactly `literal`."""
    return "".join("\\" + letter if letter in _SPECIAL else letter for letter in literal)


def literal_of(pattern: str) -> str | None:
    """The one text that `pattern` matches, or None when it holds wildcards."""
    if "*" not in pattern and "?" not in pattern and "\\" not in pattern:
        return pattern
    parts = parse_pattern(pattern)
    return "".join(part for part in parts if isinstance(part, str)) if Wild not in map(type, parts) else None


def fold(text: str) -> str:
    """The text without case; character by character, so that a part of a text folds to a part of its fold."""
    return text.casefold()


def matcher(pattern: str, *, cased: bool) -> Match:
    """A test of a whole text against the pattern; without `cased` the text must already be folded."""
    parts = parse_pattern(pattern)
    folded = parts if cased else tuple(fold(part) if isinstance(part, str) else part for part in parts)
    pieces = _split(folded)
    if all(Wild.ONE not in piece for piece in pieces):
        return _literal_matcher(["".join(part for part in piece if isinstance(part, str)) for piece in pieces])
    return _general_matcher(pieces)


def _split(parts: Sequence[Part]) -> list[list[Part]]:
    pieces: list[list[Part]] = [[]]
    for part in parts:
        if part is Wild.ANY:
            pieces.append([])
        else:
            pieces[-1].append(part)
    return pieces


def _literal_matcher(pieces: list[str]) -> Match:
    head, tail = pieces[0], pieces[-1]
    inner = [piece for piece in pieces[1:-1] if piece]
    if len(pieces) == 1:
        return head.__eq__
    if not inner and not tail:
        return lambda text: text.startswith(head)
    if not inner and not head:
        return lambda text: text.endswith(tail)
    if not head and not tail and len(inner) == 1:
        return lambda text: inner[0] in text
    least = sum(map(len, pieces))

    def matches(text: str) -> bool:
        if len(text) < least or not text.startswith(head) or not text.endswith(tail):
            return False
        at, end = len(head), len(text) - len(tail)
        for piece in inner:
            found = text.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return True

    return matches


def _general_matcher(pieces: list[list[Part]]) -> Match:
    # Each piece has a fixed length, so its expression has no repetition and cannot explode.
    sources = ["".join("." if part is Wild.ONE else re.escape(str(part)) for part in piece) for piece in pieces]
    lengths = [sum(1 if part is Wild.ONE else len(str(part)) for part in piece) for piece in pieces]
    compiled = [re.compile(source, re.DOTALL) for source in sources]
    if len(pieces) == 1:
        return lambda text: compiled[0].fullmatch(text) is not None
    least = sum(lengths)

    def matches(text: str) -> bool:
        if len(text) < least or not compiled[0].match(text) or not compiled[-1].match(text, len(text) - lengths[-1]):
            return False
        at, end = lengths[0], len(text) - lengths[-1]
        for piece in compiled[1:-1]:
            found = piece.search(text, at, end)
            if found is None:
                return False
            at = found.end()
        return True

    return matches
