"""`kwho story`: one incident in full, as a story that a person can read."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
import msgspec

from kwho.cli.codes import INTERRUPTED, USAGE
from kwho.cli.draw import read_through, screen_of_stdout
from kwho.cli.interrupt import INTERRUPTS
from kwho.cli.judge import judged, judging, spelled
from kwho.cli.select import present
from kwho.cli.unread import unread
from kwho.engine.local import Scan
from kwho.outputs import json_bytes
from kwho.outputs.table import paint
from kwho.reports.command import Asked
from kwho.reports.incident import gravest, stopped, story_sheet
from kwho.reports.problem import STOPPED
from kwho.reports.scan import scan_document
from kwho.reports.story import story
from kwho.reports.text import cut, printable
from kwho.reports.words import counted, these
from kwho.schema.finding import Finding
from kwho.schema.incident import Incident
from kwho.sources import discover

CANDIDATES: Final = 10
"""Incidents that a message names."""
LONGEST: Final = 120
"""Characters of a title in a message."""


class Known(NamedTuple):
    """The incidents there are, findings by id, in words what was found, and the exit code.

    `asked` is what found them, None when they come from a saved answer; `complete` is false when that was interrupted.
    """

    incidents: tuple[Incident, ...]
    findings: dict[str, Finding]
    headline: str = "no incident in it"
    code: int = 0
    asked: Asked | None = None
    complete: bool = True


@click.command(short_help="Tell one incident in full.")
@click.argument("wanted", metavar="ID")
@click.argument("paths", nargs=-1)
@click.option("--from", "saved", type=click.Path(path_type=Path), help="Read the answer of scan --format jsonl.")
@click.option("--format", "form", type=click.Choice(("table", "md", "json")), default="table", help="How to tell it.")
@judging
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; by default one per processor.")
@click.option("--reveal", is_flag=True, help="Show secrets instead of masking them.")
@click.option("--quiet", "-q", is_flag=True, help="Nothing on standard error.")
@click.pass_context
def command(ctx: click.Context, /, wanted: str, paths: tuple[str, ...], saved: Path | None, **options: Any) -> None:
    """Tell one incident step by step, with the events that prove it, what was not seen, and how to contain it.

    ID is that of an incident, and may be shortened. The logs are scanned again: repeat the options that scan was given.
    With --from the incident is taken from a saved answer.

    \b
    kwho story i-56be7996 /var/log/kubernetes/audit/
    kwho scan /var/log/kubernetes/audit/ --out jsonl=result.jsonl
    kwho story i-56be --from result.jsonl --format md
    """
    if bool(paths) == (saved is not None):
        raise click.UsageError("name the logs to read, or a saved answer with --from: one of the two")
    known = _scanned(ctx, paths, options) if saved is None else _saved(ctx, saved)
    incident = _find(wanted, known)
    for piece in _told(incident, known, options["form"]):
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
    sys.exit(INTERRUPTED if INTERRUPTS.release() else known.code)


def _told(incident: Incident, known: Known, form: str) -> Iterable[bytes]:
    """The story in the form that was asked for; one of an interrupted scan begins by saying so."""
    if form == "json":
        return (json_bytes(incident) + b"\n",)
    if form == "md":
        head = () if known.complete else (f"**{STOPPED.capitalize()}.**", "")
        return (line.encode("utf-8", "backslashreplace") + b"\n" for line in (*head, *story(incident)))
    terminal = screen_of_stdout()
    going_on = known.asked.show(gravest(incident)) if known.asked is not None else ""
    sheet = story_sheet(incident, terminal.pen, known.findings, going_on)
    return paint(sheet if known.complete else chain(stopped(terminal.pen), sheet), terminal)


def _scanned(ctx: click.Context, paths: tuple[str, ...], options: dict[str, Any]) -> Known:
    INTERRUPTS.hold()
    _, settings, before, asked = judged(ctx, options)
    inputs = list(discover(paths))
    with Scan(inputs, settings, jobs=options["jobs"] or 0, interruptible=INTERRUPTS.open) as scan:
        interrupted = read_through(scan, quiet=options["quiet"])
        result = scan.conclude(snapshots=before)
    document = scan_document(result, paths=paths, options=asked, reveal=options["reveal"])
    findings = {finding.id: finding for finding in document.ranked}
    code = unread(document.result, quiet=options["quiet"])
    return Known(
        document.result.incidents,
        findings,
        document.headline,
        INTERRUPTED if interrupted else code,
        document.asked,
        document.result.complete,
    )


def _saved(ctx: click.Context, path: Path) -> Known:
    for name, _ in spelled(ctx, present()):
        raise click.UsageError(f"{name} decides what a scan finds; with --from nothing is scanned")
    try:
        with path.open("rb") as lines:
            found = list(_objects(lines, path))
    except OSError as error:
        raise click.UsageError(f"--from {path}: {error.strerror or error}") from None
    incidents = tuple(item for item in found if isinstance(item, Incident))
    return Known(incidents, {item.id: item for item in found if isinstance(item, Finding)})


def _objects(lines: Iterable[bytes], path: Path) -> Iterator[Incident | Finding]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            if msgspec.json.decode(line, type=_Tagged).type == "summary":
                continue
            yield msgspec.json.decode(line, type=Incident | Finding)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            text = f"--from {path}:{number}: not a line of kwho scan --format jsonl ({error})"
            raise click.UsageError(printable(text)) from None


class _Tagged(msgspec.Struct):
    """The member that tells the objects of an answer apart."""

    type: str


def _find(wanted: str, known: Known) -> Incident:
    """The incident whose id begins so; with none or several, what there is is named, and the run ends."""
    begin = wanted if wanted.startswith("i-") else f"i-{wanted}"
    found = [incident for incident in known.incidents if incident.id.startswith(begin)]
    if len(found) == 1:
        return found[0]
    told = "\n".join(map(printable, _choice(wanted, found, known)))
    click.echo(f"Error: {told}" if known.complete else f"STOPPED  {STOPPED}\n{told}", err=True)
    sys.exit(known.code or USAGE)


def _choice(wanted: str, found: Sequence[Incident], known: Known) -> Iterator[str]:
    """Why an id does not name one incident, and which there are."""
    far = "" if known.complete else " so far"
    if not known.incidents:
        yield f"there is no incident{far}: {known.headline}"
        return
    several = f"{counted(len(found), 'incident')} have an id that begins so"
    told = several if found else f"no incident{far} has an id that begins so, by these rules and options"
    every = found or known.incidents
    yield f"{wanted}: {these(told, len(every), CANDIDATES, meant=bool(found))}"
    yield from (f"  {each.id}  {each.severity}  {cut(each.title, LONGEST)}" for each in every[:CANDIDATES])
