"""Progress on a terminal, and nowhere else."""

import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kwho.cli import draw
from kwho.engine.local import Progress, Scan


def drawn(monkeypatch: pytest.MonkeyPatch, *, terminal: bool, quiet: bool = False) -> None:
    clock: Iterator[float] = iter(range(100))
    monkeypatch.setattr(draw, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    steps: Any = [Progress(done, 3_000_000_000, done // 1_000) for done in (0, 5_000_000, 2_000_000_000)]
    assert len(list(draw.drawn(cast("Scan", steps), quiet=quiet))) == 3


def test_a_terminal_sees_how_far_the_scan_is_and_then_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn(monkeypatch, terminal=True)
    said = capsys.readouterr().err
    assert "reading 5 MB of 3.0 GB" in said
    assert "2.0 GB of 3.0 GB · 2,000,000 records" in said
    assert said.endswith("\r\x1b[K")


@pytest.mark.parametrize(("terminal", "quiet"), [(False, False), (True, True)])
def test_nobody_else_sees_anything(
    terminal: bool, quiet: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn(monkeypatch, terminal=terminal, quiet=quiet)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (17_900, "17 kB"),
        (999_999, "999 kB"),
        (5_000_000, "5 MB"),
        (3_140_000_000, "3.1 GB"),
    ],
)
def test_sizes_are_told_in_a_unit_that_fits(amount: int, shown: str) -> None:
    assert draw._size(amount) == shown


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (Progress(0, 110_000_000, 1), "reading 110 MB · 1 record · 0 a second"),
        (Progress(0, 0, 9_000), "reading 9,000 records · 4,500 a second"),
        (Progress(20_000, 110_000, 30), "reading 20 kB of 110 kB · 30 records · 15 a second"),
    ],
)
def test_nothing_is_said_of_bytes_that_nobody_knows(
    progress: Progress, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draw, "compiled", object)
    assert draw._said(progress, 2.0) == said


def test_who_waits_longer_for_want_of_a_compiler_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw, "compiled", lambda: None)
    assert draw._said(Progress(0, 0, 9_000), 2.0) == "reading 9,000 records · 4,500 a second, without compiled code"
