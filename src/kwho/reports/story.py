"""One incident as Markdown for a ticket, with every hostile text inside a code span."""

from collections.abc import Container, Iterator
from typing import Final

from kwho.reports.finding import position
from kwho.reports.incident import BELOW, steps_left_out
from kwho.reports.markdown import code, plain
from kwho.reports.words import counted, interval, moment, number, severity_word
from kwho.schema.incident import Incident, Step

CITED: Final = 5
"""Events cited per step."""


def story(incident: Incident, level: int = 1, listed: Container[str] | None = None) -> Iterator[str]:
    """Every line of the story; `level` is that of its heading, `listed` are the ids of the findings beside it."""
    yield f"{'#' * level} {severity_word(incident.severity)} {incident.score}: {code(incident.title)}"
    yield ""
    yield f"- id: {code(incident.id)}"
    yield f"- who: {' → '.join(code(user) for user in incident.principals)}"
    yield f"- when: {plain(interval(incident.time))}, {counted(incident.findings_total, 'finding')}"
    yield from [f"- tactics: {plain(' → '.join(incident.tactics))}"] if incident.tactics else []
    yield from [f"- cluster: {code(incident.cluster)}"] if incident.cluster else []
    yield ""
    for at, step in enumerate(incident.story, start=1):
        yield f"{at}. {plain(moment(step.time))} **{severity_word(step.severity)}** {code(step.text)}"
        yield f"   {_proof(step, is_below=listed is not None and step.finding not in listed)}"
    if left := steps_left_out(incident):
        yield from ("", f"… and {counted(left, 'more finding')} of less weight")
    yield from _list(f"Why {incident.score}", [f"{weight.points}: {plain(weight.text)}" for weight in incident.weights])
    yield from _list("What joins it", [f"{plain(bond.kind)}: {code(bond.text)}" for bond in incident.bonds])
    yield from _list("What was not seen", [plain(text) for text in incident.unseen])
    yield from _list("What speaks for honest work", [code(text) for text in incident.doubts])
    yield from _list("How to contain it", [plain(text) for text in incident.advice])


def _proof(step: Step, *, is_below: bool) -> str:
    cited = ", ".join(code(position(event)) for event in step.events[:CITED])
    more = step.events_total - min(CITED, len(step.events))
    below = f" ({BELOW})" if is_below else ""
    return f"{code(step.finding)}{below}: {cited}{f' and {number(more)} more' if more > 0 else ''}"


def _list(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield from ("", f"**{title}**", "")
        yield from (f"- {line}" for line in lines)
