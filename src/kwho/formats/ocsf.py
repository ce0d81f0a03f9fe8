"""OCSF API Activity, as Amazon Security Lake stores the audit events of EKS: a partial copy, the bodies flattened."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

import msgspec

from kwho.formats import Candidate, Facts, Refusal, Step
from kwho.formats.tree import Json, Tree

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
