"""Bodies of an event as plain JSON values: decoded once, bounded, and never an error.

What the strict decoder refuses (lone surrogates, raw control characters, invalid UTF-8, numbers out of range) is read
by a lenient one; what that refuses too, and what nests deeper than the interpreter allows, reads as absent.
"""

import json
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from kwho.views import Look

Json = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
Origin = str
"""Where a written object was found: `requestObject`, `responseObject`, or `patch` (a fragment of it)."""

MAX_OPERATIONS: Final = 10_000
"""JSON-patch operations that are read; the API server itself accepts no more than this."""
MAX_STEPS: Final = 64
"""Steps of one JSON-patch path that are followed, and segments of a dotted path."""
MAX_VISITS: Final = 100_000
"""Values that one dotted path may touch."""

_UNDECODABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_HOPELESS: Final = (ValueError, RecursionError)
_UNWRITABLE: Final = (ValueError, RecursionError, OverflowError)
_WRITES: Final = frozenset({"create", "update", "patch"})
_PARTIAL_KINDS: Final = frozenset({"Table", "Status", "PartialObjectMetadata", "PartialObjectMetadataList"})
_INDEX: Final = re.compile(r"-?\d{1,9}", re.ASCII)
_INTEGER_DIGITS: Final = 4_000


class Written(NamedTuple):
    """The object a write wants to exist, as far as the event tells, and where that was read."""

    object: dict[str, Json]
    origin: Origin


class Concern(NamedTuple):
    """Which events a view is about: the resources, their API groups and subresources, and the kind of the body."""

    resources: frozenset[str]
    groups: frozenset[str]
    kinds: frozenset[str]
    subresources: frozenset[str] = frozenset({""})


class _Built(dict[str, Json]):
    """A container on the way of a JSON-patch path; one with nothing but indexes for keys becomes a list."""

    mapped = False
    """True when it is known to be an object, whatever its keys look like."""


def decode(raw: msgspec.Raw) -> Json:
    """The JSON value of a raw body; None when there is none or nothing can read it."""
    text = bytes(raw)
    if not text:
        return None
    try:
        value: Json = msgspec.json.decode(text)
    except _UNDECODABLE:
        return _decode_leniently(text)
    return value


def request_body(look: Look) -> Json:
    """What the client sent, decoded; for a patch that is the patch itself."""
    return decode(look.event.requestObject)


def response_body(look: Look) -> Json:
    """What the server returned, decoded."""
    return decode(look.event.responseObject)


def written(look: Look) -> Written | None:
    """The object that a create, update or patch writes; None when the event carries none.

    A patch is judged by the whole object in the response when that is there (not a Table, Status or bare metadata),
    else by what the patch itself says. A list of objects is not an object.
    """
    verb = look.event.verb
    if verb not in _WRITES:
        return None
    if verb == "patch":
        whole = _whole_object(look.see(response_body))
        if whole is not None:
            return Written(whole, "responseObject")
        fragment = _fragment(look.see(request_body))
        return None if fragment is None else Written(fragment, "patch")
    sent = look.see(request_body)
    if isinstance(sent, dict):
        return None if _is_list(sent) else Written(sent, "requestObject")
    whole = _whole_object(look.see(response_body))
    return None if whole is None else Written(whole, "responseObject")


def written_object(look: Look) -> dict[str, Json]:
    """The object of `written`, or an empty one."""
    found = look.see(written)
    return {} if found is None else found.object


def mapping(value: Json, *path: str) -> dict[str, Json]:
    """The object under the keys of `path`; an empty one when anything on the way is absent or of another type."""
    for key in path:
        if not isinstance(value, dict):
            return {}
        value = value.get(key)
    return value if isinstance(value, dict) else {}


def items(value: Json) -> list[Json]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def mappings(value: Json) -> Iterator[dict[str, Json]]:
    """The objects in a list; whatever else stands there is passed over."""
    return (item for item in items(value) if isinstance(item, dict))


def texts(value: Json) -> tuple[str, ...]:
    """The strings in a list; whatever else stands there is passed over."""
    return tuple(item for item in items(value) if isinstance(item, str))


def text(value: Json) -> str | None:
    """The value if it is a string."""
    return value if isinstance(value, str) else None


def pairs(value: Json) -> tuple[str, ...]:
    """The members of an object of strings as `key=value`, in their order."""
    if not isinstance(value, dict):
        return ()
    return tuple(f"{key}={item}" for key, item in value.items() if isinstance(item, str))


def concerns(look: Look, concern: Concern) -> bool:
    """True when the event is about such a resource; without an objectRef the kind of the written object decides."""
    ref = look.event.objectRef
    if ref is not None and ref.resource is not None:
        return (
            ref.resource in concern.resources
            and (not ref.apiGroup or ref.apiGroup in concern.groups)
            and (ref.subresource or "") in concern.subresources
        )
    return (text(look.see(written_object).get("kind")) or "") in concern.kinds


def leaves(root: Json, path: str) -> list[str | int | bool | None]:
    """Every value at a dotted path, lists flattened on the way; a key may itself contain dots.

    A list at the end gives its elements, an object its JSON text, a fraction its decimal text; an absent path gives ().
    """
    segments = path.split(".", MAX_STEPS)
    found: list[str | int | bool | None] = []
    pending: list[tuple[Json, int]] = [(root, 0)]
    visits = 0
    while pending and visits < MAX_VISITS:
        value, depth = pending.pop()
        visits += 1
        if isinstance(value, list):
            pending.extend((item, depth) for item in reversed(value[: MAX_VISITS - visits]))
        elif depth == len(segments):
            found.append(_scalar(value))
        elif isinstance(value, dict):
            pending.extend(_children(value, segments, depth))
    return found


def render(value: Json) -> str:
    """Compact JSON text of a value; empty when it nests too deep to be written."""
    try:
        return msgspec.json.encode(value).decode()
    except _UNWRITABLE:
        pass
    try:
        return json.dumps(value, separators=(",", ":"))
    except _UNWRITABLE:
        return ""


def _decode_leniently(text: bytes) -> Json:
    try:
        value: Json = json.loads(text.decode("utf-8", "replace"), strict=False, parse_int=_integer)
    except _HOPELESS:
        return None
    return value


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _INTEGER_DIGITS else digits


def _whole_object(body: Json) -> dict[str, Json] | None:
    if not isinstance(body, dict) or not isinstance(body.get("metadata"), dict):
        return None
    return None if text(body.get("kind")) in _PARTIAL_KINDS or _is_list(body) else body


def _is_list(body: dict[str, Json]) -> bool:
    return (text(body.get("kind")) or "").endswith("List") and "items" in body


def _fragment(patch: Json) -> dict[str, Json] | None:
    if isinstance(patch, dict):
        return patch
    if not isinstance(patch, list):
        return None
    rebuilt = _rebuild(patch)
    return rebuilt if isinstance(rebuilt, dict) else None


def _rebuild(operations: list[Json]) -> Json:
    """The object that the operations of a JSON patch imply; list positions keep their order only."""
    root: Json = _Built()
    for number, operation in enumerate(mappings(operations[:MAX_OPERATIONS])):
        path = text(operation.get("path"))
        if path is None or "value" not in operation or operation.get("op") == "test":
            continue
        steps = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/", MAX_STEPS)[1:]]
        if steps:
            root = _grow(root)
            _plant(root, [f"-{number}" if step == "-" else step for step in steps], operation["value"])
        else:
            root = operation["value"]
    return _settle(root)


def _plant(root: _Built, steps: list[str], value: Json) -> None:
    node = root
    for step in steps[:-1]:
        child = node[step] = _grow(node.get(step))
        node = child
    node[steps[-1]] = value


def _grow(value: Json) -> _Built:
    """A container that may be written to: the one that is being built, or a copy of what an operation brought."""
    if isinstance(value, _Built):
        return value
    if isinstance(value, list):
        return _Built((str(index), item) for index, item in enumerate(value))
    grown = _Built(value if isinstance(value, dict) else {})
    grown.mapped = isinstance(value, dict)
    return grown


def _settle(value: Json) -> Json:
    if not isinstance(value, _Built):
        return value
    settled = {key: _settle(item) for key, item in value.items()}
    if settled and not value.mapped and all(_INDEX.fullmatch(key) for key in settled):
        return list(settled.values())
    return settled


def _children(value: dict[str, Json], segments: list[str], depth: int) -> Iterator[tuple[Json, int]]:
    for end in range(len(segments), depth, -1):
        key = segments[depth] if end == depth + 1 else ".".join(segments[depth:end])
        if key in value:
            yield value[key], end


def _scalar(value: Json) -> str | int | bool | None:
    if isinstance(value, dict):
        return render(value)
    if isinstance(value, float):
        return repr(value)
    return None if isinstance(value, list) else value
