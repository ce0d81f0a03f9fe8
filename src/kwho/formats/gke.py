"""Google Kubernetes Engine: audit entries of Cloud Logging, direct, through Pub/Sub, or exported to BigQuery.

An entry is Google's own shape: the event is rebuilt from it. Codes are gRPC's, the query of the URI and the groups of
the caller are gone, and what can be known for certain is derived and said to be. `methodName` decides what a request
was: `apis/x/v1` in `resourceName` is a path when the method names no version, however it looks.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from kwho.formats import Candidate, Facts, Inner, Refusal, Step
from kwho.formats.packed import unpack
from kwho.formats.tree import Json, Tree, parse

_ENCODE: Final = msgspec.json.Encoder().encode
_VERSION: Final = re.compile(r"v\d+(?:(?:alpha|beta)\d+)?", re.ASCII)
_HTTP: Final = {
    0: 200,
    3: 400,
    4: 504,
    5: 404,
    6: 409,
    7: 403,
    8: 429,
    9: 400,
    10: 409,
    12: 501,
    13: 500,
    14: 503,
    16: 401,
}
_DECISION: Final = "authorization.k8s.io/decision"
_DRY_RUN: Final = "command.gke.io/dryRun"
_WRITES: Final = frozenset({"create", "update", "patch"})
_DERIVED: Final = ("level", "stage", "requestReceivedTimestamp", "requestURI", "responseStatus.code")
_LOST: Final = (
    "user.uid",
    "user.extra",
    "impersonatedUser",
    "objectRef.uid",
    "objectRef.resourceVersion",
    "requestURI.query",
)
# BigQuery turns `.`, `/` and `-` of label keys into `_`, which cannot be undone but for keys that are known.
_LABELS: Final = {
    re.sub(r"[./-]", "_", key): key
    for key in (
        _DECISION,
        "authorization.k8s.io/reason",
        "k8s.io/deprecated",
        "k8s.io/removed-release",
        "audit.k8s.io/truncated",
        "authentication.k8s.io/legacy-token",
        "authentication.k8s.io/stale-token",
        "pod-security.kubernetes.io/enforce-policy",
        "pod-security.kubernetes.io/audit-violations",
        "pod-security.kubernetes.io/exempt",
        _DRY_RUN,
    )
}


class Gke:
    """LogEntry, Pub/Sub messages and BigQuery rows."""

    priority = 150
    formats = ("gke-logentry", "gke-pubsub-push", "gke-bigquery-row")
    lists = frozenset({"entries", "receivedMessages"})
    examples = (
        b'{"insertId":"g1","protoPayload":{"serviceName":"k8s.io","methodName":"io.k8s.core.v1.pods.delete","resourceName":'
        b'"core/v1/namespaces/shop/pods/web","authenticationInfo":{"principalEmail":"ada@example.test"},"status":{"code":7}},'
        b'"resource":{"type":"k8s_cluster","labels":{"project_id":"p","location":"l","cluster_name":"c"}},'
        b'"timestamp":"2026-03-01T08:00:00.000001Z"}\n',
        b'{"insertId":"g2","protopayload_auditlog":{"serviceName":"k8s.io","methodName":"io.k8s.get","resourceName":"livez",'
        b'"authenticationInfo":{"principalEmail":"system:anonymous"},"status":null,"requestJson":null},'
        b'"labels":{"authorization_k8s_io_decision":"allow"},"timestamp":"2026-03-01 08:00:00.000001 UTC"}\n',
        b'{"message":{"data":"eyJ2ZXJiIjoiZ2V0IiwiYXVkaXRJRCI6ImczIn0="},"subscription":"s"}',
    )

    def open(self, tree: Tree, /) -> Iterable[Step] | None:
        """An audit entry, or the Pub/Sub message around one."""
        for key, slug in (("protoPayload", "gke-logentry"), ("protopayload_auditlog", "gke-bigquery-row")):
            if key in tree and (payload := tree.tree(key)) is not None:
                return (_entry(tree, payload, slug),)
        for key in ("entries", "receivedMessages"):
            if key in tree and (items := tree.items(key)) is not None:
                return (Inner(item) for item in items)
        message = tree.tree("message") if "message" in tree else None
        data = message.text("data") if message is not None else None
        return None if data is None else (unpack(data, Facts("gke-pubsub-push")),)


class _Target(NamedTuple):
    """What the method and resource names say about a request."""

    verb: str
    uri: str
    ref: dict[str, str] | None


def _entry(entry: Tree, payload: Tree, slug: str) -> Step:
    method, service = payload.text("methodName") or "", payload.text("serviceName")
    if service != "k8s.io" and (service is not None or not method.startswith("io.k8s.")):
        return Refusal("Google Cloud administration", data=entry.raw, facts=Facts(slug))
    if not method:
        return Refusal("Google Cloud entry without method", data=entry.raw, facts=Facts(slug))
    target = _target(method, payload.text("resourceName") or "")
    labels = _labels(entry)
    annotations, guessed = _annotations(labels, payload)
    user, groups = _user(payload)
    bodies = {"requestObject": _body(payload, "request"), "responseObject": _body(payload, "response")}
    time = _time(entry)
    members: dict[str, Json | None] = {
        "auditID": entry.members.get("insertId"),
        "level": _level(bodies),
        "stage": _stage(entry),
        "verb": _ENCODE(target.verb),
        "requestURI": _ENCODE(target.uri + _query(labels, target.verb)),
        "objectRef": _ENCODE(target.ref) if target.ref else None,
        "user": user,
        "sourceIPs": _addresses(payload),
        "userAgent": _request(payload, "callerSuppliedUserAgent"),
        "responseStatus": _status(payload),
        "annotations": annotations,
        "requestReceivedTimestamp": time,
        "stageTimestamp": time,
        **bodies,
    }
    present = {name: value for name, value in members.items() if value is not None}
    derived = _DERIVED + (("annotations.decision",) if guessed else ()) + (("user.groups",) if groups else ())
    lost = _LOST if groups else (*_LOST, "user.groups")
    return Candidate(present, entry.raw, Facts(slug, _cluster(entry), None, derived, lost))


def _time(entry: Tree) -> Json | None:
    """BigQuery writes `2026-03-01 08:00:00.000001 UTC`."""
    text = entry.text("timestamp")
    if text is None or not text.endswith(" UTC"):
        return entry.members.get("timestamp")
    return _ENCODE(text.removesuffix(" UTC").replace(" ", "T") + "Z")


def _target(method: str, name: str) -> _Target:
    parts = method.split(".")
    version = next((at for at, part in enumerate(parts) if _VERSION.fullmatch(part)), None)
    after = parts[version + 1 :] if version is not None else []
    segments = name.split("/")
    if len(after) < 2 or len(segments) < 3:
        return _Target(parts[-1], "/" + name.removeprefix("/"), None)
    group = "" if segments[0] == "core" else segments[0]
    ref = {"resource": after[0], "apiGroup": group, "apiVersion": segments[1]}
    rest = segments[2:]
    if rest[0] == "namespaces" and len(rest) > 1:
        ref["namespace"] = rest[1]
        rest = rest if after[0] == "namespaces" else rest[2:]
    if len(rest) > 1:
        ref["name"] = rest[1]
    if len(after) > 2:
        ref["subresource"] = "/".join(after[1:-1])
    root = f"/apis/{group}" if group else "/api"
    present = {key: value for key, value in ref.items() if value}
    return _Target(parts[-1], "/".join((root, *segments[1:])), present)


def _user(payload: Tree) -> tuple[bytes, bool]:
    """The caller, with the groups that Kubernetes gives to everybody of that kind, and whether there are any."""
    info = payload.tree("authenticationInfo")
    name = (info.text("principalEmail") or info.text("principalSubject")) if info is not None else None
    groups: list[str] = []
    kind = (name or "").split(":")
    if kind[:2] == ["system", "serviceaccount"] and len(kind) == 4:
        groups = ["system:serviceaccounts", f"system:serviceaccounts:{kind[2]}", "system:authenticated"]
    elif kind[:2] == ["system", "node"] and len(kind) == 3:
        groups = ["system:nodes", "system:authenticated"]
    elif name == "system:anonymous":
        groups = ["system:unauthenticated"]
    user = {"username": name} if name else {}
    return _ENCODE(user | {"groups": groups} if groups else user), bool(groups)


def _request(payload: Tree, *keys: str) -> Json | None:
    metadata = payload.tree("requestMetadata")
    found = (metadata.members.get(key) for key in keys) if metadata is not None else ()
    return next((value for value in found if value is not None), None)


def _addresses(payload: Tree) -> bytes | None:
    address = _request(payload, "callerIp", "callerIP")
    return None if address is None or bytes(address) == b"null" else b"[" + bytes(address) + b"]"


def _granted(payload: Tree) -> bool | None:
    first = next(iter(payload.trees("authorizationInfo")), None)
    value = bytes(first.members.get("granted", b"")) if first is not None else b""
    return {b"true": True, b"false": False}.get(value)


def _status(payload: Tree) -> bytes:
    status = payload.tree("status")
    code = bytes(status.members.get("code", b"0")) if status is not None else b"0"
    number = int(code) if code.isdigit() and len(code) < 4 else -1
    if number == 0 and _granted(payload) is False:
        number = 7
    answer: dict[str, object] = {"metadata": {}, "code": _HTTP.get(number, 500)}
    message = status.text("message") if status is not None else None
    return _ENCODE(answer | {"message": message} if message else answer)


def _labels(entry: Tree) -> dict[str, str]:
    """The labels, as the annotations that they were."""
    labels = entry.tree("labels")
    texts = {key: labels.text(key) for key in labels.members} if labels is not None else {}
    return {_LABELS.get(key, key): value for key, value in texts.items() if value is not None}


def _query(labels: dict[str, str], verb: str) -> str:
    """The one key of the query that a label keeps: a dry run of a write; of a deletion only the body tells."""
    return "?dryRun=All" if verb in _WRITES and labels.get(_DRY_RUN, "").lower() in ("true", "all") else ""


def _annotations(labels: dict[str, str], payload: Tree) -> tuple[bytes | None, bool]:
    """The annotations, and whether the decision had to be derived."""
    found = dict(labels)
    granted = _granted(payload)
    guessed = _DECISION not in found and granted is not None
    if guessed:
        found[_DECISION] = "allow" if granted else "forbid"
    return (_ENCODE(found) if found else None), guessed


def _body(payload: Tree, key: str) -> bytes | None:
    """A body without the type that Google adds; in BigQuery it stands in a string."""
    data = payload.inner(key) or payload.inner(f"{key}Json")
    tree = parse(data) if data is not None else None
    if tree is None or "@type" not in tree:
        return data
    rest = (_ENCODE(name) + b":" + bytes(value) for name, value in tree.members.items() if name != "@type")
    return b"{" + b",".join(rest) + b"}"


def _level(bodies: dict[str, bytes | None]) -> bytes:
    if bodies["responseObject"] is not None:
        return b'"RequestResponse"'
    return b'"Metadata"' if bodies["requestObject"] is None else b'"Request"'


def _stage(entry: Tree) -> bytes:
    operation = entry.tree("operation")
    if operation is None:
        return b'"ResponseComplete"'
    first, last = (bytes(operation.members.get(key, b"")) == b"true" for key in ("first", "last"))
    return b'"ResponseStarted"' if first and not last else b'"ResponseComplete"'


def _cluster(entry: Tree) -> str | None:
    resource = entry.tree("resource")
    labels = resource.tree("labels") if resource is not None else None
    if labels is None:
        return None
    parts = [labels.text(key) for key in ("project_id", "location", "cluster_name")]
    return "/".join(part or "?" for part in parts) if parts[2] else None


FORMAT: Final = Gke()
