"""Loki: answers of its API, and what logcli prints."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from kwho.formats import Facts, Inner, Refusal, Step
from kwho.formats.tree import Tree, elements, text_of

_COLOUR: Final = re.compile(rb"\x1b\[[0-9;]{0,16}m")
_LABEL: Final = rb'[A-Za-z_][A-Za-z0-9_]*="(?:[^"\\]|\\.)*+"'
_LOGCLI: Final = re.compile(
    rb"\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d) +\{ *((?:" + _LABEL + rb"(?:, *)?)*+) *\} *(?=[{\[])"
)
_PAIR: Final = re.compile(rb'([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)"')
_CLUSTERS: Final = ("cluster", "cluster_name", "openshift_cluster_id")
_HOSTS: Final = ("k8s_node_name", "kubernetes_host", "instance", "host", "pod")


class Loki:
    """`data.result[].values[]`, logcli's text with labels, and its JSON lines."""

    priority = 195
    formats = ("loki-query-range", "logcli-text", "logcli-jsonl")
    lists = frozenset({"data", "result", "values", "streams"})
    examples = (
        b'{"status":"success","data":{"resultType":"streams","result":[{"stream":{"kubernetes_host":"cp-0"},"values":[["1",'
        b'"{\\"auditID\\":\\"i1\\",\\"stage\\":\\"ResponseComplete\\",\\"verb\\":\\"get\\"}"]]}]}}',
        b'2026-03-01T08:00:00Z {log_type="audit", kubernetes_host="cp-0"} {"auditID":"i2","stage":"ResponseComplete",'
        b'"verb":"get","level":"Metadata","requestReceivedTimestamp":"2026-03-01T08:00:00.000001Z"}\n',
        b'{"labels":{"host":"cp-0"},"line":"{\\"auditID\\":\\"i3\\",\\"stage\\":\\"ResponseComplete\\",\\"verb\\":\\"get\\"}",'
        b'"timestamp":"2026-03-01T08:00:00Z"}\n',
    )

    def strip(self, line: bytes, /) -> Step | None:
        """Logcli's `<time> {labels} <line>`; on a terminal the labels are coloured."""
        plain = _COLOUR.sub(b"", line[:4096]) + line[4096:]
        head = _LOGCLI.match(plain)
        if head is None:
            return None
        labels = {key.decode(): value.decode("utf-8", "replace") for key, value in _PAIR.findall(head.group(1))}
        return Inner(plain[head.end() :], _facts("logcli-text", labels))

    def open(self, tree: Tree, /) -> Iterable[Step] | None:
        """The streams of a query, or one line of `logcli -o jsonl`."""
        if "data" in tree and (data := tree.tree("data")) is not None:
            streams = data.items("result") if "result" in data else None
            return None if streams is None else _streams(data.trees("result"))
        if "streams" in tree and (streams := tree.items("streams")) is not None:
            return _streams(tree.trees("streams"))
        if "line" in tree and "labels" in tree and (line := tree.inner("line")) is not None:
            return (Inner(line, _facts("logcli-jsonl", _labels(tree.tree("labels"))), unescaped=True),)
        return None


def _labels(tree: Tree | None) -> dict[str, str]:
    return {key: value for key in (tree.members if tree else ()) if tree is not None and (value := tree.text(key))}


def _facts(slug: str, labels: dict[str, str]) -> Facts:
    cluster = next((labels[key] for key in _CLUSTERS if key in labels), None)
    return Facts(slug, cluster, next((labels[key] for key in _HOSTS if key in labels), None))


def _streams(streams: list[Tree]) -> Iterator[Step]:
    for stream in streams:
        facts = _facts("loki-query-range", _labels(stream.tree("stream")))
        for value in stream.items("values") or ():
            entry = elements(value)
            line = text_of(entry[1]) if entry is not None and len(entry) > 1 else None
            if line is not None:
                yield Inner(line.encode(), facts, unescaped=True)
            elif value != b"null":
                yield Refusal("Loki entry without line", data=value, facts=facts)


FORMAT: Final = Loki()
