"""The scan as Markdown for a ticket: the content of the screen, with every hostile text inside a code span."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from kwho.reports.finding import position, shown_value
from kwho.reports.health import alike
from kwho.reports.markdown import code, plain
from kwho.reports.problem import place
from kwho.reports.scan import Group, ScanDocument, health_line, ledger_line, title_of, verdict_of
from kwho.reports.story import story
from kwho.reports.words import (
    NAMELESS,
    address,
    counted,
    excluded_by,
    interval,
    kind_of,
    name_of,
    number,
    object_of,
    severity_word,
    share,
)
from kwho.schema.finding import Finding, Span
from kwho.schema.result import Talker

INCIDENTS: Final = 20
"""Incidents of one ticket; the rest is counted."""
FINDINGS: Final = 200
"""Findings of one ticket; the rest is counted."""
PROVED: Final = 25
"""Findings whose proof is written out."""
ROWS: Final = 20
CITED: Final = 5


def ticket(scan: ScanDocument) -> Iterator[str]:
    """Every line of the ticket."""
    yield f"# {_capital(plain(scan.headline))}"
    yield ""
    if not scan.result.complete:
        yield "**This scan was stopped before its end.**"
        yield ""
    yield from (f"- {plain(sentence)}" for sentence in scan.sentences)
    yield from _ledger(scan)
    yield from _incidents(scan)
    yield from _findings(scan)
    yield from _proofs(scan)
    yield from _rules(scan)
    yield from _busy(scan)
    yield ""
    yield f"Next: {code(scan.next)}"
    versions = " · ".join(f"{name} {version}" for name, version in sorted(scan.result.versions.items()))
    yield from ["", plain(versions)] if versions else []


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _cell(text: str) -> str:
    return code(text, cell=True)


def _ledger(scan: ScanDocument) -> Iterator[str]:
    holds, verdict = verdict_of(scan.result)
    yield from ("", "## Can the log be believed?", "")
    yield f"{ledger_line(scan.result.input)} · {f'✔ {verdict}' if holds else f'✘ **{verdict}**'}"
    yield ""
    yield f"- span: {plain(interval(scan.result.span))}"
    for gap in scan.gaps[:ROWS]:
        silent = ", silent until the log ends" if gap in scan.silent else ""
        where = f" on {code(gap.instance)}" if gap.instance else ""
        yield f"- gap: {plain(interval(Span(gap.from_, gap.to)))}{where}{silent}"
    yield from (f"- no audit event in {code(file.path)}" for file in scan.barren[:ROWS])
    yield from (f"- recorded: {plain(sentence)}" for sentence in scan.result.statistics.policy[:ROWS])
    if scan.problems:
        rows = ((_cell(place(p)), plain(p.kind, cell=True), plain(p.reason, cell=True)) for p in scan.problems[:ROWS])
        yield from _table(("file:line:byte", "kind", "reason"), rows)
        yield from _rest(len(scan.problems) - ROWS, "problem")


def _rest(hidden: int, noun: str) -> list[str]:
    return ["", f"… and {counted(hidden, f'more {noun}')}"] if hidden > 0 else []


def _incidents(scan: ScanDocument) -> Iterator[str]:
    found = scan.result.incidents
    if found:
        yield from ("", "## What belongs together")
    listed = {finding.id for finding in scan.ranked}
    for incident in found[:INCIDENTS]:
        yield ""
        yield from story(incident, level=3, listed=listed)
    yield from _rest(len(found) - INCIDENTS, "incident")


def _findings(scan: ScanDocument) -> Iterator[str]:
    yield from ("", "## What matters")
    if not scan.ranked:
        yield from ("", f"{_capital(scan.headline)}.")
    room = FINDINGS
    for group in scan.groups:
        if room <= 0:
            break
        yield from _group(group, room)
        room -= len(group.findings)
    yield from _rest(len(scan.ranked) - FINDINGS, "finding")


def _group(group: Group, room: int) -> Iterator[str]:
    where = f" in {code(group.cluster)}" if group.cluster else ""
    yield from ("", f"### {code(name_of(group.user))}{where}")
    yield from _table(
        ("severity", "finding", "count", "target", "outcome", "when", "id"),
        (_row(finding) for finding in group.findings[:room]),
    )


def _row(finding: Finding) -> tuple[str, ...]:
    borrowed = f" as {_cell(name_of(finding.principal.impersonated.user))}" if finding.principal.impersonated else ""
    return (
        f"**{severity_word(finding.severity)}**",
        plain(finding.title, cell=True) + borrowed,
        number(finding.count),
        _cell(object_of(finding)),
        finding.outcome or "differs",
        plain(interval(finding.time), cell=True),
        _cell(finding.id),
    )


def _proofs(scan: ScanDocument) -> Iterator[str]:
    grave = [finding for finding in scan.ranked if finding.severity not in ("informational", "low")]
    if grave:
        yield from ("", "## The proof")
    for finding in grave[:PROVED]:
        yield from ("", f"### {code(finding.id)} {plain(finding.title)}", "")
        yield f"- who: {code(name_of(finding.principal.user))} ({kind_of(finding.principal)})"
        yield f"- from: {code(address(finding.source.ip, finding.source.claimed))}"
        if finding.source.user_agent:
            yield f"- agent: {code(finding.source.user_agent)}"
        yield from (f"- why: {plain(reason)}" for reason in finding.reasons)
        for item in finding.evidence:
            yield f"- evidence: {code(f'{item.clause}: {item.field} = {shown_value(item)}')}"
        yield from (f"- event: {code(position(cited))}" for cited in finding.events[:CITED])
        hidden = finding.events_total - min(CITED, len(finding.events))
        yield from [f"- … and {counted(hidden, 'more event')}"] if hidden > 0 else []
    yield from _rest(len(grave) - PROVED, "finding")


def _rules(scan: ScanDocument) -> Iterator[str]:
    yield from ("", "## What could be seen", "")
    yield f"Rules: {health_line(scan.result)}"
    for what, items in (("blind", scan.result.blind), ("partly blind", scan.result.partly_blind)):
        if items:
            found = alike(items)
            rows = (
                (
                    ", ".join(_cell(title_of(b.rule, scan)) for b in rules),
                    plain(needs, cell=True),
                    plain(cure, cell=True),
                )
                for (needs, _, cure), rules in islice(found.items(), ROWS)
            )
            yield from _table((what, "needs", "what helps"), rows)
            yield from _rest(len(found) - ROWS, "row")
    if scan.result.excluded.findings:
        yield from ("", plain(excluded_by(scan.result.excluded)))
    if scan.result.notes:
        yield ""
        yield from (f"- {plain(note)}" for note in scan.result.notes[:ROWS])


def _busy(scan: ScanDocument) -> Iterator[str]:
    statistics, events = scan.result.statistics, scan.result.input.events
    yield from ("", "## Who is busy")
    rows = [
        *_talkers("user", statistics.users, events),
        *_talkers("address", statistics.peers, events),
        *_talkers("resource", statistics.resources, events),
        *_talkers("outcome", statistics.outcomes, events),
    ]
    if rows:
        yield from _table(("what", "name", "events", "share"), rows)
    for label, count in (
        ("slow", statistics.slow),
        ("throttled", statistics.throttled),
        ("of deprecated APIs", statistics.deprecated),
    ):
        if count:
            yield from ("", f"{counted(count, 'request')} {label}")


def _talkers(label: str, talkers: tuple[Talker, ...], events: int) -> Iterator[tuple[str, ...]]:
    for talker in talkers[:5]:
        yield (label, _cell(name_of(talker.name, NAMELESS)), number(talker.events), share(talker.events, events))
