"""Elastic: events under `kubernetes.audit` (ECS), alone or as the hits of a search."""

from collections.abc import Iterable
from typing import Final

import msgspec

from kwho.formats import Candidate, Facts, Inner, Step
from kwho.formats.tree import Json, Tree

_ENCODE: Final = msgspec.json.Encoder().encode


class Elastic:
    """`{"kubernetes":{"audit":{…}}}`, `{"_source":{…}}` and `{"hits":{"hits":[…]}}`."""

    priority = 155
    """Before the collector of Splunk, which the `event` and `host` of these documents resemble."""
    formats = ("elastic-ecs",)
    lists = frozenset({"hits"})
    examples = (
        b'{"@timestamp":"2026-03-01T08:00:01Z","data_stream":{"dataset":"kubernetes.audit_logs"},"kubernetes":{"audit":{'
        b'"auditID":"x1","stage":"ResponseComplete","verb":"get","level":"Metadata","annotations":{'
        b'"authorization_k8s_io/decision":"allow"},"requestReceivedTimestamp":"2026-03-01T08:00:00.000001Z"}}}\n',
    )

    def open(self, tree: Tree, /) -> Iterable[Step] | None:
        """A document, a hit, or the answer of a search."""
        if "hits" in tree:
            hits = tree.items("hits")
            nested = tree.tree("hits")
            found = hits if hits is not None else (nested.items("hits") if nested is not None else None)
            return None if found is None else (Inner(hit) for hit in found)
        if "_source" in tree and (source := tree.inner("_source")) is not None:
            return (Inner(source, Facts("elastic-ecs")),)
        kubernetes = tree.tree("kubernetes") if "kubernetes" in tree else None
        audit = kubernetes.tree("audit") if kubernetes is not None and "audit" in kubernetes else None
        return None if audit is None else (_event(tree, audit),)


def _event(document: Tree, audit: Tree) -> Candidate:
    members: dict[str, Json] = dict(audit.members)
    annotations = audit.tree("annotations")
    if annotations is not None:
        restored = (_ENCODE(_restore(key)) + b":" + bytes(value) for key, value in annotations.members.items())
        members["annotations"] = b"{" + b",".join(restored) + b"}"
    facts = Facts("elastic-ecs", document.path("orchestrator", "cluster", "name"), document.path("host", "name"))
    derived = ("annotations",) if annotations is not None else ()
    return Candidate(members, audit.raw, facts._replace(derived=derived), repeated=audit.repeated)


def _restore(key: str) -> str:
    """Elastic writes `_` for the dots of a key; before the slash stands a DNS name, in which `_` is impossible."""
    domain, slash, name = key.partition("/")
    return domain.replace("_", ".") + slash + name if slash else key


FORMAT: Final = Elastic()
