"""`kwho demo`: a generated log with planted attacks, scanned as any other; offline, a few seconds."""

import sys
import time
from pathlib import Path
from typing import Final

import click
import msgspec

from kwho.cli.draw import drawn, screen_of_stdout
from kwho.detect.pack import assemble
from kwho.engine.local import Scan
from kwho.engine.scratch import Scratch
from kwho.engine.work import Settings
from kwho.outputs.table import Table
from kwho.reports.scan import scan_document
from kwho.reports.text import printable
from kwho.sample import generate, plants
from kwho.sources import discover

SEED: Final = 42
KEPT: Final = "demo.log"
"""The file that a user is told to keep the log in."""


@click.command(short_help="Generate a log with planted attacks and scan it.")
@click.option("--seed", default=SEED, show_default=True, help="The seed of the generator; the same seed, the same log.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the generated log in this file.")
@click.option("--quiet", "-q", is_flag=True, help="Nothing on standard error.")
def command(seed: int, keep: Path | None, quiet: bool) -> None:
    """Generate the audit log of a small cluster, with attacks planted in ordinary life, and scan it.

    Everything is generated from the seed; nothing is read but kwho itself, and nothing is sent anywhere.
    """
    folder = Scratch()
    try:
        path = keep or Path(folder.path, "audit.log")
        begun = time.monotonic()
        _generate(seed, path)
        planted = plants(seed)
        if not quiet:
            click.echo(
                f"a log generated in {time.monotonic() - begun:.1f} s, seed {seed}; "
                f"{len(planted)} stories planted; what follows is what `kwho scan` makes of them",
                err=True,
            )
        rules = assemble([])
        with Scan(list(discover([str(path)])), Settings(rules)) as scan:
            for _ in drawn(scan, quiet=quiet):
                pass
            result = scan.conclude()
        document = scan_document(result, paths=[str(keep or KEPT)], rules=(*rules.rules, *rules.correlations))
        if not keep:
            other = f"--seed {seed} " if seed != SEED else ""
            document = msgspec.structs.replace(document, next=f"kwho demo {other}--keep {KEPT}")
        for piece in Table(screen_of_stdout()).render(document):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        if not quiet:
            click.echo("\nplanted:", err=True)
            for plant in planted:
                click.echo(printable(f"  {plant.name}: {plant.story}"), err=True)
            if not keep:
                click.echo(f"\nthe log is gone; {document.next} keeps it for the other commands", err=True)
    finally:
        folder.close()


def _generate(seed: int, path: Path) -> None:
    try:
        with path.open("wb") as file:
            file.writelines(generate(seed))
    except OSError as error:
        raise click.UsageError(f"--keep {path}: {error.strerror or error}") from None
    except KeyboardInterrupt:
        if path.is_file():  # half a log tells lies
            path.unlink()
        raise
