"""Hostile text made safe to show, and its width on a terminal.

Every string of an event is written by a possible attacker. `printable` is the one place where such a string becomes
visible text: whatever is not printable (control characters, bidirectional controls, zero-width characters, line and
paragraph separators, lone surrogates, unassigned code points) is shown as an escape such as `\\x1b`.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

ELLIPSIS: Final = "…"
STACKED: Final = 4
"""Characters per column that a cut keeps at most, so that piled-up combining marks cannot flood a cell."""

_SIGNS: Final = frozenset({"·", "→", "|", "->"})
"""What stands between two parts of a line, with Unicode and without."""

_FOLDS: Final = str.maketrans(
    {"…": "..", "→": "->", "–": "-", "·": "|", "×": "x", "✔": "ok", "✘": "!!", "⚠": "!", "─": "-", "“": '"', "”": '"'}
    | dict(zip("▁▂▃▄▅▆▇█", ".,:-=+*#", strict=True))
)


def printable(text: str, most: int | None = None) -> str:
    """The text with everything unprintable as an escape; at most `most` characters are looked at, the rest is told."""
    if most is not None and len(text) > most:
        return printable(text[:most]) + f"{ELLIPSIS} ({len(text):,} characters)"
    return text if text.isprintable() else "".join(c if c.isprintable() else _escape(c) for c in text)


def ascii_only(text: str) -> str:
    """The text for a terminal without Unicode: our own signs by their plain twins, everything else as an escape."""
    return text.translate(_FOLDS).encode("ascii", "backslashreplace").decode("ascii")


def width_of(text: str) -> int:
    """Columns that printable text takes on a terminal: wide characters two, combining marks none."""
    return len(text) if text.isascii() else sum(_width(c) for c in text)


def cut(text: str, width: int, mark: str = ELLIPSIS) -> str:
    """The text in at most `width` columns, ending in `mark` when something was left out; no character is torn."""
    if width <= 0:
        return ""
    if len(text) <= STACKED * width and width_of(text) <= width:
        return text
    room = width - width_of(mark)
    if room < 0:
        return "." * width
    return _head(text, room) + mark


def pad(text: str, width: int) -> str:
    """The text followed by blanks up to `width` columns."""
    return text + " " * (width - width_of(text))


def pieces(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns, broken at blanks where possible, else between characters."""
    return _filled(_glued(text.split(" ")), width, _chop)


def flow(parts: Sequence[str], width: int, sign: str) -> list[str]:
    """The parts with a sign between two, in lines of at most `width` columns; a part that fits a line stays whole."""
    return _filled([f"{part} {sign}" for part in parts[:-1]] + [*parts[-1:]], width, pieces)


def chop(text: str, width: int) -> Iterator[str]:
    """The text in full lines of `width` columns, broken between characters only: joined, the lines are the text."""
    at = 0
    while at < len(text):
        head = _head(text[at : at + STACKED * width + 1], width) or text[at]
        at += len(head)
        yield head


def _filled(words: Iterable[str], width: int, broken: Callable[[str, int], list[str]]) -> list[str]:
    """Lines filled with words; one that is longer than a line is broken."""
    lines: list[str] = []
    line = ""
    for word in words:
        joined = f"{line} {word}" if line else word
        if width_of(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = broken(word, width)
        lines += full
    return [*lines, line]


def _glued(words: Iterable[str]) -> list[str]:
    """The words, each sign with the one before it, so that no line begins with a sign."""
    glued: list[str] = []
    for word in words:
        if word in _SIGNS and glued:
            glued[-1] += f" {word}"
        else:
            glued.append(word)
    return glued


def _chop(word: str, width: int) -> list[str]:
    return [*chop(word, width)] or [""]


def _head(text: str, room: int) -> str:
    taken = 0
    for at, char in enumerate(text[: STACKED * room + 1]):
        taken += _width(char)
        if taken > room:
            return text[:at]
    return text[: STACKED * room]


def _width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
