"""Evidence is read, never written over."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from kwho.sources import Input, Unreadable


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
