"""What could not be read of the input: said on standard error, and told by the exit code."""

from typing import Final

import click

from kwho.reports.problem import problem_lines
from kwho.reports.text import printable
from kwho.schema.result import Result

UNREADABLE: Final = 3
"""The exit code when an input, or the rest of one, could not be read: the answer is about less than was asked."""


def unread(result: Result, *, quiet: bool = False) -> int:
    """`UNREADABLE`, and said why unless `quiet`; 0 when every input was read to its end."""
    found = [problem for problem in result.problems if problem.kind == "unreadable"]
    if not quiet:
        for line in problem_lines(found, result.input.unreadable):
            click.echo(printable(f"PROBLEM  {line}"), err=True)
    return UNREADABLE if result.input.unreadable else 0
