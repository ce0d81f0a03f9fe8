"""`kwho convert`: audit logs of any form as events of another; nothing is masked and nothing left out."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from kwho.cli.guard import prepare
from kwho.cli.interrupt import INTERRUPTS
from kwho.cli.search import finish
from kwho.cli.select import select, selecting
from kwho.cli.site import read, site_of
from kwho.engine.geoip import surroundings
from kwho.engine.read import Tallied, records
from kwho.errors import MissingExtraError
from kwho.formats.native import encode
from kwho.outputs import converter, converters
from kwho.query.match import compile_node
from kwho.schema.record import Record
from kwho.sources import Input, discover
from kwho.views import Look
from kwho.views.site import Surroundings


@click.command(short_help="Write audit logs of any form as events of another.")
@click.argument("paths", nargs=-1, required=True)
@selecting
@click.option(
    "--format", "form", type=click.Choice(("native", *converters())), default="native", show_default=True,
    help="The form to write.",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="The file to write; standard output without.")
@click.option("--quiet", "-q", is_flag=True, help="Nothing on standard error.")
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[str, ...], form: str, out: Path | None, **options: Any) -> None:
    """Write audit logs of any form as native events, one JSON object a line, or in another form.

    Copies stay in, and nothing is masked: the output is as secret as the input.

    \b
    kwho convert cloudwatch-export.gz > audit.log
    kwho convert gke.json --format ecs --out events.ndjson
    """
    where = select(options)
    site = surroundings(site_of(read(options["site"], where, quiet=options["quiet"])))
    INTERRUPTS.hold()
    tallied, inputs = Tallied(), list(discover(paths))
    prepare(inputs, [out] if out else [])
    read_on = INTERRUPTS.heed(records(inputs, tallied))
    found = _matching(read_on, compile_node(where) if where else None, tallied, site)
    try:
        if form == "native":
            pieces: Iterator[bytes] = (encode(record.event) + b"\n" for _, record in found)
        else:
            converter(form).check()
            if form == "parquet" and out is None and sys.stdout.isatty():
                raise click.UsageError("--format parquet is not for a terminal; write --out FILE")
            pieces = converter(form).convert((record.event, record.context) for _, record in found)
        _write(pieces, out)
    except MissingExtraError as error:
        raise click.UsageError(str(error)) from None
    ctx.exit(finish(inputs, tallied, quiet=options["quiet"]))


def _matching(
    found: Iterator[tuple[Input, Record]], where: Any, tallied: Tallied, site: Surroundings | None
) -> Iterator[tuple[Input, Record]]:
    for file, record in found:
        if where is None or where(Look(record.event, record.context, site)):
            tallied.chosen += 1
            yield file, record


def _write(pieces: Iterator[bytes], out: Path | None) -> None:
    if out is None:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    try:
        with out.open("wb") as file:
            for piece in pieces:
                file.write(piece)
    except OSError as error:
        raise click.ClickException(f"{out}: {error.strerror or error}") from None
