"""Log shippers: Fluent Bit, fluentd, Vector, Filebeat and others that put the line under one key."""

import re
from collections.abc import Iterable
from typing import Final

from kwho.formats import Facts, Inner, Piece, Step
from kwho.formats.tree import Tree

_FLUENTD: Final = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*\t([^\t]*)\t(?=[{\[])")
_VECTOR: Final = frozenset({"source_type", "file"})
_KEYS: Final = ("log", "message", "msg", "line", "jsonPayload", "body", "value", "data", "payload", "event", "content")


class Shippers:
    """`log`, `message` and the like around the line, or the event with keys of the shipper beside its own."""

    priority = 520
    formats = ("fluentbit-record", "fluentd-file", "vector-file", "shipper-json")
    lists: frozenset[str] = frozenset()
    examples = (
        b'{"date":1.5,"log":"{\\"auditID\\":\\"f1\\",\\"stage\\":\\"ResponseComplete\\",\\"verb\\":\\"get\\"}","stream":"stdout",'
        b'"logtag":"F","kubernetes":{"pod_name":"kube-apiserver-0","host":"cp-0"},"cluster_name":"shop"}\n',
        b'2026-03-01T08:00:00+00:00\tkube.audit\t{"auditID":"f2","stage":"ResponseComplete","verb":"get"}\n',
        b'{"file":"/audit.log","host":"cp-0","message":"{\\"auditID\\":\\"f3\\",\\"stage\\":\\"ResponseComplete\\",\\"verb\\":'
        b'\\"get\\"}","source_type":"file","timestamp":"2026-03-01T08:00:00Z"}\n',
    )

    def strip(self, line: bytes, /) -> Step | None:
        """Fluentd's `<time> TAB <tag> TAB <json>`."""
        head = _FLUENTD.match(line)
        return None if head is None else Inner(line[head.end() :], Facts("fluentd-file"))

    def open(self, tree: Tree, /) -> Iterable[Step] | None:
        """The line under the first key that holds text or an object."""
        for key in _KEYS:
            if key not in tree:
                continue
            inner = tree.inner(key)
            if inner is None:
                continue
            facts = _facts(tree, key)
            if key == "log" and tree.text("logtag") in ("P", "F"):
                stream = f"{facts.instance}/{tree.text('stream')}"
                return (Piece(stream, inner, tree.text("logtag") == "F", facts),)
            return (Inner(inner, facts, tree.is_text(key)),)
        return None


def _facts(tree: Tree, key: str) -> Facts:
    slug = "shipper-json"
    if key == "log":
        slug = "fluentbit-record"
    elif key == "message" and tree.members.keys() >= _VECTOR:
        slug = "vector-file"
    kubernetes = tree.tree("kubernetes") if "kubernetes" in tree else None
    instance = tree.text("host")
    if kubernetes is not None:
        instance = kubernetes.text("pod_name") or kubernetes.text("host") or instance
    return Facts(slug, tree.text("cluster_name") or tree.text("cluster"), instance)


FORMAT: Final = Shippers()
