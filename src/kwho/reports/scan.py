"""What a scan says to a person: findings ranked and grouped by principal, and the sentences reports begin with."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from kwho.detect.rule import Correlation, Rule
from kwho.link.trace import claim
from kwho.profile.gaps import in_words
from kwho.reports.command import Asked, Option
from kwho.reports.mask import masked, sound
from kwho.reports.servers import unnamed
from kwho.reports.words import counted, doer, excluded_by, interval, moment, number, object_of
from kwho.schema.finding import SEVERITIES, Finding, PrincipalKind, Severity, Span
from kwho.schema.ledger import Counts, FileReport, Gap, Problem
from kwho.schema.moment import LATEST, format_moment
from kwho.schema.result import Result

LEDGER: Final = ("events", "duplicates", "truncated", "malformed", "filtered", "unreadable")
"""The six things a record can be, in the order every report names them."""


DIFFERS: Final = "outcomes differ"
UNTIMED: Final = "events without a believable time"
_LATEST: Final = format_moment(LATEST)
"""Behind all times of findings, which are written alike, so that as texts they are in order."""
_NOUNS: Final = {"events": "event", "duplicates": "duplicate"}


class Group(msgspec.Struct, frozen=True):
    """The findings about one principal in one cluster, most severe first, with how many rules they come from."""

    user: str | None
    kind: PrincipalKind
    cluster: str | None
    severity: Severity
    rules: int
    span: Span
    findings: tuple[Finding, ...]


class Row(msgspec.Struct, frozen=True):
    """The findings of one rule about one principal, which differ only in target, peer, outcome or hour."""

    findings: tuple[Finding, ...]
    count: int
    targets: int
    outcome: str
    span: Span

    @property
    def top(self) -> Finding:
        """The first of them in order of rank."""
        return self.findings[0]


class ScanDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One scan, ready for every report and encoding; `result` is sound, and masked unless it was revealed.

    `ranked` holds every finding once: by severity, then the number of distinct rules of its principal, then time, then
    what it claims. `groups` holds the same findings by principal. `rules` explains rules by id, as far as they were
    handed in.
    """

    result: Result
    ranked: tuple[Finding, ...]
    groups: tuple[Group, ...]
    severities: dict[Severity, int]
    headline: str
    sentences: tuple[str, ...]
    barren: tuple[FileReport, ...]
    """Files that were read, and in which no record was an audit event."""
    problems: tuple[Problem, ...]
    """The problems of the result, what was lost before what was only filtered."""
    gaps: tuple[Gap, ...]
    """The gaps of the result, with the names of API servers as people are told them."""
    silent: tuple[Gap, ...]
    """Gaps that last until the log ends: API servers that went silent."""
    next: str
    """One command that goes on from here."""
    asked: Asked = Asked()
    command: str | None = None
    rules: Mapping[str, Rule | Correlation] = {}
    belonging: Mapping[str, str] = {}
    """The incident of each finding that belongs to one, by ids."""


def scan_document(
    result: Result,
    *,
    paths: Iterable[str] = (),
    options: Iterable[Option] = (),
    command: str | None = None,
    rules: Iterable[Rule | Correlation] = (),
    reveal: bool = False,
) -> ScanDocument:
    """The document of a scan; secrets are masked unless `reveal`.

    `paths`, `options` and `command` are what the user typed; of the options those that decide the answer.
    """
    asked = Asked(tuple(paths), tuple(options))
    shown = sound(result) if reveal else masked(result)
    breadth = _breadth(shown.findings)
    ranked = tuple(sorted(shown.findings, key=lambda finding: _rank(finding, breadth)))
    groups = _groups(ranked)
    gaps = in_words(shown.gaps, unnamed(shown))
    return ScanDocument(
        result=msgspec.structs.replace(shown, findings=ranked),
        ranked=ranked,
        groups=groups,
        severities={level: _at(ranked, level) for level in reversed(SEVERITIES)},
        headline=_headline(shown, ranked, groups),
        sentences=tuple(_sentences(shown)),
        barren=tuple(file for file in shown.files if _barren(file.counts)),
        problems=tuple(sorted(shown.problems, key=lambda problem: problem.kind == "filtered")),
        gaps=gaps,
        silent=tuple(gap for gap in gaps if shown.span.last is not None and gap.to >= shown.span.last),
        next=_next(shown, ranked, asked),
        asked=asked,
        command=None if command is None else sound(command),
        rules={rule.id: rule for rule in rules},
        belonging={finding: incident.id for incident in shown.incidents for finding in incident.findings},
    )


def telling(groups: tuple[Group, ...]) -> int:
    """How many of the ranked groups are told one by one; the rest, less grave, is told by rule.

    Where something is at least medium, what is low waits; else where something is low, what is informational waits.
    """
    levels = [SEVERITIES.index(group.severity) for group in groups]
    least = min(max(levels, default=0), SEVERITIES.index("medium"))
    return sum(1 for level in levels if level >= least) if least else len(levels)


def rows(findings: Iterable[Finding]) -> tuple[Row, ...]:
    """Ranked findings, those of the same rule and severity together, where the first of them stood."""
    same: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        same.setdefault((finding.rule.id, finding.severity, finding.title), []).append(finding)
    return tuple(_row(tuple(found)) for found in same.values())


def ledger_terms(counts: Counts) -> tuple[tuple[str, int], ...]:
    """What the records became, in words and counts; the parts sum to `records` when the ledger reconciles."""
    return tuple((name, getattr(counts, name)) for name in LEDGER)


def ledger_line(counts: Counts) -> str:
    """`12 records = 9 events + 1 duplicate + 0 truncated …`."""
    terms = " + ".join(
        f"{number(count)} {_NOUNS.get(name, name) if count == 1 else name}" for name, count in ledger_terms(counts)
    )
    return f"{counted(counts.records, 'record')} = {terms}"


def verdict_of(result: Result) -> tuple[bool, str]:
    """Whether the ledger can be believed and says something, and that in words."""
    counts = result.input
    if not counts.records:
        return False, f"no record in {counted(len(result.files), 'file')}" if result.files else "no record at all"
    if counts.unreadable == counts.records:
        return False, "nothing was read"
    if counts.reconciles:
        return True, "reconciles: every record is accounted for"
    return False, "DOES NOT RECONCILE: the parts have another sum than the records"


def lack_of(result: Result) -> str:
    """Why no rule had anything to look at; empty when there were events."""
    counts = result.input
    if counts.events:
        return ""
    if counts.records and counts.records == counts.unreadable:
        return "nothing was read"
    if left := counts.filtered_by.get("user", 0):
        return f"no event is as asked, {counted(left, 'other')} left out"
    return "no audit event in the input"


def title_of(rule: str, scan: ScanDocument) -> str:
    """The title of a rule, or its id when only that is known."""
    return scan.rules[rule].title if rule in scan.rules else rule


def health_line(result: Result) -> str:
    """`131 active (2 of them in part) · 9 blind · 3 unknown · 0 invalid`."""
    health = result.rules
    partly = len({item.rule for item in result.partly_blind})
    told = f" ({partly} of them in part)" if partly else ""
    return f"{health.active} active{told} · {health.blind} blind · {health.unknown} unknown · {health.invalid} invalid"


def _barren(counts: Counts) -> bool:
    """True for what was opened and held no audit event, not even one that the user's filter left out."""
    opened = not counts.records or counts.records != counts.unreadable
    return opened and not (counts.events or counts.duplicates or counts.filtered_by.get("user"))


Breadth = dict[tuple[str | None, str | None], set[str]]


def _owner(finding: Finding) -> tuple[str | None, str | None]:
    return finding.cluster, finding.principal.user


def _breadth(findings: Iterable[Finding]) -> Breadth:
    rules: Breadth = {}
    for finding in findings:
        rules.setdefault(_owner(finding), set()).add(finding.rule.id)
    return rules


def _rank(finding: Finding, breadth: Breadth) -> tuple[int, int, str, tuple[str | int, ...]]:
    return -_level(finding), -len(breadth[_owner(finding)]), finding.time.first or _LATEST, claim(finding)


def _level(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity)


def _groups(ranked: tuple[Finding, ...]) -> tuple[Group, ...]:
    found: dict[tuple[str | None, str | None], list[Finding]] = {}
    for finding in ranked:
        found.setdefault(_owner(finding), []).append(finding)
    return tuple(_group(findings) for findings in found.values())


def _row(findings: tuple[Finding, ...]) -> Row:
    outcomes = {finding.outcome for finding in findings}
    return Row(
        findings=findings,
        count=sum(finding.count for finding in findings),
        targets=len({object_of(finding) for finding in findings}),
        outcome=(findings[0].outcome if len(outcomes) == 1 else None) or DIFFERS,
        span=_span(findings),
    )


def _span(findings: Iterable[Finding]) -> Span:
    times = [finding.time for finding in findings]
    return Span(
        first=min((time.first for time in times if time.first), default=None),
        last=max((time.last for time in times if time.last), default=None),
    )


def _group(findings: list[Finding]) -> Group:
    top = findings[0]
    return Group(
        user=top.principal.user,
        kind=top.principal.kind,
        cluster=top.cluster,
        severity=top.severity,
        rules=len({finding.rule.id for finding in findings}),
        span=_span(findings),
        findings=tuple(findings),
    )


def _at(ranked: tuple[Finding, ...], level: Severity) -> int:
    return sum(1 for finding in ranked if finding.severity == level)


def _headline(result: Result, ranked: tuple[Finding, ...], groups: tuple[Group, ...]) -> str:
    health = result.rules
    if not ranked and (lack := lack_of(result)):
        return f"{lack}, so nothing could be found"
    if not ranked and result.incidents:
        return f"{counted(len(result.incidents), 'incident')}; no finding is as grave as was asked for"
    if not ranked:
        looked = counted(health.active, "rule")
        refused = f", {health.invalid} invalid" if health.invalid else ""
        return f"nothing found; {looked} looked, {health.blind} blind, {health.unknown} unknown{refused}"
    top, incidents = ranked[0], result.incidents
    told = f"{counted(len(incidents), 'incident')} in " if incidents else ""
    found = f"{told}{counted(len(ranked), 'finding')} about {counted(len(groups), 'principal')}"
    graver = bool(incidents) and SEVERITIES.index(incidents[0].severity) > _level(top)
    most = f"the gravest incident is {incidents[0].severity}, the gravest finding" if graver else "the gravest is"
    return f"{found}; {most} {top.severity}: {top.title}, by {doer(top)}"


def _sentences(result: Result) -> Iterable[str]:
    counts, health = result.input, result.rules
    if not result.complete:
        yield "The scan did not finish: everything below is about what was read until it stopped."
    if not counts.records:
        yield "The input holds no record at all, so this report says nothing about the cluster."
    elif counts.unreadable == counts.records:
        yield "Nothing was read, so this report says nothing about the cluster."
        return
    elif counts.reconciles:
        yield f"The input reconciles: each of {counted(counts.records, 'record')} is accounted for."
    else:
        yield f"The input does not reconcile: {counted(counts.records, 'record')} read, the parts have another sum."
    if counts.records and (lack := lack_of(result)):
        yield f"{lack[:1].upper()}{lack[1:]}: no rule had anything to look at."
    if lost := counts.truncated + counts.malformed + counts.unreadable:
        yield f"{counted(lost, 'record')} could not be read; what stood there is unknown."
    yield (
        f"{counted(health.active, 'rule')} could look at this log. Blind, because the log does not record what they "
        f"need: {health.blind}. Unknown, because nobody did in it what they look for: {health.unknown}."
    )
    yield from _source_sentences(result)


def _source_sentences(result: Result) -> Iterable[str]:
    if result.gaps:
        named = ", ".join(f"{moment(g.from_)} to {moment(g.to)}" for g in result.gaps[:3])
        more = f" and {len(result.gaps) - 3} more" if len(result.gaps) > 3 else ""
        yield f"The log falls silent {counted(len(result.gaps), 'time')}: {named}{more}. What happened then is unknown."
    if result.excluded.findings:
        yield f"{excluded_by(result.excluded)}."
    if result.span.first is not None:
        yield f"The log spans {interval(result.span)}; nothing is claimed about the time before it."
    if result.statistics.unknown_time:
        events = counted(result.statistics.unknown_time, "event without a believable time", UNTIMED)
        yield f"Outside of the span: {events}."


def _next(result: Result, ranked: tuple[Finding, ...], asked: Asked) -> str:
    if not result.input.events and not result.input.duplicates:
        return "kwho scan --help" if result.complete else asked.again()
    if result.incidents:
        return asked.story(result.incidents[0].id)
    if ranked:
        return asked.show(ranked[0].id)
    if result.rules.blind or result.rules.unknown:
        return asked.blind()
    return asked.page()
