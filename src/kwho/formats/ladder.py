"""The decoding ladder: typed, then field by field, then mended, so that one broken field costs only itself."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from kwho.formats import Candidate, Facts, scan
from kwho.formats.tree import FAILURES, Json, elements, parse, text_of
from kwho.schema.event import ABSENT, Event, ObjectRef, Status, User


class Strict(Event, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """An event in the native shape and nothing else: every wrapper, foreign key or older shape fails to decode."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Event):
            return NotImplemented
        return msgspec.structs.astuple(self) == msgspec.structs.astuple(other)

    __hash__ = None  # type: ignore[assignment]  # as in Event, whose dictionaries cannot be hashed


STRICT: Final = msgspec.json.Decoder(Strict)
_LENIENT: Final = msgspec.json.Decoder(Event)

_TEXTS: Final = ("kind", "apiVersion", "level", "auditID", "stage", "requestURI", "verb", "userAgent")
_TIMES: Final = ("requestReceivedTimestamp", "stageTimestamp")
_BODIES: Final = ("requestObject", "responseObject", "authenticationMetadata")
_TYPES: Final[dict[str, Any]] = {
    "user": User,
    "impersonatedUser": User,
    "objectRef": ObjectRef,
    "responseStatus": Status,
    "sourceIPs": tuple[str, ...],
    "annotations": dict[str, str],
}
FIELDS: Final = frozenset((*_TEXTS, *_TIMES, *_BODIES, *_TYPES))

_MEMBERS: Final[dict[type, dict[str, msgspec.json.Decoder[Any]]]] = {
    kind: {field.name: msgspec.json.Decoder(field.type) for field in msgspec.structs.fields(kind)}
    for kind in (User, ObjectRef, Status)
}
_DECODERS: Final = {
    **dict.fromkeys((*_TEXTS, *_TIMES), msgspec.json.Decoder(str | None)),
    **{name: msgspec.json.Decoder(kind | None) for name, kind in _TYPES.items()},
}
_RAW: Final = msgspec.json.Decoder(msgspec.Raw)
_NULL: Final = b"null"


class Reading(NamedTuple):
    """What the ladder made of a candidate; `event` is None when nothing tells who did what."""

    event: Event | None
    assumed: tuple[str, ...]
    damaged: tuple[str, ...]
    facts: Facts


def is_event(members: Mapping[str, Json]) -> bool:
    """True when an object is an audit event: a verb or URI and one more sign, or an auditID with a stage."""
    if _is_text(members, "verb") or _is_text(members, "requestURI"):
        return any(name in members for name in ("user", "objectRef", "stage", "level", "auditID"))
    return _is_text(members, "auditID") and _is_text(members, "stage")


def _is_text(members: Mapping[str, Json], key: str) -> bool:
    value = members.get(key)
    return value is not None and bytes(value)[:1] == b'"'


def is_complete(event: Event) -> bool:
    """True when nothing has to be assumed about the event."""
    return bool(
        event.auditID
        and event.stage
        and event.level
        and event.requestReceivedTimestamp
        and (event.verb is not None or event.requestURI is not None)
    )


def has_body(event: Event) -> bool:
    """True when the event holds JSON of unknown shape that may be nested deeply."""
    status = event.responseStatus
    return (
        event.requestObject is not ABSENT
        or event.responseObject is not ABSENT
        or event.authenticationMetadata is not ABSENT
        or (status is not None and (status.details is not ABSENT or len(status.metadata) > 2))
    )


def is_sound(line: bytes) -> bool:
    """True when a line that msgspec took holds nothing that breaks whoever parses the bodies later."""
    if not line.isascii():
        try:
            line.decode()
        except UnicodeDecodeError:
            return False
    return not scan.is_deep(line)


def read_event(candidate: Candidate) -> Reading:
    """The event in a candidate, with what was assumed, damaged, derived and lost."""
    damaged = [f"duplicate:{name}" for name in candidate.repeated]
    event = _whole(candidate) if candidate.plain and not damaged else None
    if event is None:
        if not is_event(candidate.members):
            return Reading(None, (), (), candidate.facts)
        event = Event(**_fields(candidate, damaged))
    event, facts = _older_times(event, candidate)
    event, assumed = _assume(event)
    return Reading(event, assumed, tuple(damaged), facts)


def _whole(candidate: Candidate) -> Event | None:
    try:
        event = _LENIENT.decode(candidate.raw)
    except FAILURES:
        return None
    sound = is_sound(candidate.raw) and is_event(candidate.members)
    return event if sound else None


def _fields(candidate: Candidate, damaged: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in candidate.members.items():
        if name not in FIELDS:
            continue
        data = bytes(value)
        if candidate.nested and name not in _TEXTS and name not in _TIMES:
            data = _unnest(data)
        if name in _BODIES:
            found[name] = _body(name, data, damaged)
        else:
            found[name] = _field(name, data, damaged)
    return found


def _unnest(data: bytes) -> bytes:
    """The object or list that stands in a string; other strings are empty columns."""
    content = text_of(data) if data[:1] == b'"' else None
    if content is None:
        return data
    return content.encode() if content.lstrip()[:1] in ("{", "[") else _NULL


def _body(name: str, data: bytes, damaged: list[str]) -> msgspec.Raw:
    """A body as it is, mended when no decoder would take it, ABSENT when it nests too deeply."""
    if data == _NULL:
        return ABSENT
    if scan.is_deep(data):
        damaged.append(name)
        return ABSENT
    try:
        data.decode()
        _RAW.decode(data)
    except FAILURES:
        damaged.append(name)
        mended = scan.mend(data)
        try:
            _RAW.decode(mended)
        except FAILURES:
            return ABSENT
        return msgspec.Raw(mended)
    return msgspec.Raw(data)


def _field(name: str, data: bytes, damaged: list[str]) -> Any:
    try:
        return _DECODERS[name].decode(data)
    except FAILURES:
        pass
    kind = _TYPES.get(name)
    if kind in _MEMBERS:
        return _struct(name, kind, data, damaged)
    damaged.append(name)
    if name == "annotations":
        return _annotations(data)
    if name == "sourceIPs":
        found = elements(data)
        return None if found is None else tuple(part for item in found if (part := text_of(item)) is not None)
    return text_of(data)


def _struct(name: str, kind: type, data: bytes, damaged: list[str]) -> Any:
    """User, ObjectRef or Status, member by member; None when it is no object."""
    tree = parse(data)
    if tree is None:
        damaged.append(name)
        return None
    damaged.extend(f"duplicate:{name}.{key}" for key in tree.repeated)
    found: dict[str, Any] = {}
    for key, decoder in _MEMBERS[kind].items():
        value = tree.members.get(key)
        if value is None:
            continue
        if decoder.type is msgspec.Raw:
            found[key] = _body(f"{name}.{key}", bytes(value), damaged)
            continue
        try:
            found[key] = decoder.decode(value)
        except FAILURES:
            damaged.append(f"{name}.{key}")
            found[key] = _member(key, bytes(value))
    return kind(**found)


def _member(key: str, data: bytes) -> Any:
    """What can be kept of a broken member of a struct."""
    if key == "groups":
        found = elements(data)
        return None if found is None else tuple(part for item in found if (part := text_of(item)) is not None)
    if key == "extra":
        tree = parse(data)
        if tree is None:
            return None
        return {name: _member("groups", bytes(value)) or () for name, value in tree.members.items()}
    if key == "code":
        return _code(data)
    return text_of(data)


def _code(data: bytes) -> int | None:
    """A status code that was written as text or with a fraction."""
    content = (text_of(data) or data.decode("utf-8", "replace")).removesuffix(".0")
    return int(content) if content.isascii() and content.isdigit() and len(content) == 3 else None


def _annotations(data: bytes) -> dict[str, str] | None:
    tree = parse(data)
    if tree is None:
        return None
    return {key: content for key, value in tree.members.items() if (content := text_of(value)) is not None}


def _older_times(event: Event, candidate: Candidate) -> tuple[Event, Facts]:
    """Older events keep their time elsewhere; the fields decide, the version only names the format."""
    facts = candidate.facts
    if not candidate.members.keys() & {"timestamp", "metadata"}:
        return event, facts
    older = Facts("native-log-v1beta1").within(facts)
    if event.requestReceivedTimestamp:
        return event, older if event.apiVersion == "audit.k8s.io/v1beta1" else facts
    time = text_of(candidate.members.get("timestamp", _NULL))
    if time is None and (metadata := parse(bytes(candidate.members.get("metadata", _NULL)))) is not None:
        time = metadata.text("creationTimestamp")
    if time is None:
        return event, facts
    derived = Facts(derived=("requestReceivedTimestamp",), lost=() if event.stageTimestamp else ("stageTimestamp",))
    return msgspec.structs.replace(event, requestReceivedTimestamp=time), derived.within(older)


def _assume(event: Event) -> tuple[Event, tuple[str, ...]]:
    """Stage and level, when they are missing, are taken for what they most likely were."""
    taken: dict[str, str] = {}
    if not event.stage:
        status = event.responseStatus
        taken["stage"] = "ResponseStarted" if status is not None and status.code == 401 else "ResponseComplete"
    if not event.level:
        if event.responseObject is not ABSENT:
            taken["level"] = "RequestResponse"
        else:
            taken["level"] = "Metadata" if event.requestObject is ABSENT else "Request"
    if not taken:
        return event, ()
    return msgspec.structs.replace(event, **taken), tuple(taken)
