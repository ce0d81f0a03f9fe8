"""`ecs`: findings and events in the layout of Elastic's own Kubernetes integration, for its rules and dashboards.

What it adds to that layout: the outcome by HTTP code (`event.outcome` holds the authorization decision, in which a 409
or 500 reads as success), the direct peer as source, the cluster, and `related.*`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Final

import msgspec

from kwho.outputs import is_address, json_body, json_bytes, pruned
from kwho.reports.attack import SCORES, TACTICS, tactics, techniques, title_of
from kwho.reports.finding import shown_value
from kwho.reports.scan import DIFFERS, ScanDocument
from kwho.reports.words import counted, doer, object_of
from kwho.schema.event import Event
from kwho.schema.finding import Finding, plain
from kwho.schema.incident import Incident
from kwho.schema.moment import format_moment, parse_moment
from kwho.schema.record import Context
from kwho.views import Look
from kwho.views.containers import images
from kwho.views.outcome import decision, outcome
from kwho.views.source import claimed, peer
from kwho.views.timing import duration

VERSION: Final = "8.17.0"
"""The version of the Elastic Common Schema."""

_TYPES: Final = {
    "create": "creation",
    "post": "creation",
    "update": "change",
    "patch": "change",
    "put": "change",
    "delete": "deletion",
    "deletecollection": "deletion",
    "get": "access",
    "list": "access",
    "watch": "access",
    "head": "access",
}
_DECISIONS: Final = {"allow": "success", "forbid": "failure"}
_OUTCOMES: Final = {
    "success": "success",
    "open": "success",
    "dry_run": "success",
    None: "unknown",
    "unknown": "unknown",
}

Json = dict[str, object]


class Ecs:
    """One JSON document per line, ready for the bulk interface of an index `logs-kubernetes.audit_logs-*`."""

    name: ClassVar[str] = "ecs"
    suffixes: ClassVar[tuple[str, ...]] = (".ecs.ndjson", ".ecs.json")
    binary: ClassVar[bool] = False

    def check(self) -> None:
        """Nothing beyond kwho is needed."""

    def render(self, scan: ScanDocument) -> Iterator[bytes]:
        """One alert per finding, in order of rank, then one per incident."""
        version = scan.result.versions.get("kwho")
        found = {finding.id: finding for finding in scan.ranked}
        for finding in scan.ranked:
            alert = _alert(finding, version)
            alert["kwho"] = {"finding": _claim(finding), "incident": {"id": scan.belonging.get(finding.id)}}
            yield json_bytes(pruned(alert)) + b"\n"
        for incident in scan.result.incidents:
            yield json_bytes(pruned(_incident(incident, found, version))) + b"\n"

    def convert(self, records: Iterable[tuple[Event, Context]]) -> Iterator[bytes]:
        """One document per event, one event in memory at a time."""
        return (json_bytes(pruned(_document(Look(event, context)))) + b"\n" for event, context in records)


def _document(look: Look) -> Json:
    event, context = look.event, look.context
    user, borrowed, named = event.user, event.impersonatedUser, event.objectRef
    took = look.see(duration)
    names = [who.username for who in (user, borrowed) if who is not None and who.username]
    return {
        "@timestamp": _moment(event.requestReceivedTimestamp) or _moment(event.stageTimestamp),
        "ecs": {"version": VERSION},
        "data_stream": {"type": "logs", "dataset": "kubernetes.audit_logs", "namespace": "default"},
        "event": {
            "kind": "event",
            "module": "kubernetes",
            "dataset": "kubernetes.audit_logs",
            "category": ["api"],
            "type": [_TYPES.get(event.verb or "", "info")],
            "action": event.verb,
            "outcome": _DECISIONS.get(look.see(decision) or "", "unknown"),
            "duration": None if took is None else took * 1_000,
        },
        "kubernetes": {"audit": _audit(event)},
        "user": {
            "name": user and user.username,
            "id": user and user.uid,
            "effective": {"name": borrowed and borrowed.username, "id": borrowed and borrowed.uid},
        },
        "user_agent": {"original": event.userAgent},
        **_endpoints(look.see(peer), look.see(claimed), names),
        "http": {"response": {"status_code": event.responseStatus and event.responseStatus.code}},
        "container": {"image": {"name": _one_or_all(look.see(images))}},
        "orchestrator": {
            "type": "kubernetes",
            "cluster": {"name": context.cluster},
            "namespace": named and named.namespace,
            "api_version": named and named.apiVersion,
            "resource": {"type": named and named.resource, "name": named and named.name},
        },
        "kwho": {"outcome": look.see(outcome), "instance": context.instance, "format": context.format},
    }


def _audit(event: Event) -> Json:
    audit: Json = {}
    for name in event.__struct_fields__:
        value = getattr(event, name)
        audit[name] = _body(value) if isinstance(value, msgspec.Raw) else value
    if event.responseStatus is not None:
        status = event.responseStatus
        audit["responseStatus"] = {
            name: _body(value) if isinstance(value, msgspec.Raw) else value
            for name in status.__struct_fields__
            if (value := getattr(status, name)) is not None
        }
    if event.annotations is not None:
        audit["annotations"] = _dedotted(event.annotations)
    return audit


def _body(raw: msgspec.Raw) -> object:
    """A body as an object, which is what the index expects; what is no JSON stands as text under `text`."""
    body = json_body(raw)
    return {"text": body} if isinstance(body, str) else body


def _dedotted(annotations: dict[str, str]) -> Json:
    """Annotations under keys without dots, as Elastic keeps them; where that key is taken, the key stays as it is."""
    flat: Json = {key: value for key, value in annotations.items() if "." not in key}
    for key in sorted(annotations.keys() - flat.keys()):
        bare = key.replace(".", "_")
        flat[key if bare in flat else bare] = annotations[key]
    return flat


def _endpoints(direct: str | None, others: tuple[str, ...], names: Iterable[str]) -> Json:
    address = direct if is_address(direct) else None
    every = dict.fromkeys(ip for ip in (direct, *others) if is_address(ip))
    return {
        "source": {"ip": address, "address": direct},
        "client": {"ip": address, "address": direct},
        "related": {"user": list(dict.fromkeys(names)), "ip": list(every)},
    }


def _one_or_all(values: tuple[str, ...]) -> str | tuple[str, ...]:
    return values[0] if len(values) == 1 else values


def _moment(text: str | None) -> str | None:
    at = parse_moment(text)
    return None if at is None else format_moment(at)


def _alert(finding: Finding, version: str | None) -> Json:
    who, source, target = finding.principal, finding.source, finding.target
    names = [name for name in (who.user, who.impersonated and who.impersonated.user) if name]
    first = finding.events[0] if finding.events else None
    requests = counted(finding.count, "request")
    return {
        "@timestamp": finding.time.first,
        "message": f"{finding.title}: {doer(finding)}, {object_of(finding)}, {finding.outcome or DIFFERS}, {requests}",
        "ecs": {"version": VERSION},
        "data_stream": {"type": "logs", "dataset": "kwho.findings", "namespace": "default"},
        "event": {
            "kind": "alert",
            "module": "kwho",
            "dataset": "kwho.findings",
            "category": ["intrusion_detection"],
            "type": ["info"],
            "id": finding.id,
            "start": finding.time.first,
            "end": finding.time.last,
            "outcome": _OUTCOMES.get(finding.outcome, "failure"),
            "severity": SCORES[finding.severity],
            "reason": "; ".join(finding.reasons),
        },
        "rule": {"id": finding.rule.id, "name": finding.rule.title, "ruleset": "kwho", "version": version},
        "threat": _threat(finding.rule.tags),
        "user": {"name": who.user, "effective": {"name": who.impersonated and who.impersonated.user}},
        "user_agent": {"original": source.user_agent},
        **_endpoints(source.ip, source.claimed, names),
        "url": {"original": target.uri},
        "orchestrator": {
            "type": "kubernetes",
            "cluster": {"name": finding.cluster},
            "namespace": target.namespace,
            "resource": {"type": target.resource, "name": target.name},
        },
        "log": {"file": {"path": first and first.file}, "offset": first and first.offset},
    }


def _incident(incident: Incident, findings: Mapping[str, Finding], version: str | None) -> Json:
    """The incident as an alert of its own; its findings are named by their ids."""
    members = [findings[name] for name in incident.findings if name in findings]
    tags = tuple(dict.fromkeys(tag for finding in members for tag in finding.rule.tags))
    return {
        "@timestamp": incident.time.first,
        "message": incident.title,
        "ecs": {"version": VERSION},
        "data_stream": {"type": "logs", "dataset": "kwho.incidents", "namespace": "default"},
        "event": {
            "kind": "alert",
            "module": "kwho",
            "dataset": "kwho.incidents",
            "category": ["intrusion_detection"],
            "type": ["info"],
            "id": incident.id,
            "start": incident.time.first,
            "end": incident.time.last,
            "severity": SCORES[incident.severity],
            "risk_score": incident.score,
            "reason": "; ".join(weight.text for weight in incident.weights),
        },
        "rule": {"ruleset": "kwho", "version": version},
        "threat": _threat(tags),
        "related": {"user": list(incident.principals), "ip": _addresses(members)},
        "orchestrator": {"type": "kubernetes", "cluster": {"name": incident.cluster}},
        "kwho": {"incident": msgspec.to_builtins(incident)},
    }


def _addresses(findings: Iterable[Finding]) -> list[str]:
    found = dict.fromkeys(finding.source.ip for finding in findings)
    return [address for address in found if address is not None and is_address(address)]


def _claim(finding: Finding) -> Json:
    """The finding with every evidence as text, because an index takes one type per field."""
    told: Json = msgspec.to_builtins(finding, enc_hook=plain)
    evidence = [{"clause": item.clause, "field": item.field, "value": shown_value(item)} for item in finding.evidence]
    return told | {"evidence": evidence}


def _threat(tags: tuple[str, ...]) -> Json:
    named, known = tactics(tags), techniques(tags)
    if not named and not known:
        return {}
    return {
        "framework": "MITRE ATT&CK",
        "tactic": {"id": [TACTICS[name] for name in named], "name": [title_of(name) for name in named]},
        "technique": {
            "id": list(dict.fromkeys(name.partition(".")[0] for name in known)),
            "subtechnique": {"id": [name for name in known if "." in name]},
        },
    }
