"""What the command line shows beside data: progress on standard error, and what the screen can do.

A scan that is read by a command with something to show ends early at an interrupt, and is told as far as it came.
"""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from typing import Final

from kwho.cli.interrupt import Interrupted
from kwho.engine.local import Progress, Scan
from kwho.kernel.express import compiled
from kwho.outputs.table import Terminal, terminal_of
from kwho.reports.words import counted, number

PATIENCE: Final = 1.0
"""Seconds before progress is shown; short work shows none."""
PACE: Final = 0.2
"""Seconds between two updates."""

_UNITS: Final = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))


def screen_of_stdout() -> Terminal:
    """What standard output can show."""
    is_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if is_terminal or "COLUMNS" in os.environ else None
    return terminal_of(os.environ, is_terminal=is_terminal, width=width, encoding=sys.stdout.encoding)


def read_through(scan: Scan, *, quiet: bool) -> bool:
    """Read everything; True when an interrupt came between. A second one does not wait for the answer.

    Interrupts must be held, and the scan be interruptible where they are open.
    """
    try:
        for _ in drawn(scan, quiet=quiet):
            pass
    except Interrupted:
        return True
    return False


def drawn(scan: Scan, *, quiet: bool) -> Iterator[None]:
    """Run a scan to its end; on a terminal its progress is drawn."""
    visible = not quiet and sys.stderr.isatty()
    begun = shown = time.monotonic()
    drew = False
    try:
        for progress in scan:
            now = time.monotonic()
            if visible and now - begun > PATIENCE and now - shown > PACE:
                shown, drew = now, True
                sys.stderr.write(f"\r\x1b[K{_said(progress, now - begun)}")
                sys.stderr.flush()
            yield
    finally:
        if drew:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _said(progress: Progress, seconds: float) -> str:
    """How far it is and at which pace; bytes done are known at the end of a part only, and those of a pipe never."""
    whole = f"{_size(progress.total)} · " if progress.total else ""
    part = f"{_size(progress.done)} of " if progress.done and progress.total else ""
    pace = int(progress.records / seconds)
    slow = "" if compiled() else ", without compiled code"
    return f"reading {part}{whole}{counted(progress.records, 'record')} · {number(pace)} a second{slow}"


def _size(amount: int) -> str:
    """`812 bytes`, `17 kB`, `240 MB`, `3.1 GB`."""
    if amount < 1_000:
        return counted(amount, "byte")
    least, unit = next((least, unit) for least, unit in _UNITS if amount >= least)
    return f"{amount / least:.1f} {unit}" if unit == "GB" else f"{amount // least} {unit}"
