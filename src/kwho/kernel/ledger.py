"""The ledger of the answer: what became of every record, by file and in total, and where the rejected ones stand."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from kwho.kernel.columns import Copies
from kwho.kernel.partial import PROBLEMS, Partial, PartKey
from kwho.schema.ledger import Counts, FileReport, Problem

SHOWN_PROBLEMS: Final = 1_000
"""Rejected records shown with their position in all."""


class InputFile(NamedTuple):
    """One input as the runner found it; `unreadable` tells why it, or the rest of it, could not be read."""

    path: str
    bytes: int = 0
    unreadable: str | None = None


def file_reports(
    partial: Partial, files: Sequence[InputFile], copies: Copies, order: list[PartKey]
) -> list[FileReport]:
    """The ledger, file by file, in the order of discovery."""
    counts = [Counts() for _ in files]
    formats: list[Counter[str]] = [Counter() for _ in files]
    ends = [0] * len(files)
    for place, key in enumerate(order):
        facts, count = partial.parts[key], counts[key.file]
        duplicates = copies.dropped[place].total()
        count.records += facts.records
        count.duplicates += duplicates
        count.events += facts.decoded - duplicates - facts.filtered
        count.truncated += facts.rejected["truncated"]
        count.malformed += facts.rejected["malformed"]
        count.filtered += facts.rejected["filtered"] + facts.filtered
        count.unreadable += facts.rejected["unreadable"]
        _tell(count, "not_audit", facts.rejected["filtered"])
        _tell(count, "user", facts.filtered)
        formats[key.file].update(facts.formats)
        ends[key.file] = max(ends[key.file], facts.end)
    for number, (count, file) in enumerate(zip(counts, files, strict=True)):
        count.requests = copies.requests[number]
        if file.unreadable is not None:
            count.records += 1
            count.unreadable += 1
    return [
        FileReport(path=file.path, format=_formats(found), counts=count, bytes=end)
        for file, found, count, end in zip(files, formats, counts, ends, strict=True)
    ]


def _tell(count: Counts, reason: str, records: int) -> None:
    if records:
        count.filtered_by = {**count.filtered_by, reason: count.filtered_by.get(reason, 0) + records}


def _formats(found: Counter[str]) -> str | None:
    return "+".join(name for name, _ in sorted(found.items(), key=lambda item: (-item[1], item[0]))) or None


def total(files: list[FileReport]) -> Counts:
    """The sums over all files."""
    total = Counts()
    for file in files:
        for name in ("records", "events", "requests", "duplicates", "truncated", "malformed", "filtered", "unreadable"):
            setattr(total, name, getattr(total, name) + getattr(file.counts, name))
        for reason, records in file.counts.filtered_by.items():
            _tell(total, reason, records)
    return total


def problems(partial: Partial, files: Sequence[InputFile], order: list[PartKey]) -> tuple[Problem, ...]:
    """Where rejected records stand: first why inputs could not be read to their end, at last what was no event."""
    causes: list[tuple[int, Problem]] = []
    found: list[Problem] = []
    lines: Counter[int] = Counter()
    shown = Counter((key.file, facts.cause.kind) for key in order if (facts := partial.parts[key]).cause is not None)
    for key in order:
        facts, before = partial.parts[key], lines[key.file]
        if facts.cause is not None:
            causes.append((key.file, msgspec.structs.replace(facts.cause, line=facts.cause.line + before)))
        for problem in facts.problems:
            shown[key.file, problem.kind] += 1
            if shown[key.file, problem.kind] <= PROBLEMS:
                found.append(msgspec.structs.replace(problem, line=problem.line + before))
        lines[key.file] += facts.lines
    causes += [
        (number, Problem("unreadable", file.unreadable, file.path, 0, 0))
        for number, file in enumerate(files)
        if file.unreadable is not None
    ]
    causes.sort(key=lambda cause: cause[0])
    found.sort(key=lambda problem: problem.kind == "filtered")
    return (*(cause for _, cause in causes), *found)[:SHOWN_PROBLEMS]
