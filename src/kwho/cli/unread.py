"""What could not be read of the input: said on standard error, and told by the exit code."""

import click

from kwho.cli.codes import UNREADABLE
from kwho.reports.problem import problem_lines
from kwho.reports.text import printable
from kwho.schema.result import Result


def unread(result: Result, *, quiet: bool = False) -> int:
    """`UNREADABLE`, and said why unless `quiet`; 0 when every input was read to its end."""
    found = [problem for problem in result.problems if problem.kind == "unreadable"]
    if not quiet:
        for line in problem_lines(found, result.input.unreadable):
            click.echo(printable(f"PROBLEM  {line}"), err=True)
    return UNREADABLE if result.input.unreadable else 0
