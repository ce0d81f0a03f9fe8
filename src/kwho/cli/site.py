"""The option `--site`: what the user knows of the own site, read before any log."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kwho.detect.health import OF_SITE, SITE
from kwho.detect.rule import RuleSet
from kwho.errors import MissingExtraError
from kwho.fields import find
from kwho.query.ast import Node, Not, Term
from kwho.reports.text import printable
from kwho.schema.site import Site

if TYPE_CHECKING:
    from kwho.detect.site import Reading

OPTION = click.option(
    "--site", type=click.Path(path_type=Path), help="A file of what you know: zones, people, lists, exclusions."
)


def read(path: Path | None, where: Node | None, *, quiet: bool = False) -> "Reading | None":
    """The site of a file; all that is wrong with it, and what a query asks of it in vain, is a usage error."""
    if path is None:
        _check_told(where, frozenset())
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
    _check_told(where, reading.site.parts)
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


def _check_told(where: Node | None, parts: frozenset[str]) -> None:
    """Refuse a query on a field that the site does not tell: it would select nothing, and not say why."""
    for term in _terms(where):
        needs = find(term.field).needs if term.field else ()
        untold = [need.removeprefix(SITE) for need in needs if need.startswith(SITE) and need not in parts]
        if untold:
            raise click.UsageError(f"{term.field} needs {OF_SITE}{untold[0]}: --site FILE")


def _zones(node: Node | None) -> Iterator[str]:
    """The zones that a condition names."""
    for term in _terms(node):
        if term.field == "source.zone" and term.op == "equals":
            yield from (value for value in term.values if isinstance(value, str) and not set(value) & set("*?\\"))


def _terms(node: Node | None) -> Iterator[Term]:
    if isinstance(node, Not):
        yield from _terms(node.node)
    elif isinstance(node, Term):
        yield node
    elif node is not None:
        for part in node.nodes:
            yield from _terms(part)
