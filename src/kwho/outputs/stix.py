"""`stix`: one STIX 2.1 bundle; incidents with who, from where, by which techniques, and the findings that prove them.

Identifiers are deterministic: those of observables follow the specification (UUID version 5 of what identifies them),
all others are made from the ids of findings, incidents and techniques, so that the same log gives the same bundle.
"""

import uuid
from collections.abc import Iterator
from typing import ClassVar, Final

import msgspec

from kwho.outputs import is_address, json_bytes, pruned
from kwho.reports.attack import techniques
from kwho.reports.mask import sound
from kwho.reports.scan import ScanDocument
from kwho.reports.words import name_of, object_of
from kwho.schema.finding import Finding, Span
from kwho.schema.incident import Incident
from kwho.schema.moment import format_moment, parse_moment

OBSERVABLES: Final = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""The namespace that the specification gives for identifiers of observables."""
OURS: Final = uuid.uuid5(uuid.NAMESPACE_DNS, "kwho")
EPOCH: Final = "1970-01-01T00:00:00.000Z"
"""Stands where the specification wants a time and the log has none."""
MOST: Final = 999_999_999
"""The highest number that an observation may count."""

Json = dict[str, object]


class Stix:
    """One bundle: the objects of all incidents, and every finding above informational as observed data."""

    name: ClassVar[str] = "stix"
    suffixes: ClassVar[tuple[str, ...]] = (".stix.json", ".stix")
    binary: ClassVar[bool] = False

    def check(self) -> None:
        """Nothing beyond kwho is needed."""

    def render(self, scan: ScanDocument) -> Iterator[bytes]:
        """The bundle, a piece per object; each object stands in it once."""
        every = [finding.id for finding in scan.ranked] + [incident.id for incident in scan.result.incidents]
        yield b'{"type":"bundle","id":' + json_bytes(_ours("bundle", *sorted(every))) + b',"objects":['
        told: set[str] = set()
        for item in _objects(scan):
            name = str(item["id"])
            if name not in told:
                yield (b",\n" if told else b"\n") + json_bytes(pruned(item))
                told.add(name)
        yield b"]}\n"


def _objects(scan: ScanDocument) -> Iterator[Json]:
    yield _creator(scan)
    findings = {finding.id: finding for finding in scan.ranked if finding.severity != "informational"}
    for finding in findings.values():
        yield from _observables(finding)
        yield _observed(finding)
        yield from (_pattern(technique) for technique in techniques(finding.rule.tags))
    for incident in scan.result.incidents:
        yield from _incident(incident, [findings[name] for name in incident.findings if name in findings])


def _creator(scan: ScanDocument) -> Json:
    version = scan.result.versions.get("kwho", "")
    return {
        **_made("identity", EPOCH, "kwho"),
        "name": "kwho",
        "identity_class": "system",
        "description": f"kwho {version}, reader of Kubernetes audit logs".replace("  ", " "),
    }


def _incident(incident: Incident, members: list[Finding]) -> Iterator[Json]:
    """The incident, its story as a note, what it has to do with what, and everything of it in one group."""
    made = {**_made("incident", _moment(incident.time), incident.id), "created_by_ref": _ours("identity", "kwho")}
    name = str(made["id"])
    yield {
        **made,
        "name": incident.title,
        "description": f"{incident.severity}, score {incident.score}; {', '.join(incident.tactics)}",
        "labels": [incident.severity, *incident.tactics],
        "external_references": [{"source_name": "kwho", "external_id": incident.id}],
    }
    lines = [f"{step.time or 'time unknown'} {step.text} [{step.finding}]" for step in incident.story]
    lines += [f"Not seen: {text}" for text in incident.unseen] + [f"Contain: {text}" for text in incident.advice]
    story = _made("note", _moment(incident.time), incident.id)
    yield {**story, "abstract": "How it went", "content": "\n".join(lines) or incident.title, "object_refs": [name]}
    related = dict.fromkeys(
        reference
        for finding in members
        for reference in (
            *(_ours("attack-pattern", technique) for technique in techniques(finding.rule.tags)),
            *(str(item["id"]) for item in _observables(finding)),
            _ours("observed-data", finding.id),
        )
    )
    yield from (_relation(name, reference, incident) for reference in related)
    group = _made("grouping", _moment(incident.time), incident.id)
    members_of = [name, str(story["id"]), *related]
    yield {**group, "name": incident.title, "context": "suspicious-activity", "object_refs": members_of}


def _relation(incident: str, other: str, told: Incident) -> Json:
    return {
        **_made("relationship", _moment(told.time), incident, other),
        "relationship_type": "related-to",
        "source_ref": incident,
        "target_ref": other,
    }


def _pattern(technique: str) -> Json:
    path = technique.replace(".", "/")
    reference = {
        "source_name": "mitre-attack",
        "external_id": technique,
        "url": f"https://attack.mitre.org/techniques/{path}",
    }
    return {**_made("attack-pattern", EPOCH, technique), "name": technique, "external_references": [reference]}


def _observed(finding: Finding) -> Json:
    first, last = _moment(finding.time), _moment(Span(finding.time.last, finding.time.last))
    return {
        **_made("observed-data", first, finding.id),
        "created_by_ref": _ours("identity", "kwho"),
        "first_observed": first,
        "last_observed": last,
        "number_observed": max(1, min(MOST, finding.count)),
        "object_refs": [str(item["id"]) for item in _observables(finding)],
        "labels": [finding.severity, finding.outcome or "outcomes-differ"],
        "external_references": [
            {
                "source_name": "kwho",
                "external_id": finding.id,
                "description": f"{finding.title}: {object_of(finding)}",
            }
        ],
    }


def _observables(finding: Finding) -> Iterator[Json]:
    """The account, always, and the address of its peer, when it is one."""
    user = name_of(finding.principal.user, "system:anonymous")
    yield {
        **_observable("user-account", account_type="kubernetes", user_id=user),
        "account_type": "kubernetes",
        "user_id": user,
        "is_service_account": finding.principal.kind == "service_account",
    }
    peer = finding.source.ip
    if peer is not None and is_address(peer):
        kind = "ipv6-addr" if ":" in peer else "ipv4-addr"
        yield {**_observable(kind, value=peer), "value": peer}


def _observable(kind: str, **identifying: str) -> Json:
    """The head of an observable: its id is made of the properties that the specification says identify it."""
    text = msgspec.json.encode(sound(identifying), order="deterministic").decode()
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid.uuid5(OBSERVABLES, text)}"}


def _made(kind: str, time: str, *names: str) -> Json:
    """The head of an object of our own, made at the time that it is about."""
    return {"type": kind, "spec_version": "2.1", "id": _ours(kind, *names), "created": time, "modified": time}


def _ours(kind: str, *names: str) -> str:
    return f"{kind}--{uuid.uuid5(OURS, '/'.join((kind, *names)))}"


def _moment(span: Span) -> str:
    """The begin of a span to the millisecond, as the specification wants times of creation."""
    at = parse_moment(span.first)
    return EPOCH if at is None else f"{format_moment(at)[:23]}Z"
