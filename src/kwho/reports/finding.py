"""One finding in full: what is claimed, why, what proves it, where it stands, and the raw events as they were found."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from kwho.detect.rule import Correlation, Rule
from kwho.reports.pen import BLANK, Line, Pen, Style
from kwho.reports.scan import ScanDocument
from kwho.reports.words import (
    address,
    counted,
    doer,
    interval,
    kind_of,
    name_of,
    number,
    object_of,
    severity_word,
)
from kwho.schema.finding import Citation, Evidence, Finding, encodable
from kwho.views.secrets import mask_record

CITED: Final = 20
"""Citations shown; the rest is counted. The machine formats list up to 1,000."""
RAW: Final = 100_000
"""Characters of one raw event that are shown."""


def finding_sheet(
    finding: Finding,
    pen: Pen,
    scan: ScanDocument,
    *,
    raw: Mapping[Citation, str] | None = None,
    reveal: bool = False,
) -> Iterator[Line]:
    """Every line about one finding of a document; `raw` gives the text of cited events, masked unless `reveal`."""
    rule, incident = scan.rules.get(finding.rule.id), scan.belonging.get(finding.id)
    yield pen.rule(f"{severity_word(finding.severity)}  {finding.id}")
    yield from pen.wrap("", finding.title, hang=0, style="bold")
    yield from _claim(finding, pen, incident)
    yield BLANK
    yield from _listed("why", finding.reasons, pen)
    evidence = (f"{item.clause}: {item.field} = {shown_value(item)}" for item in finding.evidence)
    yield from _listed("evidence", evidence, pen)
    if rule is not None:
        yield from _explained(rule, pen)
    yield BLANK
    yield from _citations(finding, raw or {}, pen, reveal)
    yield BLANK
    commands = [scan.asked.story(incident)] if incident else []
    for at, command in enumerate([*commands, scan.asked.rule(finding.rule.id)]):
        yield pen.command("" if at else "next:", command, hang=6, style="bold")


def shown_value(item: Evidence) -> str:
    """The value of an evidence in one line of text."""
    if isinstance(item.value, tuple):
        return ", ".join(_scalar(part) for part in item.value) or "(empty)"
    return _scalar(item.value)


def position(citation: Citation) -> str:
    """`file:line:offset`, and the number of the event within the record when it is not the first."""
    where = f"{citation.file}:{citation.line}:{citation.offset}"
    return f"{where}#{citation.index}" if citation.index else where


def _scalar(value: str | int | bool | None) -> str:
    if value is None:
        return "(absent)"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _claim(finding: Finding, pen: Pen, incident: str | None) -> Iterator[Line]:
    requests = f"{counted(finding.count, 'request')} in {counted(finding.events_total, 'event')}"
    for label, text in (
        ("who", f"{doer(finding)} ({kind_of(finding.principal)})"),
        ("groups", ", ".join(finding.principal.groups)),
        ("from", address(finding.source.ip, finding.source.claimed)),
        ("agent", finding.source.user_agent or ""),
        ("what", object_of(finding)),
        ("uri", finding.target.uri or ""),
        ("outcome", finding.outcome or "outcomes differ"),
        ("when", f"{interval(finding.time)}, {requests}"),
        ("cluster", finding.cluster or ""),
        ("rule", f"{finding.rule.title} ({finding.rule.id})"),
        ("catalog", ", ".join((*finding.rule.detections, *finding.rule.tags))),
        ("incident", incident or ""),
    ):
        if text:
            yield from pen.wrap(label, text, hang=10, mark="dim")


def _explained(rule: Rule | Correlation, pen: Pen) -> Iterator[Line]:
    yield BLANK
    if rule.description:
        yield from pen.wrap("about", " ".join(rule.description.split()), hang=10, mark="dim")
    for label, texts in (
        ("honest", rule.falsepositives),
        ("not seen", rule.blind_spots),
        ("do", rule.response),
    ):
        yield from _listed(label, (" ".join(text.split()) for text in texts), pen, mark="dim")


def _listed(label: str, texts: Iterable[str], pen: Pen, mark: Style = "bold") -> Iterator[Line]:
    """Texts below each other, the label beside the first."""
    for at, text in enumerate(texts):
        yield from pen.wrap("" if at else label, text, hang=10, mark=mark)


def _citations(finding: Finding, raw: Mapping[Citation, str], pen: Pen, reveal: bool) -> Iterator[Line]:
    for citation in finding.events[:CITED]:
        text = f"{position(citation)}  {citation.stage or 'stage unknown'}  {name_of(citation.audit_id)}"
        yield from pen.wrap("event", text, hang=10)
        if citation in raw:
            yield from _raw(raw[citation], pen, reveal)
    if (hidden := finding.events_total - min(CITED, len(finding.events))) > 0:
        yield from pen.wrap("", f"… and {number(hidden)} more", hang=10, style="dim")


def _raw(text: str, pen: Pen, reveal: bool) -> Iterator[Line]:
    shown = encodable(text if reveal else mask_record(text))[:RAW]  # cut last: half a record hides from the masks
    yield from pen.whole(shown, 10, "dim")
    if len(text) > RAW:
        yield from pen.wrap("", f"… ({number(len(text))} characters)", hang=10, style="dim")
