"""Events that a shipper has parsed: its own keys stand beside those of the event, and are kept apart from them."""

from collections.abc import Iterable
from typing import Final

from kwho.formats import Candidate, Facts, Step
from kwho.formats.ladder import is_event
from kwho.formats.tree import Tree

_KEYS: Final = frozenset({"cluster_name", "source_type", "date", "kubernetes", "logtag", "file", "stream"})


class Foreign:
    """An event beside keys such as `cluster_name` or `kubernetes`, as Fluent Bit's JSON parser leaves it."""

    priority = 490
    formats = ("fluentbit-parsed",)
    lists: frozenset[str] = frozenset()
    examples = (
        b'{"auditID":"p1","level":"Metadata","stage":"ResponseComplete","verb":"get","user":{"username":"ada"},'
        b'"requestReceivedTimestamp":"2026-03-01T08:00:00.000001Z","cluster_name":"shop","source_type":"k8s_audit"}\n',
    )

    def open(self, tree: Tree, /) -> Iterable[Step] | None:
        """An event with foreign keys."""
        if not (_KEYS & tree.members.keys()) or not is_event(tree.members):
            return None
        kubernetes = tree.tree("kubernetes") if "kubernetes" in tree else None
        pod = kubernetes.text("pod_name") if kubernetes is not None else None
        facts = Facts("fluentbit-parsed", tree.text("cluster_name"), pod or tree.text("host"))
        return (Candidate(tree.members, tree.raw, facts, plain=True, repeated=tree.repeated),)


FORMAT: Final = Foreign()
