"""Snapshots of a cluster that the user names: read before any log, a mistake is a usage error."""

from collections.abc import Sequence
from pathlib import Path

import click

from kwho.state.snapshot import FILES, LONGEST, Snapshot, read_snapshot


def snapshots(paths: Sequence[Path], cluster: str | None) -> tuple[Snapshot, ...]:
    """The snapshots of some files; a file that is none is a usage error that names it, the object, and what to do."""
    if len(paths) > FILES:
        raise click.UsageError(f"--snapshot: {len(paths)} files; at most {FILES:,} are read")
    found = []
    for number, path in enumerate(paths):
        try:
            with path.open("rb") as file:
                data = file.read(LONGEST + 1)
        except OSError as error:
            raise click.UsageError(f"--snapshot {path}: {error.strerror or error}") from None
        try:
            found.append(read_snapshot(str(path), data, cluster, number))
        except ValueError as error:
            raise click.UsageError(f"--snapshot {error}") from None
    return tuple(found)
