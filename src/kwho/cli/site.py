"""The option `--site`: what the user knows of the own site, read before any log."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kwho.detect.rule import RuleSet
from kwho.errors import MissingExtraError
from kwho.query.ast import Node, Not, Term
from kwho.reports.text import printable
from kwho.schema.site import Site

if TYPE_CHECKING:
    from kwho.detect.site import Reading

OPTION = click.option(
    "--site", type=click.Path(path_type=Path), help="A file of what you know: zones, people, lists, exclusions."
)


def read(path: Path | None, where: Node | None, *, quiet: bool = False) -> "Reading | None":
    """The site of a file; all that is wrong with it, and a zone that it lacks, is a usage error before any reading."""
    if path is None:
        if any(_zones(where)):
            raise click.UsageError("a zone means something with --site FILE only")
        return None
    from kwho.engine.site import load_site  # noqa: PLC0415  brings the parser of rules, which few scans need

    try:
        reading = load_site(path)
    except (OSError, MissingExtraError) as error:
        told = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise click.UsageError(f"--site {path}: {told}") from None
    if reading.complaints:
        raise click.UsageError("\n".join(map(printable, reading.complaints)))
    for warning in () if quiet else reading.warnings:
        click.echo(printable(warning), err=True)
    for zone in _zones(where):
        if zone not in reading.site.zones:
            known = ", ".join(reading.site.zones) or "none"
            raise click.UsageError(printable(f'there is no zone "{zone}" in {path}; there is {known}'))
    return reading


def site_of(reading: "Reading | None") -> Site | None:
    """The site of a reading."""
    return None if reading is None else reading.site


def with_exclusions(rules: RuleSet, reading: "Reading | None") -> RuleSet:
    """The rules with the exclusions of the site; one that names no loaded rule is a usage error."""
    if reading is None or not reading.exclusions:
        return rules
    from kwho.detect.exclusion import resolve_exclusions  # noqa: PLC0415  brings the parser of rules

    found = resolve_exclusions(rules, reading.exclusions)
    lost = [entry.reason for entry in found.refused if entry not in rules.refused]
    if lost:
        raise click.UsageError("\n".join(map(printable, lost)))
    return found


def _zones(node: Node | None) -> Iterator[str]:
    """The zones that a condition names."""
    if isinstance(node, Not):
        yield from _zones(node.node)
    elif isinstance(node, Term):
        if node.field == "source.zone" and node.op == "equals":
            yield from (value for value in node.values if isinstance(value, str) and not set(value) & set("*?\\"))
    elif node is not None:
        for part in node.nodes:
            yield from _zones(part)
