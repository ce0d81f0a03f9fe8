"""The quick first look at an event: only what tells which rules can match it is decoded.

Most events are of no interest to any rule, and few rules ask for the extra attributes of users and the like, which a
decoder skips at a fraction of the cost. An event that a rule which asks for them may match is decoded again in full
(`complete`), before anything is concluded from it.
"""

from typing import Final, Literal

import msgspec

from kwho.formats.ladder import STRICT, Strict
from kwho.formats.tree import FAILURES
from kwho.formats.unwrap import Unwrapper
from kwho.schema.event import ObjectRef, Status, User
from kwho.schema.record import Record

LEFT_OUT: Final = (
    "user.uid",
    "user.extra",
    "objectRef.uid",
    "objectRef.resourceVersion",
    "responseStatus.status",
    "responseStatus.reason",
)
"""What an event lacks at the first look; members of these are left out with them."""

_SKIPPED: Final = "(left out) "
"""The name of members that are left out: no JSON of the API server bears it, and they keep their default."""


Level = Literal["None", "Metadata", "Request", "RequestResponse"]
Stage = Literal["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"]
Verb = Literal[
    "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "proxy", "head", "post", "put"
]


class _User(User, frozen=True, gc=False, omit_defaults=True):
    uid: str | None = msgspec.field(default=None, name=_SKIPPED + "uid")
    extra: dict[str, tuple[str, ...]] | None = msgspec.field(default=None, name=_SKIPPED + "extra")


class _ObjectRef(ObjectRef, frozen=True, gc=False, omit_defaults=True):
    uid: str | None = msgspec.field(default=None, name=_SKIPPED + "uid")
    resourceVersion: str | None = msgspec.field(default=None, name=_SKIPPED + "resourceVersion")


class _Status(Status, frozen=True, gc=False, omit_defaults=True):
    status: str | None = msgspec.field(default=None, name=_SKIPPED + "status")
    reason: str | None = msgspec.field(default=None, name=_SKIPPED + "reason")


class Lean(Strict, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """An event in the native shape of which only the members that masks and statistics read are there.

    Members with few values are decoded to the same few strings, whose hashes are known; other values take the careful
    path, as every other shape does.
    """

    kind: Literal["Event"] | None = None
    apiVersion: Literal["audit.k8s.io/v1"] | None = None
    level: Level | None = None
    stage: Stage | None = None
    verb: Verb | None = None
    user: _User | None = None
    objectRef: _ObjectRef | None = None
    responseStatus: _Status | None = None


LEAN: Final = msgspec.json.Decoder(Lean)


def complete(record: Record) -> Record:
    """The record with its whole event; what the quick look could not know as damaged is named now."""
    if type(record.event) is not Lean:
        return record
    try:
        event: Strict | None = STRICT.decode(record.raw)
    except FAILURES:
        event = None
    if event is not None:
        return Record(event, record.context, record.raw, record.line, record.offset, record.index)
    for found in Unwrapper(record.line, record.offset).value(record.raw):
        if isinstance(found, Record):
            return msgspec.structs.replace(found, line=record.line, offset=record.offset, index=record.index)
    return record
