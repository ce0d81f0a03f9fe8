"""`kwho scan`: read audit logs, judge every request, print the ranked answer."""

import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import click
import msgspec

from kwho.cli.codes import FAILED, INCOMPLETE, INTERRUPTED, UNREADABLE, USAGE
from kwho.cli.draw import read_through, screen_of_stdout
from kwho.cli.guard import prepare
from kwho.cli.interrupt import INTERRUPTS
from kwho.cli.judge import judged, judging
from kwho.cli.unread import unread
from kwho.detect.health import Expected
from kwho.engine.local import Scan
from kwho.engine.raw import raw_events
from kwho.errors import MissingExtraError
from kwho.outputs import Output, names, output
from kwho.outputs.table import Table, paint
from kwho.reports.excluded import with_excluded
from kwho.reports.finding import CITED, finding_sheet
from kwho.reports.scan import ScanDocument, scan_document
from kwho.reports.text import printable
from kwho.reports.words import counted, these
from kwho.schema.finding import SEVERITIES, Finding
from kwho.schema.result import Result
from kwho.sources import Input, Unreadable, discover

CANDIDATES: Final = 10
"""Findings that a message names."""


@click.command(short_help="Read audit logs and rank what matters.")
@click.argument("paths", nargs=-1, required=True)
@click.option("--format", "form", metavar="FORMAT", default="table", help="What to print: " + ", ".join(names()) + ".")
@click.option("--out", "outs", metavar="FORMAT=FILE", multiple=True, help="Write a format to a file; repeatable.")
@judging
@click.option("--min-severity", type=click.Choice(SEVERITIES), help="Leave out what is below this severity.")
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="Exit with 1 when a finding or incident is as severe.")
@click.option("--policy", type=click.Path(path_type=Path), help="The cluster's audit policy: what it records is known.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; by default one per processor.")
@click.option("--show", metavar="ID", help="One finding in full, with its raw events; an id may be shortened.")
@click.option("--show-excluded", is_flag=True, help="List what exclusions leave out as well, marked.")
@click.option("--strict", is_flag=True, help="Exit with 3 also when a record was malformed or truncated.")
@click.option("--require-complete", is_flag=True, help="Exit with 5 when the log has gaps or the scan was cut short.")
@click.option("--reveal", is_flag=True, help="Show secrets instead of masking them.")
@click.option("--quiet", "-q", is_flag=True, help="Nothing on standard error.")
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[str, ...], **options: Any) -> None:
    """Read audit logs of any form and rank what matters.

    PATHS are files, directories of rotated files, globs, or - for standard input; gzip and zstd are unpacked.

    \b
    kwho scan /var/log/kubernetes/audit/
    kwho scan audit.log.gz --format jsonl --out html=report.html
    kwho scan - --where 'ns:payments -user:system:*' --fail-on high
    """
    INTERRUPTS.hold()
    printed, written = _outputs(options["form"], options["outs"])
    if options["show"] is not None and written:
        raise click.UsageError("--show prints one finding and writes no files: leave out --out")
    rules, settings, before, asked = judged(ctx, options)
    expected = expectation(options["policy"])
    inputs = list(discover(paths))
    prepare(inputs, [path for _, path in written])
    with Scan(inputs, settings, jobs=options["jobs"] or 0, interruptible=INTERRUPTS.open) as scan:
        interrupted = read_through(scan, quiet=options["quiet"])
        result = scan.conclude(expected, before)
    if options["show_excluded"]:
        result = with_excluded(result)
    result = _at_least(result, options["min_severity"])
    document = scan_document(
        result,
        paths=paths,
        options=asked,
        command=shlex.join(["kwho", *sys.argv[1:]]),
        rules=(*rules.rules, *rules.correlations),
        reveal=options["reveal"],
    )
    named = True
    if options["show"] is not None:
        named = _show(document, options["show"], inputs, reveal=options["reveal"])
    else:
        _write(document, printed, written)
    told = isinstance(printed, Table) and options["show"] is None  # on the screen
    unreadable = unread(result, quiet=options["quiet"] or told)
    interrupted = INTERRUPTS.release() or interrupted
    ctx.exit(INTERRUPTED if interrupted else _code(result, unreadable, options) or (0 if named else USAGE))


def expectation(policy: Path | None) -> Expected | None:
    """What a given audit policy records; a broken policy is a usage error before any reading."""
    if policy is None:
        return None
    from kwho.policy.expect import Expectation  # noqa: PLC0415  few scans have a policy
    from kwho.policy.model import read_policy  # noqa: PLC0415

    try:
        return Expectation(read_policy(str(policy), policy.read_text("utf-8"))).records
    except OSError as error:
        told = f"{policy}: {error.strerror or error}"
    except UnicodeDecodeError as error:
        told = f"{policy}: not UTF-8 at byte {error.start}"
    except ValueError as error:  # it names the file
        told = str(error)
    raise click.UsageError("\n".join(map(printable, f"--policy {told}".split("\n"))))


def _show(document: ScanDocument, wanted: str, inputs: Sequence[Input | Unreadable], *, reveal: bool) -> bool:
    """One finding in full; False when the id fits none or several findings, which are named then."""
    begin = wanted if wanted.startswith("f-") else f"f-{wanted}"
    found = [finding for finding in document.ranked if finding.id.startswith(begin)]
    if len(found) != 1:
        click.echo(f"Error: {_unclear(wanted, found, document)}", err=True)
        return False
    terminal = screen_of_stdout()
    raw = raw_events(inputs, found[0].events[:CITED])
    _pour(paint(finding_sheet(found[0], terminal.pen, document, raw=raw, reveal=reveal), terminal), sys.stdout.buffer)
    return True


def _unclear(wanted: str, found: Sequence[Finding], document: ScanDocument) -> str:
    """Why an id does not name one finding, and which there are."""
    if not document.ranked:
        return f"--show {printable(wanted)}: {document.headline}"
    several = f"{counted(len(found), 'finding')} have an id that begins so"
    told = several if found else "no finding has an id that begins so, by these rules and options"
    every = found or document.ranked
    named = (f"  {each.id}  {each.severity}  {printable(each.title)}" for each in every[:CANDIDATES])
    head = these(told, len(every), CANDIDATES, meant=bool(found))
    return "\n".join((f"--show {printable(wanted)}: {head}", *named))


def _outputs(form: str, outs: tuple[str, ...]) -> tuple[Output, list[tuple[Output, Path]]]:
    """What goes to standard output and to files; all checked before any reading."""
    try:
        printed = output(form)
        written = []
        for text in outs:
            name, equals, path = text.partition("=")
            if not equals or not path:
                raise click.UsageError(f"--out {text}: write it as FORMAT=FILE, such as html=report.html")
            written.append((output(name), Path(path)))
        for member in (printed, *(member for member, _ in written)):
            member.check()
    except (ValueError, MissingExtraError) as error:
        raise click.UsageError(str(error)) from None
    if printed.binary and sys.stdout.isatty():
        raise click.UsageError(f"--format {form} is not for a terminal; write --out {form}=FILE")
    return printed, written


def _at_least(result: Result, severity: str | None) -> Result:
    """The result without the findings below a severity; how many are left out stands among its notes."""
    if severity is not None:
        least = SEVERITIES.index(severity)
        kept = tuple(item for item in result.findings if SEVERITIES.index(item.severity) >= least)
        left = len(result.findings) - len(kept)
        if left:
            told = counted(left, "finding")
            result.notes = (*result.notes, f"{told} below {severity} left out, as asked")
        result.findings = kept
        result.incidents = tuple(item for item in result.incidents if SEVERITIES.index(item.severity) >= least)
    return result


def _write(document: ScanDocument, printed: Output, written: list[tuple[Output, Path]]) -> None:
    for member, path in written:
        try:
            with path.open("wb") as file:
                _pour(member.render(document), file)
        except OSError as error:
            raise click.ClickException(f"{path}: {error.strerror or error}; nothing else was written") from None
    if isinstance(printed, Table):
        printed = Table(screen_of_stdout())
    _pour(printed.render(document), sys.stdout.buffer)


def _pour(pieces: Iterator[bytes], file: BinaryIO) -> None:
    for piece in pieces:
        file.write(piece)
    file.flush()


def _code(result: Result, unreadable: int, options: dict[str, Any]) -> int:
    """The exit code: incomplete before unreadable before findings; findings alone are no failure."""
    counts = result.input
    if options["require_complete"] and (not result.complete or result.gaps or not result.input.events):
        return INCOMPLETE
    if unreadable or (options["strict"] and (counts.malformed or counts.truncated)):
        return UNREADABLE
    if options["fail_on"] is not None:
        least = SEVERITIES.index(options["fail_on"])
        grave = (item for item in result.findings if SEVERITIES.index(item.severity) >= least)
        told = (item for item in result.incidents if SEVERITIES.index(item.severity) >= least)
        return FAILED if any(item.excluded is msgspec.UNSET for item in grave) or any(told) else 0
    return 0
