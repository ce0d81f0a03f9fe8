"""One incident on a page: its story first, and below what the score is made of, what was not seen and what to do."""

from collections.abc import Callable
from typing import Final

from kwho.reports.finding import position
from kwho.reports.incident import steps_left_out
from kwho.reports.markup import Html, element, join
from kwho.reports.words import counted, interval, moment, number
from kwho.schema.incident import Incident, Step

CITED: Final = 5
"""Events cited per step on a page."""
INCIDENTS: Final = 100
"""Incidents on one page; the rest is counted. The machine formats hold all."""


Lack = Callable[[str], str]
"""Why the finding of this id is not on the page; empty when it is."""


def incident_entry(incident: Incident, lack: Lack) -> Html:
    """The incident as a line that opens; its steps lead to their findings."""
    line = element(
        "summary",
        element("span", f"{incident.severity} {incident.score}", class_=f"badge s-{incident.severity}"),
        element("strong", incident.title),
        element("span", interval(incident.time), class_="when"),
        element("span", " → ".join(incident.principals), class_="target"),
    )
    told = [element("ol", *(_step(step, lack) for step in incident.story), class_="story")]
    if left := steps_left_out(incident):
        told.append(element("p", f"… and {counted(left, 'more finding')} of less weight.", class_="quiet"))
    told += _list("What was not seen", incident.unseen)
    told += _list("What speaks for honest work", incident.doubts)
    told += _list("How to contain it", incident.advice)
    told += _list(f"Why {incident.score}", tuple(f"{weight.points} {weight.text}" for weight in incident.weights))
    told += _list("What joins it", tuple(f"{bond.kind}: {bond.text}" for bond in incident.bonds))
    told.append(element("p", f"{incident.id} · {' → '.join(incident.tactics)}", class_="quiet"))
    return element("details", line, *told, class_="finding incident", id=incident.id)


def _step(step: Step, lack: Lack) -> Html:
    cited = ", ".join(position(event) for event in step.events[:CITED])
    more = step.events_total - min(CITED, len(step.events))
    proof = f"{cited}{f' and {number(more)} more' if more > 0 else ''}"
    head = join(
        [element("b", moment(step.time)), Html(" "), element("span", step.severity, class_=f"badge s-{step.severity}")]
    )
    lacking = lack(step.finding)
    named = f"{step.finding} ({lacking})" if lacking else element("a", step.finding, href=f"#{step.finding}")
    return element("li", head, element("p", step.text), element("p", named, f" {proof}", class_="quiet"))


def _list(title: str, texts: tuple[str, ...]) -> list[Html]:
    if not texts:
        return []
    return [element("p", element("b", title)), element("ul", *(element("li", text) for text in texts))]
