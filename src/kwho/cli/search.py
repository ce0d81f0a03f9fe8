"""`kwho search`: the events that match a query, each once, in order."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

import click
import msgspec

from kwho.cli.codes import INTERRUPTED, UNREADABLE
from kwho.cli.draw import screen_of_stdout
from kwho.cli.interrupt import INTERRUPTS
from kwho.cli.select import select, selecting
from kwho.cli.site import read, site_of
from kwho.engine.geoip import surroundings
from kwho.engine.read import Tallied, chosen, records, stop
from kwho.errors import MissingExtraError
from kwho.formats.native import encode
from kwho.outputs import converter, converters, json_bytes
from kwho.query.match import compile_node
from kwho.reports.event import event_line
from kwho.reports.problem import STOPPED, barren_lines, problem_lines
from kwho.reports.text import printable
from kwho.reports.words import counted, number
from kwho.schema.event import Event
from kwho.schema.record import Record
from kwho.sources import Input, Unreadable, discover
from kwho.views import Look
from kwho.views.secrets import mask_event
from kwho.views.site import Surroundings

_FORMATS: Final = ("table", "jsonl", *converters())


@click.command(short_help="Print the events that match a query.")
@click.argument("query")
@click.argument("paths", nargs=-1, required=True)
@selecting
@click.option("--format", "form", type=click.Choice(_FORMATS), help="What to print; a table on a terminal, else jsonl.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many events.")
@click.option("--reveal", is_flag=True, help="Show secrets instead of masking them.")
@click.option("--quiet", "-q", is_flag=True, help="Nothing on standard error.")
@click.pass_context
def command(ctx: click.Context, /, query: str, paths: tuple[str, ...], **options: Any) -> None:
    """Print the events that match QUERY, each once; secrets are masked.

    \b
    kwho search 'verb:get,list resource:secrets -user:system:*' audit.log
    kwho search 'exec.command:*curl* code:101' /var/log/audit/ --format jsonl
    kwho search 'user:alice@* time>="2h ago"' - --limit 20
    """
    where = select(options, query)
    site = surroundings(site_of(read(options["site"], where, quiet=options["quiet"])))
    form = options["form"] or ("table" if sys.stdout.isatty() else "jsonl")
    if form not in ("table", "jsonl"):
        try:
            converter(form).check()
        except MissingExtraError as error:
            raise click.UsageError(str(error)) from None
    INTERRUPTS.hold()
    tallied, inputs = Tallied(), list(discover(paths))
    read_on = INTERRUPTS.heed(records(inputs, tallied))
    found = chosen(read_on, compile_node(where) if where else None, tallied, site)
    for piece in _pieces(islice(found, options["limit"]), form, site, reveal=options["reveal"]):
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
    ctx.exit(finish(inputs, tallied, quiet=options["quiet"], limited=tallied.chosen == options["limit"]))


def finish(inputs: Sequence[Input | Unreadable], tallied: Tallied, *, quiet: bool, limited: bool = False) -> int:
    """The exit code; on standard error, unless `quiet`, what became of what was read, and how much was not."""
    interrupted = INTERRUPTS.release()
    left = stop(inputs, tallied) if interrupted else ""
    if not quiet:
        if left:
            click.echo(f"STOPPED  {STOPPED}; {left}", err=True)
        _say(tallied, first=limited or bool(left))
    if interrupted:
        return INTERRUPTED
    return UNREADABLE if tallied.rejected["unreadable"] else 0


def _say(tallied: Tallied, *, first: bool) -> None:
    """Where what could not be read stands, and what became of all records, or of the first."""
    lost = Counter({kind: count for kind, count in tallied.rejected.items() if kind != "filtered"})
    for line in problem_lines((*tallied.causes, *tallied.problems), lost.total()):
        click.echo(printable(f"PROBLEM  {line}"), err=True)
    for line in barren_lines(tallied.barren, tallied.barrens):
        click.echo(printable(f"EMPTY  {line}"), err=True)
    read, copies, richer = number(tallied.read), tallied.copies, tallied.richer
    first_of = "the first " if first else ""
    told = [f"{number(tallied.chosen)} of {first_of}{read} {'event' if tallied.read == 1 else 'events'}"]
    if copies:
        told.append(f"{counted(copies, 'copy', 'copies')} left out")
    if richer:
        told.append(f"{number(richer)} shown again with a body")
    kinds = ", ".join(f"{number(count)} {kind}" for kind, count in sorted(tallied.rejected.items()))
    click.echo(f"{', '.join(told)}{'; no events: ' + kinds if kinds else ''}", err=True)


def _pieces(
    found: Iterator[tuple[Input, Record]], form: str, site: Surroundings | None, *, reveal: bool
) -> Iterator[bytes]:
    shown = ((file, record, record.event if reveal else mask_event(record.event)) for file, record in found)
    if form == "table":
        screen = screen_of_stdout()
        return (event_line(Look(event, record.context, site), screen.width) for _, record, event in shown)
    if form == "jsonl":
        return (_line(file, record, event) for file, record, event in shown)
    return converter(form).convert((event, record.context) for _, record, event in shown)


def _line(file: Input, record: Record, event: Event) -> bytes:
    line = {
        "type": "event",
        "schema_version": 1,
        "file": file.path,
        "line": record.line,
        "offset": record.offset,
        "index": record.index,
        "format": record.context.format,
        "cluster": record.context.cluster,
        "event": msgspec.Raw(encode(event)),
    }
    return json_bytes(line) + b"\n"
