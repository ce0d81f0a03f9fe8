"""Claims that belong together, told as a story. The field names are the JSON contract of `kwho scan --format jsonl`."""

import msgspec

from kwho.schema.finding import Citation, Severity, Span


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a story: a sentence, the finding that says most of it, and the events that prove it.

    `findings` are the ids of all findings that the sentence is about; `events` cites at most 50 of their events and
    `events_total` counts them all.
    """

    time: str | None
    text: str
    finding: str
    severity: Severity
    tactics: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    events: tuple[Citation, ...]
    events_total: int


class Weight(msgspec.Struct, frozen=True):
    """Why the score is what it is: the points of one reason; all weights add up to the score."""

    points: int
    text: str


class Bond(msgspec.Struct, frozen=True):
    """Why two findings stand in one incident: the kind of key that they share, and a sentence about it."""

    kind: str
    findings: tuple[str, str]
    text: str


class Incident(msgspec.Struct, frozen=True, tag_field="type", tag="incident", kw_only=True):
    """Findings that belong together, with score, severity and an ordered story.

    `unseen` says what the log could not show, `doubts` what speaks for honest work, `advice` how to contain: sentences.
    `findings_total` counts the members when more belong together than are listed.
    """

    schema_version: int = 1
    id: str
    title: str
    severity: Severity
    score: int
    cluster: str | None
    principals: tuple[str, ...]
    tactics: tuple[str, ...]
    time: Span
    findings: tuple[str, ...]
    findings_total: int
    story: tuple[Step, ...]
    weights: tuple[Weight, ...] = ()
    bonds: tuple[Bond, ...] = ()
    unseen: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
