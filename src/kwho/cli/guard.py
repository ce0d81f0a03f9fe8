"""Evidence is read, never written over; and what cannot be written is said before any reading."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from kwho.sources import Input, Unreadable


def prepare(inputs: Sequence[Input | Unreadable], outs: Sequence[Path]) -> None:
    """Refuse what could not be written at the end; a usage error before any reading. Nothing is created or emptied."""
    for out in outs:
        trouble = _trouble(out)
        if trouble:
            raise click.UsageError(f"{out}: {trouble}")
    spare(inputs, outs)
    taken: set[Path] = set()
    for out in outs:
        place = out.resolve()
        if place in taken and not out.is_char_device():
            raise click.UsageError(f"{out}: two outputs would go to this file; write each to one of its own")
        taken.add(place)


def _trouble(out: Path) -> str | None:
    """Why a file cannot be written; None when nothing speaks against it yet."""
    try:
        if out.is_dir():
            return "is a directory; name a file"
        if out.exists():
            return None if os.access(out, os.W_OK) else "may not be written"
        folder = out.resolve().parent
        if not folder.is_dir():
            return f"there is no folder {folder}"
        return None if os.access(folder, os.W_OK | os.X_OK) else f"nothing may be written to the folder {folder}"
    except (OSError, ValueError, RuntimeError) as error:  # a name too long, a NUL, links in a circle
        return str(getattr(error, "strerror", None) or error)


def spare(inputs: Sequence[Input | Unreadable], outs: Iterable[Path]) -> None:
    """Refuse to write to a file that is read, under whatever name; a usage error before any reading."""
    read = {found.identity: found.path for found in inputs if isinstance(found, Input) and found.identity}
    for out in outs:
        try:
            status = out.stat()
        except OSError:
            continue  # there is no such file yet, or opening it will tell why not
        if (status.st_dev, status.st_ino) in read:
            raise click.UsageError(f"{out} is one of the logs that are read; write to another file")
