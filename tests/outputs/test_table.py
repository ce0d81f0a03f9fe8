import re

from kwho.outputs.table import Table, Terminal, paint, terminal_of
from kwho.reports.scan import scan_document
from kwho.schema.result import Result

SGR = re.compile(rb"\x1b\[[0-9;]*m")


def test_colour_changes_nothing_but_colour(result: Result) -> None:
    scan = scan_document(result)
    plain = b"".join(Table(Terminal(width=100)).render(scan))
    coloured = b"".join(Table(Terminal(width=100, color=True)).render(scan))
    assert b"\x1b[" in coloured
    stripped = [line.rstrip() for line in SGR.sub(b"", coloured).splitlines()]
    assert stripped == plain.splitlines()


def test_markup_of_the_drawing_library_is_only_text() -> None:
    terminal = Terminal(color=True)
    assert b"[red]x[/red] :smile:" in SGR.sub(b"", b"".join(paint([(("[red]x[/red] :smile:", "bold"),)], terminal)))


def test_no_color_wins_over_a_terminal() -> None:
    assert terminal_of({}, is_terminal=True, width=90, encoding="utf-8") == Terminal(90, True, True)
    assert not terminal_of({"NO_COLOR": "1"}, is_terminal=True, width=90, encoding="utf-8").color
    assert not terminal_of({"TERM": "dumb"}, is_terminal=True, width=90, encoding="utf-8").color


def test_a_pipe_is_plain_unless_colour_is_forced() -> None:
    assert terminal_of({}, is_terminal=False, width=None, encoding="UTF-8") == Terminal(120, False, True)
    assert terminal_of({"FORCE_COLOR": "1"}, is_terminal=False, width=None, encoding="UTF-8").color


def test_an_encoding_without_unicode_gets_ascii(result: Result) -> None:
    terminal = terminal_of({}, is_terminal=True, width=80, encoding="ISO-8859-1")
    assert not terminal.unicode
    assert b"".join(Table(terminal).render(scan_document(result))).count(b"\x1b[") > 0
    assert b"".join(Table(Terminal(80, False, False)).render(scan_document(result))).isascii()


def test_a_tiny_screen_still_gets_every_finding(result: Result) -> None:
    text = b"".join(Table(Terminal(width=5)).render(scan_document(result))).decode()
    assert all(finding.id in text for finding in result.findings if finding.severity != "informational")
