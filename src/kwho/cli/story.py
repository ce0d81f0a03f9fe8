"""`kwho story`: one incident in full, as a story that a person can read."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from kwho.cli.draw import drawn, screen_of_stdout
from kwho.cli.scan import load
from kwho.cli.site import OPTION as SITE
from kwho.cli.site import read, site_of, with_exclusions
from kwho.cli.unread import unread
from kwho.engine.local import Scan
from kwho.engine.work import Settings
from kwho.outputs import json_bytes
from kwho.outputs.table import paint
from kwho.reports.incident import story_sheet
from kwho.reports.scan import scan_document
from kwho.reports.story import story
from kwho.reports.text import printable
from kwho.schema.finding import Finding
from kwho.schema.incident import Incident
from kwho.sources import discover

CANDIDATES: Final = 10
"""Incidents that a message names."""
LONGEST: Final = 120
"""Characters of a title in a message."""

Known = tuple[tuple[Incident, ...], dict[str, Finding], int]
"""Incidents, their findings by id, and the exit code that the reading of the logs asks for."""


@click.command(short_help="Tell one incident in full.")
@click.argument("wanted", metavar="ID")
@click.argument("paths", nargs=-1)
@click.option("--from", "saved", type=click.Path(path_type=Path), help="Read the answer of scan --format jsonl.")
@click.option("--format", "form", type=click.Choice(("table", "md", "json")), default="table", help="How to tell it.")
@click.option("--rules", "rule_dirs", type=click.Path(path_type=Path), multiple=True, help="A folder of Sigma rules.")
@click.option("--no-pack", is_flag=True, help="Leave out the rules that come with kwho.")
@click.option("--disable", metavar="ID", multiple=True, help="Leave out one rule or exclusion, by id or name.")
@SITE
@click.option("--cluster", metavar="NAME", help="The cluster of events whose wrapper does not name one.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; by default one per processor.")
@click.option("--reveal", is_flag=True, help="Show secrets instead of masking them.")
@click.option("--quiet", "-q", is_flag=True, help="Nothing on standard error.")
def command(wanted: str, paths: tuple[str, ...], saved: Path | None, **options: Any) -> None:
    """Tell one incident step by step, with the events that prove it, what was not seen, and how to contain it.

    ID is that of an incident, and may be shortened. The logs are scanned again, by the same rules; with --from the
    incident is taken from a saved answer.

    \b
    kwho story i-56be7996 /var/log/kubernetes/audit/
    kwho scan /var/log/kubernetes/audit/ --out jsonl=result.jsonl
    kwho story i-56be --from result.jsonl --format md
    """
    if bool(paths) == (saved is not None):
        raise click.UsageError("name the logs to read, or a saved answer with --from: one of the two")
    incidents, findings, code = _scanned(paths, options) if saved is None else _saved(saved)
    incident = _find(wanted, incidents)
    terminal = screen_of_stdout()
    if options["form"] == "json":
        pieces: Iterable[bytes] = (json_bytes(incident) + b"\n",)
    elif options["form"] == "md":
        pieces = (line.encode("utf-8", "backslashreplace") + b"\n" for line in story(incident))
    else:
        pieces = paint(story_sheet(incident, terminal.pen, findings), terminal)
    for piece in pieces:
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
    sys.exit(code)


def _scanned(paths: tuple[str, ...], options: dict[str, Any]) -> Known:
    rules = load(options["rule_dirs"], pack=not options["no_pack"], disable=options["disable"])
    site = read(options["site"], None, quiet=options["quiet"])
    rules = with_exclusions(rules, site)
    settings = Settings(rules, None, options["cluster"], site_of(site))
    with Scan(list(discover(paths)), settings, jobs=options["jobs"] or 0) as scan:
        for _ in drawn(scan, quiet=options["quiet"]):
            pass
        document = scan_document(scan.conclude(), reveal=options["reveal"])
    code = unread(document.result, quiet=options["quiet"])
    return document.result.incidents, {finding.id: finding for finding in document.ranked}, code


def _saved(path: Path) -> Known:
    try:
        with path.open("rb") as lines:
            found = list(_objects(lines, path))
    except OSError as error:
        raise click.UsageError(f"--from {path}: {error.strerror or error}") from None
    incidents = tuple(item for item in found if isinstance(item, Incident))
    return incidents, {item.id: item for item in found if isinstance(item, Finding)}, 0


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


def _find(wanted: str, incidents: Sequence[Incident]) -> Incident:
    """The incident whose id begins so; none or several are a usage error that names what there is."""
    begin = wanted if wanted.startswith("i-") else f"i-{wanted}"
    found = [incident for incident in incidents if incident.id.startswith(begin)]
    if len(found) == 1:
        return found[0]
    if not incidents:
        raise click.UsageError("there is no incident; kwho scan lists the findings that there are")
    told = f"{len(found)} incidents have an id that begins so" if found else "no incident has an id that begins so"
    named = (f"  {each.id}  {each.severity}  {each.title[:LONGEST]}" for each in (found or incidents)[:CANDIDATES])
    lines = (f"{wanted}: {told}; there is", *named)
    raise click.UsageError("\n".join(printable(line) for line in lines))
