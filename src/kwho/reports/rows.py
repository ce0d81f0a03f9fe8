"""A finding or an event as one flat row of named columns, for CSV, Parquet and whatever else has columns."""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from kwho.reports.finding import position, shown_value
from kwho.schema.event import Event, ObjectRef, Status, User
from kwho.schema.finding import Finding, Impersonated
from kwho.schema.record import Context
from kwho.views import Look
from kwho.views.outcome import outcome
from kwho.views.source import peer

Type = Literal["text", "integer", "list", "moment"]
Cell = str | int | Sequence[str] | None


class Column(msgspec.Struct, frozen=True):
    """A name and what stands under it; a `moment` is RFC 3339 text as the event has it."""

    name: str
    type: Type = "text"


FINDING_COLUMNS: Final = (
    Column("severity"),
    Column("title"),
    Column("count", "integer"),
    Column("first", "moment"),
    Column("last", "moment"),
    Column("principal.user"),
    Column("principal.kind"),
    Column("principal.groups", "list"),
    Column("impersonated.user"),
    Column("impersonated.groups", "list"),
    Column("source.ip"),
    Column("source.claimed", "list"),
    Column("source.user_agent"),
    Column("target.group"),
    Column("target.resource"),
    Column("target.subresource"),
    Column("target.namespace"),
    Column("target.name"),
    Column("target.uri"),
    Column("outcome"),
    Column("cluster"),
    Column("reasons", "list"),
    Column("evidence", "list"),
    Column("events", "list"),
    Column("events_total", "integer"),
    Column("detector"),
    Column("rule.id"),
    Column("rule.title"),
    Column("rule.tags", "list"),
    Column("rule.detections", "list"),
    Column("id"),
    Column("incident"),
)

EVENT_COLUMNS: Final = (
    Column("requestReceivedTimestamp", "moment"),
    Column("stageTimestamp", "moment"),
    Column("auditID"),
    Column("stage"),
    Column("level"),
    Column("verb"),
    Column("user.username"),
    Column("user.uid"),
    Column("user.groups", "list"),
    Column("user.extra"),
    Column("impersonatedUser.username"),
    Column("impersonatedUser.groups", "list"),
    Column("sourceIPs", "list"),
    Column("source.ip"),
    Column("userAgent"),
    Column("requestURI"),
    Column("objectRef.apiGroup"),
    Column("objectRef.apiVersion"),
    Column("objectRef.resource"),
    Column("objectRef.subresource"),
    Column("objectRef.namespace"),
    Column("objectRef.name"),
    Column("objectRef.uid"),
    Column("objectRef.resourceVersion"),
    Column("responseStatus.code", "integer"),
    Column("responseStatus.status"),
    Column("responseStatus.reason"),
    Column("responseStatus.message"),
    Column("outcome"),
    Column("annotations"),
    Column("requestObject"),
    Column("responseObject"),
    Column("cluster"),
    Column("instance"),
    Column("format"),
)

CITED: Final = 20
"""Positions of one finding in a row; `events_total` has the number of all."""

_NOBODY: Final = User()
_NOTHING: Final = ObjectRef()
_UNANSWERED: Final = Status()
_SELF: Final = Impersonated(None)


def finding_row(finding: Finding, incident: str | None = None) -> tuple[Cell, ...]:
    """The values of `FINDING_COLUMNS`; `incident` is the id of the one that the finding belongs to."""
    who, borrowed, source, target = (
        finding.principal,
        finding.principal.impersonated or _SELF,
        finding.source,
        finding.target,
    )
    return (
        finding.severity,
        finding.title,
        finding.count,
        finding.time.first,
        finding.time.last,
        who.user,
        who.kind,
        who.groups,
        borrowed.user,
        borrowed.groups,
        source.ip,
        source.claimed,
        source.user_agent,
        *(target.group, target.resource, target.subresource, target.namespace, target.name, target.uri),
        finding.outcome,
        finding.cluster,
        finding.reasons,
        tuple(f"{item.clause}: {item.field} = {shown_value(item)}" for item in finding.evidence),
        tuple(position(cited) for cited in finding.events[:CITED]),
        finding.events_total,
        finding.detector,
        *(finding.rule.id, finding.rule.title, finding.rule.tags, finding.rule.detections),
        finding.id,
        incident,
    )


def event_row(event: Event, context: Context) -> tuple[Cell, ...]:
    """The values of `EVENT_COLUMNS`; bodies and maps are JSON text."""
    look = Look(event, context)
    user, borrowed = event.user or _NOBODY, event.impersonatedUser or _NOBODY
    named, answer = event.objectRef or _NOTHING, event.responseStatus or _UNANSWERED
    return (
        event.requestReceivedTimestamp,
        event.stageTimestamp,
        event.auditID,
        event.stage,
        event.level,
        event.verb,
        *(user.username, user.uid, user.groups, _json(user.extra)),
        *(borrowed.username, borrowed.groups),
        event.sourceIPs,
        look.see(peer),
        event.userAgent,
        event.requestURI,
        *(named.apiGroup, named.apiVersion, named.resource, named.subresource),
        *(named.namespace, named.name, named.uid, named.resourceVersion),
        *(answer.code, answer.status, answer.reason, answer.message),
        look.see(outcome),
        _json(event.annotations),
        _text(event.requestObject),
        _text(event.responseObject),
        *(context.cluster, context.instance, context.format),
    )


def _json(value: dict[str, str] | dict[str, tuple[str, ...]] | None) -> str | None:
    if value is None:
        return None
    try:
        return msgspec.json.encode(value, order="deterministic").decode()
    except UnicodeEncodeError:
        return str(sorted(value.items()))


def _text(raw: msgspec.Raw) -> str | None:
    return bytes(raw).decode("utf-8", "backslashreplace") or None
