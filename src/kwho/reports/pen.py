"""Lines of styled text for a screen of known width: hostile text escaped, cells cut by columns, long text wrapped."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal

import msgspec

from kwho.reports.text import ascii_only, chop, cut, flow, pieces, printable, width_of

Style = Literal["", "bold", "dim", "good", "warn", "bad", "critical", "high", "medium", "low", "informational", "title"]
Line = tuple[tuple[str, Style], ...]
"""One line of a screen: printable text in pieces, each with its style; never a line break inside."""

NARROWEST: Final = 40
LONGEST: Final = 2_000
"""Characters of one hostile string that are looked at; the rest is told as a number."""


class Cell(msgspec.Struct, frozen=True):
    """One cell of a row: cut to `width` columns; `width` 0 takes the text as it is."""

    text: str
    width: int = 0
    style: Style = ""
    right: bool = False


class Pen(msgspec.Struct, frozen=True):
    """How wide the screen is and whether it knows Unicode; every text passes `safe` before it stands in a line."""

    width: int = 120
    unicode: bool = True

    def safe(self, text: str) -> str:
        """The text with everything unprintable escaped, and in ASCII when the screen asks for it."""
        shown = printable(text, LONGEST)
        return shown if self.unicode else ascii_only(shown)

    def cells(self, row: Iterable[Cell]) -> Line:
        """One line out of cells, a blank between two."""
        line: list[tuple[str, Style]] = []
        for cell in row:
            text = self._fit(cell)
            line += [(" ", ""), (text, cell.style)] if line else [(text, cell.style)]
        return tuple(line)

    def wrap(
        self, label: str, text: str | Sequence[str], style: Style = "", hang: int = 9, mark: Style = "bold"
    ) -> Iterator[Line]:
        """A label and its text, wrapped; the text hangs at column `hang`. Parts of a text stay whole where they can."""
        room = max(self.width, NARROWEST) - hang
        if isinstance(text, str):
            lines = pieces(self.safe(text), room)
        else:
            lines = flow([self.safe(part) for part in text if part], room, self.safe("·"))
        head = self.safe(label)
        for at, part in enumerate(lines):
            yield (
                ((" " * hang, ""), (part, style)) if at or not head else (*self._label(head, hang, mark), (part, style))
            )

    def whole(self, text: str, hang: int, style: Style = "") -> Iterator[Line]:
        """A text of any length, in full lines that hang at a column; nothing of it is left out."""
        shown = printable(text) if self.unicode else ascii_only(printable(text))
        for part in chop(shown, max(self.width, NARROWEST) - hang):
            yield ((" " * hang, ""), (part, style))

    def command(self, label: str, text: str, hang: int = 9, style: Style = "") -> Line:
        """A command in one line however wide, since a break in it would be pasted with it."""
        return (*self._label(label, hang, "dim"), (self.safe(text), style))

    def rule(self, title: str) -> Line:
        """A line across the screen with a title in it."""
        head = self.safe(f"─ {title} ")
        return ((head + self.safe("─") * max(0, min(self.width, 120) - width_of(head)), "title"),)

    def _label(self, head: str, hang: int, mark: Style) -> Line:
        """A label and the blanks up to the text, which have no style: a coloured one would be a bar."""
        return (head, mark), (" " * (hang - width_of(head)), "")

    def _fit(self, cell: Cell) -> str:
        text = self.safe(cell.text)
        if not cell.width:
            return text
        text = cut(text, cell.width, self.safe("…"))
        blank = " " * (cell.width - width_of(text))
        return blank + text if cell.right else text + blank


BLANK: Final[Line] = (("", ""),)
