"""One finding on a page: what is claimed in one line, and the proof when it is opened."""

from collections.abc import Mapping
from typing import Final

from kwho.detect.rule import Correlation, Rule
from kwho.reports.finding import position, shown_value
from kwho.reports.markup import Html, element, table
from kwho.reports.scan import DIFFERS, Row
from kwho.reports.words import address, counted, doer, interval, kind_of, moment, number, object_of
from kwho.schema.finding import Finding, Span

CITED: Final = 20
"""Citations of one finding on a page; the rest is counted."""


def row_entry(row: Row, rules: Mapping[str, Rule | Correlation]) -> Html:
    """One finding, or several of one rule behind one line."""
    top = row.top
    rule = rules.get(top.rule.id)
    if len(row.findings) == 1:
        return finding_entry(top, rule)
    text = f"×{number(row.count)} · {len(row.findings)} findings on {counted(row.targets, 'target')} · {row.outcome}"
    line = _line(top, text, row.span)
    return element("details", line, *(finding_entry(finding, rule) for finding in row.findings), class_="finding many")


def finding_entry(finding: Finding, rule: Rule | Correlation | None) -> Html:
    """The finding as a line that opens."""
    text = f"×{number(finding.count)} · {object_of(finding)} · {finding.outcome or DIFFERS}"
    line = _line(finding, text, finding.time)
    reasons = [element("ul", *(element("li", reason) for reason in finding.reasons), class_="why")]
    return element(
        "details",
        line,
        *(reasons if finding.reasons else []),
        *_about(rule),
        _facts(finding),
        _evidence(finding),
        _citations(finding),
        class_="finding",
        id=finding.id,
    )


def _line(finding: Finding, text: str, span: Span) -> Html:
    return element(
        "summary",
        element("span", finding.severity, class_=f"badge s-{finding.severity}"),
        element("strong", finding.title),
        element("span", interval(span), class_="when"),
        element("span", text, class_="target"),
    )


def _about(rule: Rule | Correlation | None) -> list[Html]:
    if rule is None:
        return []
    told = [element("p", " ".join(rule.description.split()))] if rule.description else []
    for label, texts in (
        ("Honest causes", rule.falsepositives),
        ("Not seen", rule.blind_spots),
        ("What to do", rule.response),
    ):
        if texts:
            told.append(element("p", element("b", label)))
            told.append(element("ul", *(element("li", " ".join(text.split())) for text in texts)))
    return told


def _facts(finding: Finding) -> Html:
    catalog = ", ".join((*finding.rule.detections, *finding.rule.tags))
    facts = [
        ("who", f"{doer(finding)} ({kind_of(finding.principal)})"),
        ("groups", ", ".join(finding.principal.groups)),
        ("from", address(finding.source.ip, finding.source.claimed)),
        ("agent", finding.source.user_agent or ""),
        ("what", object_of(finding)),
        ("uri", finding.target.uri or ""),
        ("when", f"{moment(finding.time.first)} to {moment(finding.time.last)}"),
        ("how often", f"{counted(finding.count, 'request')}, {counted(finding.events_total, 'event')}"),
        ("cluster", finding.cluster or ""),
        ("rule", f"{finding.rule.title} ({finding.rule.id})"),
        ("catalog", catalog),
        ("id", finding.id),
    ]
    pairs = [element("div", element("dt", name), element("dd", value)) for name, value in facts if value]
    return element("dl", *pairs, class_="facts")


def _evidence(finding: Finding) -> Html:
    rows = [(item.clause, item.field, shown_value(item)) for item in finding.evidence]
    return table("Evidence", ("clause", "field", "found"), rows)


def _citations(finding: Finding) -> Html:
    rows = [(position(cited), cited.stage or "", cited.audit_id or "") for cited in finding.events[:CITED]]
    hidden = finding.events_total - len(rows)
    more = f" ({number(hidden)} more are not listed here)" if hidden > 0 else ""
    return table(f"Events that prove it{more}", ("file:line:byte", "stage", "audit id"), rows)
