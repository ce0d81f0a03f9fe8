"""Incidents on a screen: in short among what matters, and one in full as a story that a person can read."""

from collections.abc import Iterator, Mapping
from typing import Final

from kwho.reports.finding import position
from kwho.reports.pen import BLANK, Cell, Line, Pen
from kwho.reports.words import counted, interval, moment, name_of, number, severity_word
from kwho.schema.finding import Finding
from kwho.schema.incident import Incident, Step

PRINCIPALS: Final = 6
"""Identities named in the short form."""
CITED: Final = 3
"""Events cited per step on a screen; the machine formats cite up to 50."""


def incident_brief(incident: Incident, pen: Pen) -> Iterator[Line]:
    """An incident among others: how grave, who, what, when, and how to read on."""
    head = f"{severity_word(incident.severity)} {incident.score}"
    yield BLANK
    for at, (text, style) in enumerate(((incident.title, "bold"), (_chain(incident), ""), (_sums(incident), "dim"))):
        label = "" if at else head
        mark = incident.severity if not at else "bold"
        yield from pen.wrap(label, text, hang=14, style=style, mark=mark)  # type: ignore[arg-type]  # all are styles


def story_sheet(incident: Incident, pen: Pen, findings: Mapping[str, Finding] | None = None) -> Iterator[Line]:
    """Every line of a story; `findings` by id tell the rules behind its steps."""
    yield pen.rule(f"{severity_word(incident.severity)} {incident.score}  {incident.id}")
    yield from pen.wrap("", incident.title, hang=0, style="bold")
    facts = (
        ("who", _chain(incident)),
        ("when", f"{interval(incident.time)}, {counted(incident.findings_total, 'finding')}"),
        ("tactics", " → ".join(incident.tactics)),
        ("cluster", incident.cluster or ""),
    )
    for label, text in facts:
        if text:
            yield from pen.wrap(label, text, hang=10, mark="dim")
    yield BLANK
    for step in incident.story:
        yield from _step(step, pen, findings or {})
    yield from _rest(incident, pen)
    yield from _reasons(incident, pen)
    for label, texts in (("not seen", incident.unseen), ("doubt", incident.doubts), ("contain", incident.advice)):
        yield from [BLANK] if texts else []
        for at, text in enumerate(texts):
            yield from pen.wrap("" if at else label, f"· {text}", hang=10)


def steps_left_out(incident: Incident) -> int:
    """Findings of the incident that no step of its story is about."""
    told = {finding for step in incident.story for finding in step.findings}
    return max(0, incident.findings_total - len(told))


def _chain(incident: Incident) -> str:
    named = " → ".join(name_of(user) for user in incident.principals[:PRINCIPALS])
    more = len(incident.principals) - PRINCIPALS
    return f"{named} and {number(more)} more" if more > 0 else named


def _sums(incident: Incident) -> str:
    steps = counted(len(incident.story), "step")
    return (
        f"{interval(incident.time)} · {counted(incident.findings_total, 'finding')} · {steps}: kwho story {incident.id}"
    )


def _step(step: Step, pen: Pen, findings: Mapping[str, Finding]) -> Iterator[Line]:
    yield pen.cells(
        [
            Cell(moment(step.time), 21, "bold"),
            Cell(severity_word(step.severity), 8, step.severity),
            Cell(" ".join(step.tactics), 0, "dim"),
        ]
    )
    yield from pen.wrap("", step.text, hang=4)
    shown = ", ".join(f"{position(cited)} {name_of(cited.audit_id)}" for cited in step.events[:CITED])
    more = step.events_total - min(CITED, len(step.events))
    proof = f"{shown} and {number(more)} more" if more > 0 else shown
    named = findings.get(step.finding)
    rule = f"{step.finding} ({named.rule.id}) · " if named is not None else f"{step.finding} · "
    yield from pen.wrap("", f"{rule}{proof}", hang=4, style="dim")


def _rest(incident: Incident, pen: Pen) -> Iterator[Line]:
    left = steps_left_out(incident)
    if left:
        yield from pen.wrap("", f"… and {counted(left, 'more finding')} of less weight", hang=4, style="dim")


def _reasons(incident: Incident, pen: Pen) -> Iterator[Line]:
    yield BLANK
    for at, weight in enumerate(incident.weights):
        yield from pen.wrap("" if at else f"why {incident.score}", f"{weight.points:>3} {weight.text}", hang=10)
    for at, bond in enumerate(incident.bonds):
        yield from pen.wrap("" if at else "linked", f"{bond.kind}: {bond.text}", hang=10, style="dim")
