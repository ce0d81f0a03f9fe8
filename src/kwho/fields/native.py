"""Fields that the event carries as they are, in the API's own spelling, but for those of the dimensions."""

from collections.abc import Callable
from typing import Final

import msgspec

from kwho.fields.field import Read, field, needing
from kwho.schema.event import Event, ObjectRef, Status, User
from kwho.views import Look


def _user(look: Look) -> User:
    return look.event.user or _NOBODY


def _impersonated(look: Look) -> User:
    return look.event.impersonatedUser or _NOBODY


def _ref(look: Look) -> ObjectRef:
    return look.event.objectRef or _NO_OBJECT


def _status(look: Look) -> Status:
    return look.event.responseStatus or _NO_STATUS


def _raw(member: Callable[[Event], msgspec.Raw]) -> Read:
    return lambda look: bytes(member(look.event)).decode("utf-8", "replace") or None


def _extra(user: User) -> tuple[str, ...]:
    return tuple(f"{key}={value}" for key, values in (user.extra or {}).items() for value in values)


def _joined(annotations: dict[str, str] | None) -> tuple[str, ...]:
    return tuple(f"{key}={value}" for key, value in (annotations or {}).items())


_NOBODY: Final = User()
_NO_OBJECT: Final = ObjectRef()
_NO_STATUS: Final = Status()

NATIVE: Final = (
    field("kind", "text", lambda look: look.event.kind, "`Event`; absent on the items of a webhook's EventList."),
    field("apiVersion", "text", lambda look: look.event.apiVersion, "The version of the event's own format."),
    field("auditID", "text", lambda look: look.event.auditID, "The id of the request; the client may choose it."),
    field("requestURI", "text", lambda look: look.event.requestURI, "Path and query as sent, not decoded.", "uri"),
    field(
        "user.uid", "text", lambda look: _user(look).uid, "The caller's unique id, where the authenticator knows one."
    ),
    *needing(
        "user.extra",
        "Metadata",
        field(
            "user.extra",
            "text",
            lambda look: _extra(_user(look)),
            "Everything else that the authenticator says, as `key=value`.",
        ),
    ),
    *needing(
        "impersonatedUser",
        "Metadata",
        field(
            "impersonatedUser.username",
            "text",
            lambda look: _impersonated(look).username,
            "The name that the caller was allowed to act as.",
        ),
        field(
            "impersonatedUser.uid",
            "text",
            lambda look: _impersonated(look).uid,
            "The unique id that the caller was allowed to act as.",
        ),
        field(
            "impersonatedUser.groups",
            "text",
            lambda look: _impersonated(look).groups,
            "The groups that the caller was allowed to act with.",
        ),
        field(
            "impersonatedUser.extra",
            "text",
            lambda look: _extra(_impersonated(look)),
            "Extra members of the impersonated identity, as `key=value`.",
        ),
    ),
    *needing(
        "sourceIPs",
        "Metadata",
        field(
            "sourceIPs",
            "address",
            lambda look: look.event.sourceIPs,
            "All addresses: the client's claims, then the direct peer.",
        ),
    ),
    field(
        "objectRef.namespace",
        "text",
        lambda look: _ref(look).namespace,
        "The namespace of the object; absent for cluster-wide requests.",
        "ns",
        "namespace",
    ),
    field(
        "objectRef.name",
        "text",
        lambda look: _ref(look).name,
        "The name of the object; absent for lists and generated names.",
        "name",
    ),
    field("objectRef.uid", "text", lambda look: _ref(look).uid, "The unique id of the object."),
    field("objectRef.apiVersion", "text", lambda look: _ref(look).apiVersion, "The API version of the resource."),
    field(
        "objectRef.resourceVersion",
        "text",
        lambda look: _ref(look).resourceVersion,
        "The version of the object that the client knew.",
    ),
    field(
        "responseStatus.status",
        "text",
        lambda look: _status(look).status,
        "`Success` or `Failure`, where the answer was a status.",
    ),
    field(
        "responseStatus.reason", "text", lambda look: _status(look).reason, "The machine-readable reason of a failure."
    ),
    field(
        "responseStatus.message",
        "text",
        lambda look: _status(look).message,
        "The sentence that the client got with a failure.",
    ),
    field(
        "requestReceivedTimestamp",
        "time",
        lambda look: look.event.requestReceivedTimestamp,
        "When the request was received.",
        "time",
    ),
    field("stageTimestamp", "time", lambda look: look.event.stageTimestamp, "When this stage was reached."),
    *needing(
        "annotations",
        "Metadata",
        field(
            "annotations",
            "text",
            lambda look: _joined(look.event.annotations),
            "All annotations of the event, as `key=value`.",
        ),
    ),
    *needing(
        "requestObject",
        "Request",
        field(
            "requestObject",
            "text",
            _raw(lambda event: event.requestObject),
            "The body that the client sent, as JSON text.",
        ),
    ),
    *needing(
        "responseObject",
        "RequestResponse",
        field(
            "responseObject",
            "text",
            _raw(lambda event: event.responseObject),
            "The body that the server returned, as JSON text.",
        ),
    ),
)
