"""OpenShift: ViaQ records of its cluster logging, and the node prefix of `oc adm node-logs`."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from kwho.formats import Candidate, Facts, Inner, Refusal, Step
from kwho.formats.ladder import is_event
from kwho.formats.tree import Json, Tree

_NODE: Final = re.compile(rb"([A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?) (?=\{)")
_LEVELS: Final = ("k8s_audit_level", "openshift_audit_level")
_MARKS: Final = frozenset({*_LEVELS, "log_source", "openshift", "viaq_msg_id", "log_type"})
_FOREIGN: Final = frozenset({"timestamp", "@timestamp", "message", "metadata"})
_HOST_AUDIT: Final = frozenset({"auditd", "ovn"})


class Openshift:
    """Events at the top level among keys of the collector, whose own `level` may have replaced that of the event."""

    priority = 130
    formats = ("openshift-viaq", "openshift-node-logs")
    lists: frozenset[str] = frozenset()
    examples = (
        b'{"@timestamp":"2026-03-01T08:00:01Z","auditID":"o1","hostname":"cp-0","k8s_audit_level":"Metadata","level":"default",'
        b'"log_source":"kubeAPI","log_type":"audit","openshift":{"cluster_id":"c-1"},"stage":"ResponseComplete","verb":"get",'
        b'"requestReceivedTimestamp":"2026-03-01T08:00:00.000001Z","user":{"username":"ada"}}',
        b'cp-0.example.test {"level":"Metadata","auditID":"o2","stage":"ResponseComplete","verb":"get",'
        b'"user":{"username":"ada"},"requestReceivedTimestamp":"2026-03-01T08:00:00.000001Z"}\n',
    )

    def strip(self, line: bytes, /) -> Step | None:
        """`<node> <json>`."""
        head = _NODE.match(line)
        if head is None:
            return None
        return Inner(line[head.end() :], Facts("openshift-node-logs", instance=head.group(1).decode()))

    def open(self, tree: Tree, /) -> Iterable[Step] | None:
        """A ViaQ record: an event, the audit of a host, or an application's line."""
        if not _MARKS & tree.members.keys():
            return None
        if is_event(tree.members):
            return _event(tree)
        if tree.text("log_source") in _HOST_AUDIT:
            return (Refusal("host audit", data=tree.raw, facts=Facts("openshift-viaq")),)
        return None


def _event(tree: Tree) -> Iterator[Step]:
    openshift = tree.tree("openshift")
    cluster = openshift.text("cluster_id") if openshift is not None else None
    host = tree.text("hostname") or (tree.path("kubernetes", "host") if "kubernetes" in tree else None)
    members: dict[str, Json] = {key: value for key, value in tree.members.items() if key not in _FOREIGN}
    for level in _LEVELS:
        if level in tree:
            members["level"] = tree.members[level]
    if tree.text("level") == "default" and bytes(members["level"]) == b'"default"':
        del members["level"]
    plain = members.get("level") == tree.members.get("level")
    yield Candidate(members, tree.raw, Facts("openshift-viaq", cluster, host), plain=plain, repeated=tree.repeated)


FORMAT: Final = Openshift()
