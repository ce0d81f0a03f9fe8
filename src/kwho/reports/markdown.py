"""Hostile text in Markdown: a code span, in which nothing is markup, a link or a mention."""

import re
from typing import Final

from kwho.reports.text import printable

LONGEST: Final = 500
"""Characters of one hostile string in a ticket; the rest is told as a number."""

_HARMLESS: Final = re.compile(r"[A-Za-z0-9 ,;:()'→…%–-]*")
_MARKUP: Final = re.compile(r"[\\`*_{}\[\]<>|~#]")
_TICKS: Final = re.compile(r"`+")


def code(text: str, *, cell: bool = False) -> str:
    """Hostile text as a code span, in which nothing is markup, a link or a mention; in a table, pipes are escaped."""
    shown = printable(text, LONGEST)
    if cell:
        shown = shown.replace("|", "\\|")
    if not shown.strip():
        return f"`'{shown}'`"
    fence = "`" * (1 + max((len(run) for run in _TICKS.findall(shown)), default=0))
    space = " " if "`" in shown or shown != shown.strip() else ""
    return f"{fence}{space}{shown}{space}{fence}"


def prose(text: str) -> str:
    """Text of a rule file as running text: nothing in it is markup but code between single backticks."""
    parts = printable(" ".join(text.split())).split("`")
    coded = len(parts) % 2 == 1 and all(part.strip() and "|" not in part for part in parts[1::2])
    whole = parts if coded else ["`".join(parts)]
    return "".join(f"`{part}`" if at % 2 else _MARKUP.sub(r"\\\g<0>", part) for at, part in enumerate(whole))


def plain(text: str, *, cell: bool = False) -> str:
    """Text that is almost always ours: as it stands when it holds nothing that could be markup, else a code span."""
    return (
        text
        if _HARMLESS.fullmatch(text.replace(".", "").replace("/", "")) and "//" not in text
        else code(text, cell=cell)
    )
