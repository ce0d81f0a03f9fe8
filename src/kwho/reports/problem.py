"""Records that did not become events, and files without any, in the same words on every screen."""

from collections.abc import Iterator, Sequence
from typing import Final

from kwho.reports.words import counted
from kwho.schema.ledger import Problem

STOPPED: Final = "the scan was stopped before its end"
"""What every command says when an interrupt has cut it short."""
SO_FAR: Final = f"{STOPPED}; what stands here is about the part that was read"
"""The same above an answer."""
SHOWN: Final = 5
"""Problems that a screen names; the rest is counted."""


def place(problem: Problem) -> str:
    """Where it stands: `file:line:byte`, or the path of what could not be read at all."""
    return f"{problem.file}:{problem.line}:{problem.offset}" if problem.line else problem.file


def problem_line(problem: Problem) -> str:
    """`audit.log:17:23450  truncated: beyond the record cap`; a path is hostile text."""
    return f"{place(problem)}  {problem.kind}: {problem.reason}"


def barren_line(path: str, records: int) -> str:
    """`kubelet.log: no audit event among 8 records`."""
    told = f"no audit event among {counted(records, 'record')}" if records > 1 else "no audit event in it"
    return f"{path}: {told}"


def barren_lines(files: Sequence[tuple[str, int]], every: int) -> Iterator[str]:
    """The first files without any audit event, with their records, and how many there are beyond them of `every`."""
    yield from (barren_line(path, records) for path, records in files[:SHOWN])
    more = every - min(len(files), SHOWN)
    if more > 0:
        yield f"… and {counted(more, 'more file without any audit event', 'more files without any audit event')}"


def problem_lines(problems: Sequence[Problem], every: int) -> Iterator[str]:
    """The first problems, and how many there are beyond them of `every`."""
    yield from map(problem_line, problems[:SHOWN])
    more = every - min(len(problems), SHOWN)
    if more > 0:
        yield f"… and {counted(more, 'more record that could not be read', 'more records that could not be read')}"
