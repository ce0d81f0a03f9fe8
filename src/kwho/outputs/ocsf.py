"""`ocsf`: findings as Detection Finding (2004), incidents as Incident Finding (2005) and events as API Activity (6003)
of OCSF, the open schema for security.

Where mappings in circulation lose something, this one does not: `list` and `deletecollection` have an activity; a
connect subresource (exec, attach, port-forward, proxy) is named as such whatever its verb; the outcome is in
`status_id`; the direct peer is the source and claimed addresses are intermediate ones; the authorization decision, the
impersonated user and the stage are kept. What has no place in the schema stands in `unmapped`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Final

from kwho.outputs import is_address, json_body, json_bytes, pruned
from kwho.reports.attack import TACTICS, tactics, techniques, title_of
from kwho.reports.finding import shown_value
from kwho.reports.scan import DIFFERS, ScanDocument
from kwho.reports.words import counted, doer, object_of, target_of
from kwho.schema.event import ABSENT, Event, ObjectRef, User
from kwho.schema.finding import SEVERITIES, Finding, Outcome, PrincipalKind, Target
from kwho.schema.incident import Incident
from kwho.schema.moment import format_moment, parse_moment
from kwho.schema.record import Context
from kwho.views import Look
from kwho.views.outcome import DECISION, decision, outcome
from kwho.views.principal import principal_kind
from kwho.views.source import claimed, peer
from kwho.views.timing import duration

VERSION: Final = "1.8.0"
"""The version of the schema."""

ACTIVITIES: Final = {
    "create": 1, "post": 1,
    "get": 2, "list": 2, "watch": 2, "head": 2,
    "update": 3, "patch": 3, "put": 3,
    "delete": 4, "deletecollection": 4,
}  # fmt: skip
NAMES: Final = {0: "Unknown", 1: "Create", 2: "Read", 3: "Update", 4: "Delete"}
CONNECT: Final = frozenset({"exec", "attach", "portforward", "proxy"})

_REASON: Final = "authorization.k8s.io/reason"
_STATUSES: Final[dict[Outcome | None, tuple[int, str]]] = {
    "success": (1, "Success"),
    "unknown": (0, "Unknown"),
    None: (0, "Unknown"),
    "open": (99, "Open"),
    "dry_run": (99, "Dry run"),
}
_USERS: Final[dict[PrincipalKind, tuple[int, str]]] = {
    "human": (1, "User"),
    "system": (3, "System"),
    "node": (3, "System"),
    "service_account": (99, "Service account"),
    "anonymous": (0, "Unknown"),
}

Json = dict[str, object]


class Ocsf:
    """One OCSF object per line."""

    name: ClassVar[str] = "ocsf"
    suffixes: ClassVar[tuple[str, ...]] = (".ocsf.ndjson", ".ocsf.json")
    binary: ClassVar[bool] = False

    def check(self) -> None:
        """Nothing beyond kwho is needed."""

    def render(self, scan: ScanDocument) -> Iterator[bytes]:
        """One Detection Finding per finding, in order of rank, then one Incident Finding per incident."""
        version = scan.result.versions.get("kwho", "0.0.0")
        found = {finding.id: finding for finding in scan.ranked}
        for finding in scan.ranked:
            yield json_bytes(pruned(_detection(finding, version))) + b"\n"
        for incident in scan.result.incidents:
            yield json_bytes(pruned(_incident(incident, found, version))) + b"\n"

    def convert(self, records: Iterable[tuple[Event, Context]]) -> Iterator[bytes]:
        """One API Activity per event, one event in memory at a time."""
        return (json_bytes(pruned(_activity(Look(event, context)))) + b"\n" for event, context in records)


def _activity(look: Look) -> Json:
    event, context = look.event, look.context
    kind, activity = _operation(event)
    received, ended = parse_moment(event.requestReceivedTimestamp), parse_moment(event.stageTimestamp)
    took, answer, meaning = look.see(duration), event.responseStatus, look.see(outcome)
    status, word = _STATUSES.get(meaning, (2, "Failure"))
    return {
        **_class(6003, "API Activity", 6, "Application Activity", kind, activity),
        "severity_id": 1,
        "severity": "Informational",
        "time": _milliseconds(ended if ended is not None else received),
        "time_dt": _text(ended if ended is not None else received),
        "start_time": None if received is None else received // 1_000,
        "start_time_dt": _text(received),
        "end_time": ended // 1_000 if ended is not None and event.stage == "ResponseComplete" else None,
        "duration": None if took is None else took // 1_000,
        "status_id": status,
        "status": word,
        "status_detail": meaning,
        "status_code": str(answer.code) if answer is not None and answer.code is not None else None,
        "message": _told(event),
        "metadata": {
            "version": VERSION,
            "profiles": ["datetime"],
            "product": {"name": "Kubernetes", "vendor_name": "Kubernetes", "version": event.apiVersion},
            "log_name": "audit",
            "log_level": event.level,
            "event_code": event.stage,
            "original_event_uid": event.auditID,
            "original_time": event.requestReceivedTimestamp,
        },
        "actor": _actor(look),
        "api": _api(event),
        "src_endpoint": _endpoint(look.see(peer), look.see(claimed)),
        "dst_endpoint": {"svc_name": "kube-apiserver", "name": context.instance},
        "http_request": {"user_agent": event.userAgent, "url": _url(event.requestURI)},
        "resources": _resources(event.objectRef),
        "observables": _observables(event),
        "unmapped": _unmapped(look),
    }


def _class(uid: int, name: str, category: int, category_name: str, activity: int, activity_name: str) -> Json:
    return {
        "class_uid": uid,
        "class_name": name,
        "category_uid": category,
        "category_name": category_name,
        "activity_id": activity,
        "activity_name": activity_name,
        "type_uid": uid * 100 + activity,
        "type_name": f"{name}: {activity_name}",
    }


def _operation(event: Event) -> tuple[int, str]:
    connected = event.objectRef is not None and event.objectRef.subresource in CONNECT
    if event.objectRef is not None and connected:
        return 99, event.objectRef.subresource or ""
    if event.verb is None:
        return 0, NAMES[0]
    known = ACTIVITIES.get(event.verb)
    return (99, event.verb) if known is None else (known, NAMES[known])


def _milliseconds(at: int | None) -> int:
    """The time is required; 0 stands for an event without a believable one, whose text is in `original_time`."""
    return 0 if at is None else at // 1_000


def _text(at: int | None) -> str | None:
    return None if at is None else format_moment(at)


def _told(event: Event) -> str:
    name = event.user.username if event.user is not None else None
    named = event.objectRef or ObjectRef()
    target = Target(named.apiGroup, named.resource, named.subresource, named.namespace, named.name, event.requestURI)
    return f"{event.verb} {target_of(target)} by {name}"


def _user(user: User | None) -> Json:
    if user is None:
        return {}
    return {"name": user.username, "uid": user.uid, "groups": [{"name": group} for group in user.groups or ()]}


def _actor(look: Look) -> Json:
    event = look.event
    extra = (event.user.extra if event.user is not None else None) or {}
    kind, word = _USERS[look.see(principal_kind)]
    credential = extra.get("authentication.kubernetes.io/credential-id") or extra.get("accessKeyId") or ()
    session = extra.get("sessionName") or ()
    reason = (event.annotations or {}).get(_REASON)
    verdict = look.see(decision)
    return {
        "user": _user(event.user) | {"type_id": kind, "type": word},
        "session": {"uid": next(iter(session), None), "credential_uid": next(iter(credential), None)},
        "authorizations": [pruned({"decision": verdict, "policy": {"desc": reason}})] if verdict or reason else None,
    }


def _api(event: Event) -> Json:
    named, answer = event.objectRef, event.responseStatus
    return {
        "operation": event.verb or "unknown",
        "request": {"uid": event.auditID or "unknown"},
        "group": {"name": named and named.apiGroup},
        "version": named and named.apiVersion,
        "service": {"name": "kubernetes"},
        "response": {
            "code": answer and answer.code,
            "error": answer and answer.reason,
            "error_message": answer and answer.message,
        },
    }


def _endpoint(direct: str | None, others: tuple[str, ...]) -> Json:
    named: Json = {"ip": direct} if is_address(direct) else {"name": direct or "unknown"}
    return {**named, "intermediate_ips": [ip for ip in others if is_address(ip)]}


def _url(uri: str | None) -> Json:
    path, _, query = (uri or "").partition("?")
    return {"path": path or None, "query_string": query or None}


def _resources(named: ObjectRef | None) -> list[Json]:
    if named is None:
        return []
    kind = "/".join(part for part in (named.resource, named.subresource) if part)
    told = {
        "type": kind,
        "name": named.name,
        "namespace": named.namespace,
        "uid": named.uid,
        "version": named.apiVersion,
    }
    return [pruned(dict(told))]


def _observables(event: Event) -> list[Json]:
    users = {"actor.user.name": event.user, "unmapped.impersonatedUser.username": event.impersonatedUser}
    found: list[Json] = [
        {"name": name, "type_id": 4, "type": "User Name", "value": user.username}
        for name, user in users.items()
        if user is not None and user.username
    ]
    direct = event.sourceIPs[-1] if event.sourceIPs else None
    if is_address(direct):
        found.append({"name": "src_endpoint.ip", "type_id": 2, "type": "IP Address", "value": direct})
    return found


def _unmapped(look: Look) -> Json:
    event, context = look.event, look.context
    annotations = {key: value for key, value in (event.annotations or {}).items() if key not in (DECISION, _REASON)}
    status = event.responseStatus
    return {
        "stage": event.stage,
        "cluster": context.cluster,
        "format": context.format,
        "sourceIPs": [ip for ip in event.sourceIPs or () if not is_address(ip)],
        "user.extra": event.user and event.user.extra,
        "impersonatedUser": event.impersonatedUser,
        "annotations": annotations,
        "objectRef.resourceVersion": event.objectRef and event.objectRef.resourceVersion,
        "responseStatus.status": status and status.status,
        "responseStatus.details": json_body(status.details if status is not None else ABSENT),
        "authenticationMetadata": json_body(event.authenticationMetadata),
        "requestObject": json_body(event.requestObject),
        "responseObject": json_body(event.responseObject),
    }


def _detection(finding: Finding, version: str) -> Json:
    first, last = parse_moment(finding.time.first), parse_moment(finding.time.last)
    status, _ = _STATUSES.get(finding.outcome, (2, "Failure"))
    requests = counted(finding.count, "request")
    return {
        **_class(2004, "Detection Finding", 2, "Findings", 1, "Create"),
        "severity_id": SEVERITIES.index(finding.severity) + 1,
        "severity": finding.severity.capitalize(),
        "status_id": 1,
        "status": "New",
        "is_alert": finding.severity != "informational",
        "time": _milliseconds(last if last is not None else first),
        "start_time": None if first is None else first // 1_000,
        "end_time": None if last is None else last // 1_000,
        "count": max(1, finding.count),
        "message": f"{finding.title}: {doer(finding)}, {object_of(finding)}, {finding.outcome or DIFFERS}, {requests}",
        "metadata": {
            "version": VERSION,
            "product": {"name": "kwho", "vendor_name": "kwho", "version": version},
            "log_name": "audit",
        },
        "finding_info": _info(finding, first, last),
        "evidences": [_evidence(finding, status)],
        "resources": _targeted(finding.target),
        "unmapped": {"cluster": finding.cluster, "finding": finding},
    }


def _incident(incident: Incident, findings: Mapping[str, Finding], version: str) -> Json:
    first, last = parse_moment(incident.time.first), parse_moment(incident.time.last)
    members = [findings[name] for name in incident.findings if name in findings]
    tags = tuple(dict.fromkeys(tag for finding in members for tag in finding.rule.tags))
    return {
        **_class(2005, "Incident Finding", 2, "Findings", 1, "Create"),
        "severity_id": SEVERITIES.index(incident.severity) + 1,
        "severity": incident.severity.capitalize(),
        "status_id": 1,
        "status": "New",
        "is_suspected_breach": incident.severity in ("high", "critical"),
        "time": _milliseconds(last if last is not None else first),
        "start_time": None if first is None else first // 1_000,
        "end_time": None if last is None else last // 1_000,
        "message": incident.title,
        "desc": "\n".join(f"{step.time or 'time unknown'} {step.text}" for step in incident.story),
        "metadata": {
            "version": VERSION,
            "uid": incident.id,
            "product": {"name": "kwho", "vendor_name": "kwho", "version": version},
            "log_name": "audit",
        },
        "finding_info_list": [_member(finding) for finding in members],
        "attacks": _attacks(tags),
        "unmapped": {"cluster": incident.cluster, "score": incident.score, "incident": incident},
    }


def _member(finding: Finding) -> Json:
    first, last = parse_moment(finding.time.first), parse_moment(finding.time.last)
    return pruned(
        {
            "uid": finding.id,
            "title": finding.title,
            "types": [finding.detector],
            "first_seen_time": None if first is None else first // 1_000,
            "last_seen_time": None if last is None else last // 1_000,
        }
    )


def _attacks(tags: tuple[str, ...]) -> list[Json]:
    named: list[Json] = [{"tactic": {"name": title_of(name), "uid": TACTICS[name]}} for name in tactics(tags)]
    return [*named, *(_technique(name) for name in techniques(tags))]


def _info(finding: Finding, first: int | None, last: int | None) -> Json:
    return {
        "uid": finding.id,
        "title": finding.title,
        "desc": "; ".join(finding.reasons),
        "types": [finding.detector],
        "analytic": {"type_id": 1, "type": "Rule", "uid": finding.rule.id, "name": finding.rule.title},
        "attacks": _attacks(finding.rule.tags),
        "first_seen_time": None if first is None else first // 1_000,
        "last_seen_time": None if last is None else last // 1_000,
        "data_sources": ["Kubernetes audit log"],
    }


def _technique(uid: str) -> Json:
    whole, dot, _ = uid.partition(".")
    told: Json = {"technique": {"uid": whole}}
    return told | {"sub_technique": {"uid": uid}} if dot else told


def _evidence(finding: Finding, status: int) -> Json:
    who, source = finding.principal, finding.source
    kind, word = _USERS[who.kind]
    user = {"name": who.user, "groups": [{"name": name} for name in who.groups], "type_id": kind, "type": word}
    return pruned(
        {
            "actor": {"user": user},
            "src_endpoint": _endpoint(source.ip, source.claimed),
            "http_request": {"user_agent": source.user_agent, "url": _url(finding.target.uri)},
            "data": {
                "status_id": status,
                "outcome": finding.outcome,
                "evidence": [{"clause": e.clause, "field": e.field, "value": shown_value(e)} for e in finding.evidence],
            },
        }
    )


def _targeted(target: Target) -> list[Json]:
    if not target.resource:
        return []
    kind = "/".join(part for part in (target.resource, target.subresource) if part)
    return [pruned({"type": kind, "name": target.name, "namespace": target.namespace})]
