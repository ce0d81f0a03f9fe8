"""The last object of the JSON outputs: the ledger, the health of the rules, and everything that could not be known."""

import msgspec

from kwho.schema.finding import Span
from kwho.schema.ledger import Counts, FileReport, Gap, Problem
from kwho.schema.result import Blind, Excluded, Result, RuleHealth, Statistics


class FileSummary(msgspec.Struct, kw_only=True):
    """One input file and its own ledger, flat."""

    path: str
    format: str | None
    bytes: int
    records: int
    events: int
    requests: int
    duplicates: int
    truncated: int
    malformed: int
    filtered: int
    unreadable: int
    filtered_by: dict[str, int]


class ProblemSummary(msgspec.Struct, kw_only=True):
    """One record that did not become an event, with every key present."""

    kind: str
    reason: str
    file: str
    line: int
    offset: int
    index: int
    audit_id: str | None
    excerpt: str


class Summary(msgspec.Struct, tag_field="type", tag="summary", kw_only=True):
    """The one summary object of a scan; keys may be added, none removed."""

    schema_version: int = 1
    complete: bool
    input: Counts
    files: tuple[FileSummary, ...]
    problems: tuple[ProblemSummary, ...]
    span: Span
    gaps: tuple[Gap, ...]
    instances: tuple[str | None, ...]
    clusters: tuple[str | None, ...]
    formats: tuple[str, ...]
    rules: RuleHealth
    blind: tuple[Blind, ...]
    partly_blind: tuple[Blind, ...]
    unknown: tuple[str, ...]
    excluded: Excluded
    versions: dict[str, str]
    statistics: Statistics
    notes: tuple[str, ...]


def summary(result: Result) -> Summary:
    """The summary object of a result."""
    return Summary(
        complete=result.complete,
        input=result.input,
        files=tuple(_file(report) for report in result.files),
        problems=tuple(_problem(problem) for problem in result.problems),
        span=result.span,
        gaps=result.gaps,
        instances=result.instances,
        clusters=result.clusters,
        formats=result.formats,
        rules=result.rules,
        blind=result.blind,
        partly_blind=result.partly_blind,
        unknown=result.unknown,
        excluded=result.excluded,
        versions=result.versions,
        statistics=result.statistics,
        notes=result.notes,
    )


def _file(report: FileReport) -> FileSummary:
    return FileSummary(
        path=report.path, format=report.format, bytes=report.bytes, **msgspec.structs.asdict(report.counts)
    )


def _problem(problem: Problem) -> ProblemSummary:
    return ProblemSummary(**msgspec.structs.asdict(problem))
