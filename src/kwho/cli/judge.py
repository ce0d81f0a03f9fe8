"""What a log is judged by: the options that decide an answer, one list for every command that gives one."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import click
from click.core import ParameterSource

from kwho.cli.select import check_text, fixed, present, select, selecting
from kwho.cli.site import read, site_of, with_exclusions
from kwho.cli.snapshot import snapshots
from kwho.detect.pack import assemble
from kwho.detect.rule import RuleSet
from kwho.engine.work import Settings
from kwho.errors import InvalidRuleError
from kwho.reports.command import Option
from kwho.reports.text import printable
from kwho.state.snapshot import Snapshot

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--rules", "rule_dirs", type=click.Path(path_type=Path), multiple=True, help="A folder of Sigma rules."
    ),
    click.option("--no-pack", is_flag=True, help="Leave out the rules that come with kwho."),
    click.option("--disable", metavar="ID", multiple=True, help="Leave out one rule or exclusion, by id or name."),
    click.option(
        "--snapshot", type=click.Path(path_type=Path), multiple=True, help="Objects from before the log; JSON."
    ),
    click.option("--cluster", metavar="NAME", help="The cluster of events whose wrapper does not name one."),
)

DECIDING: Final = frozenset(
    {"where", "since", "until", "verbs", "users", "resources", "namespaces", "codes", "site"}
    | {"rule_dirs", "no_pack", "disable", "snapshot", "cluster", "policy", "show_excluded"}
)
"""The parameters that decide an answer, or what it says of rules; all others say how it is given."""


class Judged(NamedTuple):
    """By what a log is judged, read and checked; `options` spell it as it was typed."""

    rules: RuleSet
    settings: Settings
    before: tuple[Snapshot, ...]
    options: tuple[Option, ...]


def judging(function: F) -> F:
    """Give a command the options that decide what is found, those that select events among them."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return selecting(function)


def judged(ctx: click.Context, options: dict[str, Any]) -> Judged:
    """What the options ask for; a mistake is a usage error before any reading."""
    now = present()
    where = select(options, now=now)
    rules = load(options["rule_dirs"], pack=not options["no_pack"], disable=options["disable"])
    for refused in rules.refused if not options["quiet"] else ():
        click.echo(printable(f"INVALID  {refused.title or refused.path}: {refused.reason}"), err=True)
    site = read(options["site"], where, quiet=options["quiet"])
    rules = with_exclusions(rules, site)
    check_text(options["cluster"])
    settings = Settings(rules, where, options["cluster"], site_of(site))
    return Judged(rules, settings, snapshots(options["snapshot"], options["cluster"]), tuple(spelled(ctx, now)))


def load(rule_dirs: Sequence[Path], *, pack: bool, disable: Sequence[str] = ()) -> RuleSet:
    """The rules that the options name; a mistake is a usage error before any reading."""
    try:
        return assemble(rule_dirs, pack=pack, disable=disable)
    except (InvalidRuleError, FileNotFoundError) as error:
        raise click.UsageError("\n".join(map(printable, str(error).split("\n")))) from None


def spelled(ctx: click.Context, now: int) -> Iterator[Option]:
    """The options of a call that decide its answer, as they must be typed again; a time that was relative is not."""
    defaults = (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP)
    for option in ctx.command.params:
        name = option.name or ""
        if isinstance(option, click.Option) and name in DECIDING and ctx.get_parameter_source(name) not in defaults:
            value = ctx.params[name]
            for each in value if option.multiple else (value,):
                yield option.opts[0], None if option.is_flag else fixed(name, str(each), now)
