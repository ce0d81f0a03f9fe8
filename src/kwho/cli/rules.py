"""`kwho rules`: list, show, check and test the rules of the pack and of the user's folders."""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from kwho.cli.codes import FAILED, INTERRUPTED
from kwho.errors import InvalidRuleError

if TYPE_CHECKING:
    from kwho.detect.examples import Story
    from kwho.detect.pack import Entry
    from kwho.detect.rule import Exclusion, RuleSet

WIDE: Final = 1_000
"""Columns where nobody looks at them, but a program reads on."""

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """List, show, check and test the rules."""


def rule_options(function: Command) -> Command:
    """The options that say which rules are meant, the same for every command."""
    function = click.option("--no-pack", is_flag=True, help="Leave out the rules that ship with kwho.")(function)
    return click.option(
        "--rules",
        "folders",
        multiple=True,
        metavar="DIR",
        type=click.Path(exists=True, path_type=Path),
        help="A folder of Sigma rules (or one file), read recursively; repeatable.",
    )(function)


@command.command("list")
@rule_options
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def list_rules(folders: Sequence[Path], no_pack: bool, form: str) -> None:
    """List every rule, with what it needs; refused ones with the reason."""
    from kwho.detect.pack import assemble  # noqa: PLC0415  loaded when called, so that --help is quick
    from kwho.reports.rules import rule_objects, rule_table  # noqa: PLC0415

    rules = assemble(folders, pack=not no_pack)
    if form == "json":
        import msgspec  # noqa: PLC0415

        click.echo(msgspec.json.format(msgspec.json.encode(rule_objects(rules))))
        return
    for line in rule_table(rules, _width() if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDE):
        click.echo(line)


@command.command("show")
@click.argument("wanted", metavar="ID")
@rule_options
@click.option("--format", "form", type=click.Choice(["text", "md"]), default="text", show_default=True)
def show_rule(wanted: str, folders: Sequence[Path], no_pack: bool, form: str) -> None:
    """Show all there is to know of one rule or exclusion.

    ID is the id or its first characters as long as no other id begins so, the name, the title, or a row of the
    detection catalog such as D01.
    """
    from kwho.detect.examples import read_stories  # noqa: PLC0415
    from kwho.detect.pack import assemble, read_sources  # noqa: PLC0415

    rules = assemble(folders, pack=not no_pack)
    meant = _meant(rules, wanted)
    stories = list(read_stories((source.path, source.text) for source in read_sources(folders, pack=not no_pack)))
    for number, entry in enumerate(meant):
        own = [story for story in stories if story.rule == entry.id and story.path == entry.path]
        if number:
            click.echo("\n" + "-" * 40 + "\n" * (form == "md"))
        for line in _page(entry, own, rules, form):
            click.echo(line)


def _meant(rules: "RuleSet", wanted: str) -> "Sequence[Entry | Exclusion]":
    """The rules and exclusions that a word stands for; none is a usage error that says what may have been meant."""
    from kwho.detect.pack import find_exclusion, find_rule, suggest  # noqa: PLC0415
    from kwho.reports.text import printable  # noqa: PLC0415

    found = (*find_rule(rules, wanted), *find_exclusion(rules, wanted))
    if not found:
        told = f'no rule "{wanted}"{suggest(rules, wanted)}'
        raise click.UsageError("\n".join(map(printable, told.split("\n"))))
    return found


def _page(entry: "Entry | Exclusion", stories: "Sequence[Story]", rules: "RuleSet", form: str) -> Iterable[str]:
    """All there is to know of one rule or exclusion; what has no page in Markdown is told as text."""
    from kwho.detect.attack import attack_names  # noqa: PLC0415
    from kwho.detect.pack import entries  # noqa: PLC0415
    from kwho.detect.rule import Exclusion  # noqa: PLC0415
    from kwho.reports.exclusion import exclusion_page  # noqa: PLC0415
    from kwho.reports.handbook import links_of, rule_markdown  # noqa: PLC0415
    from kwho.reports.rules import rule_page  # noqa: PLC0415

    titles = {entry.id: entry.title for entry in entries(rules)}
    if isinstance(entry, Exclusion):
        return exclusion_page(entry, stories, titles, _width())
    links = links_of(rules) if form == "md" else {}
    if entry.id in links:
        return rule_markdown(links[entry.id], stories, links)
    return rule_page(entry, stories, titles, attack_names(getattr(entry, "tags", ())), _width())


@command.command("lint")
@rule_options
def lint_rules(folders: Sequence[Path], no_pack: bool) -> None:
    """Check rule files; exit 1 when one has an error."""
    from kwho.detect.lint import lint  # noqa: PLC0415
    from kwho.detect.pack import read_sources  # noqa: PLC0415
    from kwho.reports.text import printable  # noqa: PLC0415
    from kwho.reports.words import counted  # noqa: PLC0415

    sources = read_sources(folders, pack=not no_pack)
    unread = [f"{source.path}: error: {source.reason}" for source in sources if source.reason]
    complaints = lint((source.path, source.text) for source in sources if not source.reason)
    for line in (*unread, *map(str, complaints)):
        click.echo(printable(line))
    errors = len(unread) + sum(complaint.severity == "error" for complaint in complaints)
    warnings = len(complaints) + len(unread) - errors
    click.echo(f"{counted(len(sources), 'file')}, {counted(errors, 'error')}, {counted(warnings, 'warning')}")
    if errors:
        sys.exit(FAILED)


@command.command("test")
@rule_options
def test_rules(folders: Sequence[Path], no_pack: bool) -> None:
    """Run the examples that rules carry; exit 1 when one fails or a rule is refused."""
    from kwho.detect.examples import check, read_stories  # noqa: PLC0415
    from kwho.detect.pack import assemble, read_sources  # noqa: PLC0415
    from kwho.engine.memory import judge_lines  # noqa: PLC0415
    from kwho.reports.text import printable  # noqa: PLC0415
    from kwho.reports.words import counted  # noqa: PLC0415

    rules = assemble(folders, pack=not no_pack)
    sources = read_sources(folders, pack=not no_pack)
    told = failed = 0
    try:
        for verdict in check(rules, read_stories((source.path, source.text) for source in sources), judge_lines):
            told += 1
            if not verdict.held:
                failed += 1
                story = verdict.story
                wrong = "should fire and is silent" if story.fires else "should be silent and fires"
                click.echo(printable(f"{story.path}:{story.line}: {wrong}: {story.why}"))
    except InvalidRuleError as error:
        raise click.ClickException(printable(str(error))) from None
    for entry in rules.refused:
        click.echo(printable(entry.reason))
    click.echo(f"{counted(told, 'example')}, {failed} failed, {counted(len(rules.refused), 'refused rule')}")
    if failed or rules.refused:
        sys.exit(FAILED)


@command.command("blind")
@click.argument("paths", nargs=-1, required=True)
@rule_options
@click.option("--disable", metavar="ID", multiple=True, help="Leave out one rule or exclusion, by id or name.")
@click.option("--policy", type=click.Path(path_type=Path), help="The cluster's audit policy: what it records is known.")
@click.option("--site", type=click.Path(path_type=Path), help="A site file: rules about what it tells can see then.")
@click.option("--snapshot", type=click.Path(path_type=Path), multiple=True, help="Objects from before the log; JSON.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def blind_rules(paths: Sequence[str], folders: Sequence[Path], no_pack: bool, **options: Any) -> None:
    """Say which rules cannot fire on a log, what they lack, and what policy would supply it."""
    import msgspec  # noqa: PLC0415

    from kwho.cli.draw import read_through  # noqa: PLC0415
    from kwho.cli.interrupt import INTERRUPTS  # noqa: PLC0415
    from kwho.cli.judge import load  # noqa: PLC0415
    from kwho.cli.scan import expectation  # noqa: PLC0415
    from kwho.cli.site import read, site_of  # noqa: PLC0415
    from kwho.cli.snapshot import snapshots  # noqa: PLC0415
    from kwho.cli.unread import unread  # noqa: PLC0415
    from kwho.detect.pack import read_sources  # noqa: PLC0415
    from kwho.engine.local import Scan  # noqa: PLC0415
    from kwho.engine.work import Settings  # noqa: PLC0415
    from kwho.reports.health import health_lines, health_object  # noqa: PLC0415
    from kwho.sources import discover  # noqa: PLC0415

    rules = load(folders, pack=not no_pack, disable=options["disable"])
    expected = expectation(options["policy"])
    site, before = site_of(read(options["site"], None)), snapshots(options["snapshot"], None)
    INTERRUPTS.hold()
    with Scan(list(discover(paths)), Settings(rules, site=site), interruptible=INTERRUPTS.open) as scan:
        interrupted = read_through(scan, quiet=False)
        result = scan.conclude(expected, before)
    if options["form"] == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(health_object(result, rules))))
    else:
        own = {source.path for source in read_sources(folders, pack=False)}
        for line in health_lines(result, rules, own):
            click.echo(line)
    code = unread(result)
    sys.exit(INTERRUPTED if INTERRUPTS.release() or interrupted else code)


def _width() -> int:
    return shutil.get_terminal_size((100, 24)).columns
