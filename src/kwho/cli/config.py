"""`kwho config`: check the files that tell kwho about the own site."""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kwho.cli.codes import FAILED
from kwho.cli.rules import rule_options

if TYPE_CHECKING:
    from kwho.detect.exclusion import ExclusionDraft
    from kwho.detect.rule import RuleSet
    from kwho.detect.site import Reading


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Check the files that tell kwho about your site."""


@command.command("check")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@rule_options
def check_config(path: Path, folders: Sequence[Path], no_pack: bool) -> None:
    """Check a site file: all that is wrong with it, each with its line; exit 1 when something is.

    The lists and files of places that it names are read, its exclusions are resolved against the rules, and their
    examples are run with this site.
    """
    from kwho.detect.pack import assemble  # noqa: PLC0415  loaded when called
    from kwho.engine.site import load_site  # noqa: PLC0415
    from kwho.errors import MissingExtraError  # noqa: PLC0415
    from kwho.reports.site import site_lines  # noqa: PLC0415
    from kwho.reports.text import printable  # noqa: PLC0415
    from kwho.reports.words import counted  # noqa: PLC0415

    try:
        reading = load_site(path)
    except (OSError, MissingExtraError) as error:
        told = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise click.UsageError(f"{path}: {told}") from None
    wrong = [*reading.complaints, *_wrong(reading, assemble(folders, pack=not no_pack))]
    for line in wrong:
        click.echo(printable(line))
    doubtful = [*reading.warnings, *_expired(reading.exclusions)]
    for line in doubtful:
        click.echo(printable(f"{line} (warning)"))
    if not wrong:
        for line in site_lines(reading.site, [draft.exclusion for draft in reading.exclusions]):
            click.echo(line)
    click.echo(f"{counted(len(wrong), 'error')}, {counted(len(doubtful), 'warning')}")
    if wrong:
        sys.exit(FAILED)


def _wrong(reading: "Reading", loaded: "RuleSet") -> Iterator[str]:
    """What is wrong with the exclusions of a site: those that do not fit the rules, and examples that do not hold."""
    from kwho.detect.examples import check, read_inner_stories  # noqa: PLC0415
    from kwho.detect.exclusion import resolve_exclusions  # noqa: PLC0415
    from kwho.engine.memory import judge_lines  # noqa: PLC0415
    from kwho.errors import InvalidRuleError  # noqa: PLC0415

    rules = resolve_exclusions(loaded, reading.exclusions)
    yield from (entry.reason for entry in rules.refused if entry not in loaded.refused)
    try:
        stories = [story._replace(site={}) for story in read_inner_stories(reading.exclusions)]
        for verdict in check(rules, stories, lambda some, lines, _: judge_lines(some, lines, reading.site)):
            if not verdict.held:
                should = "should fire in spite of it" if verdict.story.fires else "should be left out"
                yield f"{verdict.story.path}:{verdict.story.line}: {should}: {verdict.story.why}"
    except InvalidRuleError as error:
        yield str(error)


def _expired(drafts: "Iterable[ExclusionDraft]") -> Iterator[str]:
    """Exclusions whose end has passed: they still hold for events before it."""
    now = time.time_ns() // 1_000
    for document, exclusion in drafts:
        if exclusion.expires is not None and exclusion.expires <= now:
            yield f"{document.path}:{document.line('kwho', 'expires')}: the exclusion “{exclusion.title}” has expired"
