"""OCSF API Activity: as Amazon Security Lake stores the audit events of EKS, and as kwho itself converts events.

The former is a partial copy with the bodies flattened; the latter keeps under `unmapped` what has no place elsewhere.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from kwho.formats import Candidate, Facts, Refusal, Step
from kwho.formats.tree import Json, Tree, text_of

_ENCODE: Final = msgspec.json.Encoder().encode
_DERIVED: Final = ("requestURI", "objectRef", "sourceIPs", "annotations")
_LOST: Final = ("impersonatedUser", "requestURI.query", "requestObject", "responseObject", "user.extra")


class Ocsf:
    """`class_uid` and `metadata.product`."""

    priority = 115
    formats = ("ocsf-api-activity",)
    lists: frozenset[str] = frozenset()
    examples = (
        b'{"class_uid":6003,"metadata":{"product":{"name":"Amazon EKS"},"log_level":"Metadata"},'
        b'"message":"ResponseComplete","api":{"operation":"get","request":{"uid":"e6"},"response":{"code":200}},"actor":{"user":{"name":"ada"}},'
        b'"http_request":{"url":{"path":"/version"}},"src_endpoint":{"ip":"10.0.0.7"},"time":1772352000000}',
    )

    def open(self, tree: Tree, /) -> Iterable[Step] | None:
        """One activity."""
        return _ocsf(tree) if "class_uid" in tree and "metadata" in tree else None


def _ocsf(tree: Tree) -> Iterable[Step] | None:
    metadata, api, actor = tree.tree("metadata"), tree.tree("api"), tree.tree("actor")
    if metadata is None or "product" not in metadata:
        return None
    if api is not None and metadata.text("log_name") == "audit" and metadata.path("product", "name") == "Kubernetes":
        return (_converted(tree, metadata, api, actor),)
    facts = Facts("ocsf-api-activity", derived=_DERIVED, lost=_LOST)
    if api is None or "EKS" not in (metadata.path("product", "name") or ""):
        return (Refusal("OCSF of another product", data=tree.raw, facts=facts),)
    user = actor.tree("user") if actor is not None else None
    groups = [name for group in (user.trees("groups") if user else ()) if (name := group.text("name")) is not None]
    members: dict[str, Json | None] = {
        "auditID": _at(api, "request", "uid"),
        "stage": tree.members.get("message"),
        "level": metadata.members.get("log_level"),
        "verb": api.members.get("operation"),
        "requestURI": _at(tree, "http_request", "url", "path"),
        "userAgent": _at(tree, "http_request", "user_agent"),
        "user": _ENCODE({"username": user.text("name"), "uid": user.text("uid"), "groups": groups}) if user else None,
        "sourceIPs": _list(_at(tree, "src_endpoint", "ip")),
        "objectRef": _resource(tree),
        "responseStatus": _wrap("code", _at(api, "response", "code")),
        "annotations": _unmapped_annotations(tree),
        "requestReceivedTimestamp": _naive(tree.text("start_time_dt")),
        "stageTimestamp": _milliseconds(tree.members.get("time")),
    }
    present = {name: value for name, value in members.items() if value is not None}
    present.setdefault("requestReceivedTimestamp", present.get("stageTimestamp", b"null"))
    return (Candidate(present, tree.raw, facts),)


def _converted(tree: Tree, metadata: Tree, api: Tree, actor: Tree | None) -> Candidate:
    """One activity as `kwho convert --format ocsf` writes it."""
    user = actor.tree("user") if actor is not None else None
    unmapped = tree.tree("unmapped") or Tree(b"{}", {})
    path, query = (_text_at(tree, "http_request", "url", name) for name in ("path", "query_string"))
    code, reason, message = (_at(api, "response", name) for name in ("code", "error", "error_message"))
    members: dict[str, Json | None] = {
        "auditID": metadata.members.get("original_event_uid"),
        "stage": unmapped.members.get("stage"),
        "level": metadata.members.get("log_level"),
        "verb": api.members.get("operation"),
        "requestURI": None if path is None else _ENCODE(path if query is None else f"{path}?{query}"),
        "userAgent": _at(tree, "http_request", "user_agent"),
        "user": _converted_user(user, unmapped),
        "impersonatedUser": unmapped.members.get("impersonatedUser"),
        "sourceIPs": _addresses(tree),
        "objectRef": _converted_target(tree, api),
        "responseStatus": _joined({"code": code, "reason": reason, "message": message}) if code is not None else None,
        "annotations": _converted_annotations(actor, unmapped),
        "requestObject": unmapped.members.get("requestObject"),
        "responseObject": unmapped.members.get("responseObject"),
        "requestReceivedTimestamp": metadata.members.get("original_time"),
        "stageTimestamp": tree.members.get("time_dt"),
    }
    facts = Facts("ocsf-api-activity", unmapped.text("cluster"), tree.path("dst_endpoint", "name"), derived=_DERIVED)
    return Candidate({name: value for name, value in members.items() if value is not None}, tree.raw, facts)


def _converted_user(user: Tree | None, unmapped: Tree) -> bytes | None:
    if user is None:
        return None
    groups = _ENCODE([name for group in user.trees("groups") if (name := group.text("name")) is not None])
    named: dict[str, Json | None] = {"username": user.members.get("name"), "uid": user.members.get("uid")}
    return _joined(named | {"groups": groups, "extra": unmapped.members.get("user.extra")})


def _addresses(tree: Tree) -> bytes | None:
    """The claimed addresses, then the peer, which is written as a name when it is no address."""
    peer = _text_at(tree, "src_endpoint", "ip") or _text_at(tree, "src_endpoint", "name")
    endpoint = tree.tree("src_endpoint")
    claimed = [text_of(item) for item in (endpoint.items("intermediate_ips") if endpoint else None) or ()]
    return _ENCODE([*claimed, peer]) if peer not in (None, "unknown") else None


def _converted_target(tree: Tree, api: Tree) -> bytes | None:
    first = next(iter(tree.trees("resources")), None)
    if first is None:
        return None
    resource, _, subresource = (first.text("type") or "").partition("/")
    return _joined(
        {
            "resource": _ENCODE(resource),
            "subresource": _ENCODE(subresource) if subresource else None,
            "namespace": first.members.get("namespace"),
            "name": first.members.get("name"),
            "uid": first.members.get("uid"),
            "apiGroup": _at(api, "group", "name"),
            "apiVersion": first.members.get("version"),
        }
    )


def _converted_annotations(actor: Tree | None, unmapped: Tree) -> bytes | None:
    rest = unmapped.tree("annotations")
    found: dict[str, Json | None] = dict(rest.members) if rest is not None else {}
    verdict = next(iter(actor.trees("authorizations")), None) if actor is not None else None
    if verdict is not None:
        found["authorization.k8s.io/decision"] = verdict.members.get("decision")
        found["authorization.k8s.io/reason"] = _at(verdict, "policy", "desc")
    return _joined(found) if found else None


def _joined(members: Mapping[str, Json | None]) -> bytes:
    """The JSON object of those members that are there."""
    present = (_ENCODE(name) + b":" + bytes(value) for name, value in members.items() if value is not None)
    return b"{" + b",".join(present) + b"}"


def _text_at(tree: Tree, *keys: str) -> str | None:
    value = _at(tree, *keys)
    return None if value is None else text_of(value)


def _at(tree: Tree, *keys: str) -> Json | None:
    node: Tree | None = tree
    for key in keys[:-1]:
        node = node.tree(key) if node is not None else None
    return node.members.get(keys[-1]) if node is not None else None


def _list(value: Json | None) -> bytes | None:
    return None if value is None else b"[" + bytes(value) + b"]"


def _wrap(key: str, value: Json | None) -> bytes | None:
    return None if value is None else b'{"' + key.encode() + b'":' + bytes(value) + b"}"


def _resource(tree: Tree) -> bytes | None:
    first = next(iter(tree.trees("resources")), None)
    if first is None:
        return None
    return _ENCODE({"resource": first.text("type"), "name": first.text("name")})


def _unmapped_annotations(tree: Tree) -> bytes | None:
    unmapped = tree.tree("unmapped")
    if unmapped is None:
        return None
    prefix = "annotations."
    found = {key.removeprefix(prefix): unmapped.text(key) for key in unmapped.members if key.startswith(prefix)}
    return _ENCODE({key: value for key, value in found.items() if value is not None}) if found else None


def _naive(time: str | None) -> bytes | None:
    """OCSF writes `2026-03-01 08:00:00.123000` without a zone and means UTC."""
    if time is None:
        return None
    zoned = time.endswith(("Z", "UTC")) or "+" in time
    return _ENCODE(time if zoned else time.replace(" ", "T") + "Z")


def _milliseconds(value: Json | None) -> bytes | None:
    try:
        moment = datetime.fromtimestamp(int(bytes(value or b"x")) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return _ENCODE(moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


FORMAT: Final = Ocsf()
