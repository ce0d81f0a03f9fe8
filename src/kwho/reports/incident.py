"""Incidents on a screen: in short among what matters, and one in full as a story that a person can read."""

from collections.abc import Iterator, Mapping
from typing import Final

from kwho.reports.finding import position
from kwho.reports.pen import BLANK, Cell, Line, Pen
from kwho.reports.problem import SO_FAR
from kwho.reports.words import counted, interval, moment, name_of, number, severity_word
from kwho.schema.finding import SEVERITIES, Finding
from kwho.schema.incident import Incident, Step

PRINCIPALS: Final = 6
"""Identities named in the short form."""
HEAD: Final = 30
"""Columns of the time and the severity of a step."""
CITED: Final = 3
"""Events cited per step on a screen; the machine formats cite up to 50."""
BELOW: Final = "below the severity shown"
"""Where the finding of a step is that was left out for its severity."""


def incident_brief(incident: Incident, pen: Pen, command: str) -> Iterator[Line]:
    """An incident among others: how grave, who, what, when, and the command that tells it in full."""
    head = f"{severity_word(incident.severity)} {incident.score}"
    yield BLANK
    yield from pen.wrap(head, incident.title, hang=14, style="bold", mark=incident.severity)
    if len(incident.principals) > 1:
        yield from pen.wrap("", _chain(incident), hang=14)
    sums = (interval(incident.time), counted(incident.findings_total, "finding"), counted(len(incident.story), "step"))
    yield from pen.wrap("", sums, hang=14, style="dim")
    yield pen.command("", command, hang=14)


def story_sheet(
    incident: Incident, pen: Pen, findings: Mapping[str, Finding] | None = None, going_on: str = ""
) -> Iterator[Line]:
    """Every line of a story; `findings` by id tell the rules behind its steps, `going_on` is the next command."""
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
    if going_on:
        yield BLANK
        yield pen.command("next:", going_on, hang=6, style="bold")


def stopped(pen: Pen) -> Iterator[Line]:
    """Says that a scan did not come to its end."""
    yield from pen.wrap("STOPPED", f"⚠ {SO_FAR}", style="bad", mark="bad")


def gravest(incident: Incident) -> str:
    """The id of the finding that the gravest step is about, the first of them; a story has a step at least."""
    return max(incident.story, key=lambda step: SEVERITIES.index(step.severity)).finding


def steps_left_out(incident: Incident) -> int:
    """Findings of the incident that no step of its story is about."""
    told = {finding for step in incident.story for finding in step.findings}
    return max(0, incident.findings_total - len(told))


def _chain(incident: Incident) -> str:
    named = " → ".join(name_of(user) for user in incident.principals[:PRINCIPALS])
    more = len(incident.principals) - PRINCIPALS
    return f"{named} and {number(more)} more" if more > 0 else named


def _step(step: Step, pen: Pen, findings: Mapping[str, Finding]) -> Iterator[Line]:
    head = pen.cells([Cell(moment(step.time), 20, "bold"), Cell(severity_word(step.severity), 8, step.severity)])
    for at, (blank, tactics) in enumerate(pen.wrap("", " ".join(step.tactics), hang=HEAD, style="dim")):
        yield (blank, tactics) if at else (*head, (" ", ""), tactics)
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
        label = "" if at else f"why {incident.score}"
        yield from pen.wrap(f"{label:<10}{weight.points:>3}", weight.text, hang=14)
    for at, bond in enumerate(incident.bonds):
        yield from pen.wrap("" if at else "linked", f"{bond.kind}: {bond.text}", hang=10, style="dim")
