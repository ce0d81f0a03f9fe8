"""`table`: the ranked screen; coloured on a terminal, plain text with the same content everywhere else."""

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Final

import msgspec

from kwho.reports.pen import NARROWEST, Line, Pen
from kwho.reports.scan import ScanDocument
from kwho.reports.screen import screen

WIDTH: Final = 120
"""Columns when nobody says how wide the screen is."""

_STYLES: Final = {
    "bold": "bold",
    "dim": "dim",
    "good": "green",
    "warn": "yellow",
    "bad": "bold red",
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "yellow",
    "low": "cyan",
    "informational": "dim",
    "title": "bold cyan",
}


class Terminal(msgspec.Struct, frozen=True):
    """What the screen can do."""

    width: int = WIDTH
    color: bool = False
    unicode: bool = True

    @property
    def pen(self) -> Pen:
        """The pen that writes on it."""
        return Pen(width=max(self.width, NARROWEST), unicode=self.unicode)


def terminal_of(environ: Mapping[str, str], *, is_terminal: bool, width: int | None, encoding: str | None) -> Terminal:
    """What the screen can do, from `NO_COLOR`, `FORCE_COLOR`, `TERM`, its width and its encoding."""
    forced = environ.get("FORCE_COLOR", "") not in ("", "0")
    color = (is_terminal or forced) and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    known = (encoding or "").lower().replace("-", "").replace("_", "")
    capable = known.startswith("utf") and not (is_terminal and environ.get("TERM") in ("dumb", "linux"))
    return Terminal(width=width or WIDTH, color=color, unicode=capable)


def paint(lines: Iterable[Line], terminal: Terminal) -> Iterator[bytes]:
    """The lines as bytes for the terminal."""
    return _coloured(lines, terminal) if terminal.color else _plain(lines)


class Table:
    """The screen of a scan."""

    name: ClassVar[str] = "table"
    suffixes: ClassVar[tuple[str, ...]] = (".txt",)
    binary: ClassVar[bool] = False

    def __init__(self, terminal: Terminal | None = None) -> None:
        self.terminal = terminal or Terminal()

    def check(self) -> None:
        """Nothing beyond kwho is needed."""

    def render(self, scan: ScanDocument) -> Iterator[bytes]:
        """The screen, line by line."""
        return paint(screen(scan, self.terminal.pen), self.terminal)


def _plain(lines: Iterable[Line]) -> Iterator[bytes]:
    for line in lines:
        yield "".join(text for text, _ in line).rstrip().encode("utf-8", "backslashreplace") + b"\n"


def _coloured(lines: Iterable[Line], terminal: Terminal) -> Iterator[bytes]:
    from rich.console import Console  # noqa: PLC0415  # loaded only to draw on a terminal
    from rich.text import Text  # noqa: PLC0415  # loaded only to draw on a terminal

    buffer = io.StringIO()
    console = Console(
        file=buffer,
        force_terminal=True,
        width=10 * terminal.width,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        _environ={"TERM": "xterm-256color"},
    )
    for line in lines:
        text = Text(no_wrap=True, end="")
        for part, style in line:
            text.append(part, _STYLES.get(style, ""))
        console.print(text, soft_wrap=True)
        yield buffer.getvalue().encode("utf-8", "backslashreplace")
        buffer.seek(0)
        buffer.truncate()
