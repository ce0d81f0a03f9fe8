"""A snapshot of a cluster: the JSON of `kubectl get -o json`, as facts about the time before the log.

An object counts from its creation on, or from before the log when it does not say when that was.
"""

from functools import cache
from typing import Final, NamedTuple

import msgspec

from kwho.schema.event import Event, ObjectRef, Status
from kwho.schema.moment import parse_moment
from kwho.schema.record import Context
from kwho.state.fact import BEFORE, Told
from kwho.state.things import Observer, observers
from kwho.views import Look

LONGEST: Final = 1 << 29
"""Bytes of one snapshot file."""

FILES: Final = 1 << 16
"""Snapshot files of one run; their numbers lie before those of all logs."""

_FAULTS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_FIRST_KEY: Final = 1 << 64
"""Keys of requests are smaller: no fact of a snapshot is taken for one of a request."""
_CONTEXT: Final = "snapshot"


class Position(NamedTuple):
    """Where a fact of a snapshot stands: before all events of its moment."""

    time: int
    key: int
    rank: int = 0
    file: int = -1
    offset: int = 0
    within: int = 0


class Snapshot(NamedTuple):
    """The facts of one file, and how many of its objects tell nothing that kwho follows, by kind."""

    told: tuple[Told, ...]
    ignored: dict[str, int]


class _Metadata(msgspec.Struct, frozen=True):
    name: str | None = None
    namespace: str | None = None
    created: str | None = msgspec.field(default=None, name="creationTimestamp")


class _Object(msgspec.Struct, frozen=True):
    kind: str | None = None
    api_version: str | None = msgspec.field(default=None, name="apiVersion")
    metadata: _Metadata = _Metadata()


class _List(_Object, frozen=True):
    items: list[msgspec.Raw] | None = None


def read_snapshot(path: str, data: bytes, cluster: str | None = None, number: int = 0) -> Snapshot:
    """The facts of one file, the `number`-th. Raises ValueError that says which object is wrong, and why."""
    if len(data) > LONGEST:
        raise ValueError(f"{path}: {len(data):,} bytes; at most {LONGEST:,} are read: split it by kind")
    try:
        whole = msgspec.json.decode(data, type=_List)
    except _FAULTS as error:
        raise ValueError(f"{path}: no JSON of a Kubernetes object ({error}); use kubectl get -o json") from None
    if whole.items is None and whole.kind is None:
        raise ValueError(f"{path}: neither an object nor a list of objects: it has no kind; use kubectl get -o json")
    items = [msgspec.Raw(data)] if whole.items is None else whole.items
    told: list[Told] = []
    ignored: dict[str, int] = {}
    for index, raw in enumerate(items):
        item = _read(path, index, raw, whole)
        observer = _observer(_group(item), _plural(item.kind or ""))
        if observer is None:
            ignored[item.kind or "?"] = ignored.get(item.kind or "?", 0) + 1
            continue
        made = parse_moment(item.metadata.created)
        at = Position(BEFORE if made is None else made, _FIRST_KEY + (number << 32) + index, 0, number - FILES, index)
        told.extend(Told(fact, at) for fact in observer.observe(_look(item, raw, cluster)))
    return Snapshot(tuple(told), dict(sorted(ignored.items())))


def _read(path: str, index: int, raw: msgspec.Raw, whole: _List) -> _Object:
    try:
        item = msgspec.json.decode(raw, type=_Object)
    except _FAULTS as error:
        raise ValueError(f"{path}: object {index}: {error}; is it the JSON of kubectl get -o json?") from None
    if item.metadata.name is None:
        raise ValueError(f"{path}: object {index} ({item.kind or 'without kind'}) has no metadata.name")
    kind = item.kind or (whole.kind or "").removesuffix("List") or None  # items of a PodList do not repeat their kind
    return msgspec.structs.replace(item, kind=kind, api_version=item.api_version or whole.api_version)


def _group(item: _Object) -> str:
    """The API group: `apps` of `apps/v1`, nothing of `v1`."""
    group, slash, _ = (item.api_version or "").partition("/")
    return group if slash else ""


def _look(item: _Object, raw: msgspec.Raw, cluster: str | None) -> Look:
    """The object as the request that would have made it."""
    resource = _plural(item.kind or "")
    ref = ObjectRef(resource, item.metadata.namespace, item.metadata.name, None, _group(item) or None)
    event = Event(verb="create", objectRef=ref, requestObject=raw, responseStatus=Status(code=201))
    return Look(event, Context(_CONTEXT, cluster))


def _plural(kind: str) -> str:
    bare = kind.lower()
    return f"{bare[:-1]}ies" if bare.endswith("y") else f"{bare}s"


@cache
def _observer(group: str, resource: str) -> Observer | None:
    """What reads the objects of a resource; None when nothing does."""
    return next((member for member in observers() if (group, resource) in member.resources), None)
