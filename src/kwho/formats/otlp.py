"""OpenTelemetry logs (OTLP/JSON): the body of a log record is the event; its attributes repeat a part of it."""

from collections.abc import Iterable, Iterator
from typing import Final

from kwho.formats import Facts, Inner, Refusal, Step
from kwho.formats.tree import Tree, parse

_CLUSTERS: Final = ("openshift.cluster.uid", "openshift.cluster_id", "k8s.cluster.uid", "k8s.cluster.name")
_HOSTS: Final = ("k8s.node.name", "kubernetes.host", "host.name")


class Otlp:
    """`resourceLogs[].scopeLogs[].logRecords[]`."""

    priority = 140
    formats = ("otlp-logs",)
    lists = frozenset({"resourceLogs", "scopeLogs", "logRecords"})
    examples = (
        b'{"resourceLogs":[{"resource":{"attributes":[{"key":"k8s.node.name","value":{"stringValue":"cp-0"}}]},"scopeLogs":'
        b'[{"logRecords":[{"timeUnixNano":"1","body":{"stringValue":"{\\"auditID\\":\\"t1\\",\\"verb\\":\\"get\\",\\"stage\\":'
        b'\\"ResponseComplete\\",\\"user\\":{\\"username\\":\\"ada\\"}}"}},{"attributes":[{"key":"k8s.audit.event.stage"}]}]}]}]}',
    )

    def open(self, tree: Tree, /) -> Iterable[Step] | None:
        """The bodies of all log records."""
        resources = tree.items("resourceLogs") if "resourceLogs" in tree else None
        return None if resources is None else _records(resources)


def _records(resources: Iterable[bytes]) -> Iterator[Step]:
    for resource in resources:
        tree = parse(resource)
        if tree is None:
            yield Inner(resource, Facts("otlp-logs"))
            continue
        facts = _facts(tree)
        for scope in tree.trees("scopeLogs"):
            for record in scope.items("logRecords") or ():
                yield _body(record, facts)


def _facts(resource: Tree) -> Facts:
    owner = resource.tree("resource")
    found = {
        item.text("key"): item.path("value", "stringValue") for item in (owner.trees("attributes") if owner else ())
    }
    cluster = next((found[key] for key in _CLUSTERS if found.get(key)), None)
    return Facts("otlp-logs", cluster, next((found[key] for key in _HOSTS if found.get(key)), None))


def _body(record: bytes, facts: Facts) -> Step:
    tree = parse(record)
    if tree is None:
        return Inner(record, facts)
    body = tree.tree("body")
    content = body.inner("stringValue") if body is not None else None
    if content is not None:
        return Inner(content, facts, unescaped=True)
    if body is not None and "kvlistValue" in body:
        return Refusal("OTLP body as key-value list", data=record, facts=facts)
    return Refusal("OTLP record without body", data=record, facts=facts)


FORMAT: Final = Otlp()
