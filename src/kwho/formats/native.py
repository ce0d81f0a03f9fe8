"""The API server's own shapes: the log backend (`v1`, `v1beta1`), and the text lines of `--audit-log-format=legacy`."""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from kwho.formats import NATIVE, Candidate, Facts, Refusal, Step
from kwho.formats.ladder import is_event
from kwho.formats.tree import Json, Tree
from kwho.schema.event import Event

_ENCODER: Final = msgspec.json.Encoder()
_KIND: Final = b'{"kind":"Event","apiVersion":"audit.k8s.io/v1",'
_LEGACY: Final = re.compile(rb"^(\S+) AUDIT: (?=id=\")")
_PAIR: Final = re.compile(rb'([a-z-]+)=("(?:[^"\\]|\\.)*")')
_PLACEHOLDERS: Final = {"", "<none>", "<self>", "<lookup>", "<deferred>", "<unknown>"}
_LOST: Final = (
    "level",
    "objectRef.name",
    "stageTimestamp",
    "annotations",
    "requestObject",
    "responseObject",
    "user.uid",
    "user.extra",
    "sourceIPs",
)


def encode(event: Event) -> bytes:
    """One line of native JSON, kind and apiVersion first, without the line end."""
    plain = Event(
        **{name: getattr(event, name) for name in event.__struct_fields__ if name not in ("kind", "apiVersion")}
    )
    body = _ENCODER.encode(plain)
    if b"\n" in body or b"\r" in body:  # a body that was printed over several lines
        body = msgspec.json.format(body, indent=-1)
    return _KIND[:-1] + b"}" if body == b"{}" else _KIND + body[1:]


class Native:
    """Events as the API server writes them, alone or with foreign keys beside their own."""

    priority = 500
    formats = (NATIVE, "native-log-v1beta1", "native-legacy")
    lists: frozenset[str] = frozenset()
    examples = (
        b'{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"3a1c","stage":"ResponseComplete",'
        b'"requestURI":"/api/v1/pods","verb":"list","user":{"username":"ada"},"responseStatus":{"metadata":{},"code":200},'
        b'"requestReceivedTimestamp":"2026-03-01T08:00:00.000001Z","stageTimestamp":"2026-03-01T08:00:00.000002Z"}\n',
        b'{"kind":"Event","apiVersion":"audit.k8s.io/v1beta1","metadata":{"creationTimestamp":"2018-03-01T08:00:00Z"},'
        b'"level":"Metadata","timestamp":"2018-03-01T08:00:00Z","auditID":"3a1d","stage":"RequestReceived",'
        b'"requestURI":"/healthz","verb":"get","user":{"username":"ada"}}\n',
        b'2018-03-01T08:00:00.000000000Z AUDIT: id="3a1e" stage="ResponseComplete" ip="10.0.0.7" method="delete" '
        b'user="ada" groups="\\"ops\\",\\"system:authenticated\\"" as="<self>" asgroups="<lookup>" '
        b'user-agent="curl/8" namespace="shop" uri="/api/v1/namespaces/shop/pods/web" response="200"\n',
    )

    def strip(self, line: bytes) -> Step | None:
        """A line of the legacy text format."""
        head = _LEGACY.match(line)
        if head is None:
            return None
        pairs = {name.decode(): _unquote(value) for name, value in _PAIR.findall(line, head.end())}
        facts = Facts("native-legacy", lost=_LOST, derived=("objectRef", "level"))
        if "uri" not in pairs or "response" not in pairs:
            return Refusal("cut off inside a legacy line", "truncated", line, facts)
        return Candidate(_legacy_members(head.group(1), pairs), line, facts)

    def open(self, tree: Tree) -> Iterable[Step] | None:
        """An event, with whatever other keys."""
        if not is_event(tree.members):
            return None
        cluster = tree.text("_gdch_cluster")
        facts = Facts(NATIVE if cluster else None, cluster)
        return (Candidate(tree.members, tree.raw, facts, plain=True, repeated=tree.repeated),)


def _unquote(quoted: bytes) -> str | None:
    """The text of a Go-quoted string, None for the placeholders."""
    text = quoted[1:-1].decode("utf-8", "replace")
    text = re.sub(r'\\(["\\])', r"\1", text)
    return None if text in _PLACEHOLDERS else text


def _legacy_members(time: bytes, pairs: dict[str, str | None]) -> dict[str, Json]:
    user = {"username": pairs.get("user"), "groups": _quoted_list(pairs.get("groups"))}
    target = {"username": pairs.get("as"), "groups": _quoted_list(pairs.get("asgroups"))}
    address = pairs.get("ip")
    code = pairs.get("response") or ""
    members: dict[str, object] = {
        "auditID": pairs.get("id"),
        "stage": pairs.get("stage"),
        "level": "Metadata",
        "verb": pairs.get("method"),
        "requestURI": pairs.get("uri"),
        "user": user,
        "impersonatedUser": target if target["username"] else None,
        "userAgent": pairs.get("user-agent"),
        "sourceIPs": [address] if address else None,
        "objectRef": object_of(pairs.get("uri") or ""),
        "responseStatus": {"code": int(code)} if code.isascii() and code.isdigit() and len(code) < 4 else None,
        "requestReceivedTimestamp": time.decode("utf-8", "replace"),
    }
    return {name: _ENCODER.encode(value) for name, value in members.items() if value is not None}


def _quoted_list(text: str | None) -> list[str] | None:
    return re.findall(r'"((?:[^"\\]|\\.)*)"', text) if text else None


def object_of(uri: str) -> dict[str, str] | None:
    """The object a resource URI names; None for a non-resource URI."""
    parts = [part for part in uri.partition("?")[0].split("/") if part]
    if len(parts) > 2 and parts[0] == "api":
        ref, rest = {"apiVersion": parts[1]}, parts[2:]
    elif len(parts) > 3 and parts[0] == "apis":
        ref, rest = {"apiGroup": parts[1], "apiVersion": parts[2]}, parts[3:]
    else:
        return None
    if rest[0] in ("watch", "proxy") and len(rest) > 1:
        rest = rest[1:]
    if rest[0] == "namespaces" and len(rest) > 1:
        ref["namespace"] = rest[1]
        rest = rest[2:] if len(rest) > 2 and rest[2] not in ("finalize", "status") else rest
    return ref | dict(zip(("resource", "name", "subresource"), rest, strict=False))


FORMAT: Final = Native()
