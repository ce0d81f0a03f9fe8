"""Amazon EKS: CloudWatch Logs in its many transports.

Cluster names come from the log group (`/aws/eks/<cluster>/cluster`), instances from the log stream.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from kwho.formats import Facts, Inner, Refusal, Step
from kwho.formats.packed import unpack
from kwho.formats.tree import Tree, elements, parse

_TIME: Final = rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)"
_TAIL: Final = re.compile(_TIME + rb" ((?:kube-apiserver-audit-|[^\s{]*kube-apiserver-audit)[^\s{]*) (?=[\[{])")
_EXPORT: Final = re.compile(_TIME + rb" (?=\{\s*\"|\[)")
_GROUP: Final = re.compile(r"/aws/eks/([^/]+)/cluster")


class Eks:
    """CloudWatch Logs as text and as JSON."""

    priority = 110
    formats = (
        "eks-cloudwatch-tail",
        "eks-s3-export",
        "eks-subscription-filter",
        "eks-lambda-awslogs",
        "eks-filter-log-events",
        "eks-logs-insights",
    )
    lists = frozenset({"logEvents", "events", "results"})
    examples = (
        b'2026-03-01T08:00:00.000000+00:00 kube-apiserver-audit-0a {"level":"Metadata","auditID":"e1","verb":"get",'
        b'"stage":"ResponseComplete","user":{"username":"ada"},"requestReceivedTimestamp":"2026-03-01T08:00:00.000001Z"}\n',
        b'2026-03-01T08:00:00.000Z {"level":"Metadata","auditID":"e2","stage":"ResponseComplete","verb":"get",'
        b'"user":{"username":"ada"},"requestReceivedTimestamp":"2026-03-01T08:00:00.000001Z"}\n',
        b'{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"/aws/eks/shop/cluster","logStream":"kube-apiserver-audit-0a",'
        b'"subscriptionFilters":["all"],"logEvents":[{"id":"1","timestamp":1,"message":"{\\"auditID\\":\\"e3\\",'
        b'\\"stage\\":\\"ResponseComplete\\",\\"verb\\":\\"get\\",\\"user\\":{\\"username\\":\\"ada\\"}}"}]}',
        b'{"events":[{"logStreamName":"kube-apiserver-audit-0a","timestamp":1,"message":"{\\"auditID\\":\\"e4\\",'
        b'\\"stage\\":\\"ResponseComplete\\",\\"verb\\":\\"get\\",\\"user\\":{\\"username\\":\\"ada\\"}}"}]}',
        b'{"results":[[{"field":"@timestamp","value":"2026-03-01 08:00:00.000"},{"field":"@message","value":"{'
        b'\\"auditID\\":\\"e5\\",\\"stage\\":\\"ResponseComplete\\",\\"verb\\":\\"get\\",\\"user\\":{\\"username\\":\\"ada\\"}}"}]]}',
    )

    def strip(self, line: bytes, /) -> Step | None:
        """`<time> <audit log stream> <json>`, as `aws logs tail` prints it, or `<time> <json>` of an S3 export."""
        head = _TAIL.match(line)
        if head is not None:
            stream = head.group(1).decode("utf-8", "replace")
            return Inner(line[head.end() :], Facts("eks-cloudwatch-tail", instance=stream))
        head = _EXPORT.match(line)
        return None if head is None else Inner(line[head.end() :], Facts("eks-s3-export"))

    def open(self, tree: Tree, /) -> Iterable[Step] | None:
        """Subscription documents, Lambda events, and the answers of the CloudWatch API."""
        if "logEvents" in tree and "messageType" in tree:
            return _subscription(tree)
        if "awslogs" in tree:
            return _lambda(tree)
        if "events" in tree and any("message" in event for event in tree.trees("events")):
            return _log_events(tree)
        if "results" in tree and (rows := tree.items("results")) is not None:
            return (_insights(row) for row in rows)
        message = tree.inner("@message")
        if message is not None:
            return (Inner(message, _facts("eks-logs-insights", tree, "@logStream", "@log"), unescaped=True),)
        return None


def _facts(slug: str, tree: Tree, stream: str, group: str) -> Facts:
    cluster = _GROUP.search(tree.text(group) or "")
    return Facts(slug, cluster.group(1) if cluster else None, tree.text(stream))


def _subscription(tree: Tree) -> Iterator[Step]:
    facts = _facts("eks-subscription-filter", tree, "logStream", "logGroup")
    if tree.text("messageType") == "CONTROL_MESSAGE":
        yield Refusal("CloudWatch control message", data=tree.raw, facts=facts)
        return
    for event in tree.items("logEvents") or ():
        yield _message(event, facts)


def _log_events(tree: Tree) -> Iterator[Step]:
    for event in tree.items("events") or ():
        inner = parse(event)
        stream = inner.text("logStreamName") if inner is not None else None
        yield _message(event, Facts("eks-filter-log-events", None, stream))


def _message(event: bytes, facts: Facts) -> Step:
    tree = parse(event)
    message = tree.inner("message") if tree is not None else None
    if message is None:
        return (
            Inner(event, facts)
            if event == b"null"
            else Refusal("CloudWatch event without message", data=event, facts=facts)
        )
    return Inner(message, facts, unescaped=True)


def _lambda(tree: Tree) -> Iterator[Step]:
    facts = Facts("eks-lambda-awslogs")
    data = tree.path("awslogs", "data")
    yield Refusal("awslogs without data", data=tree.raw, facts=facts) if data is None else unpack(data, facts)


def _insights(row: bytes) -> Step:
    """A row of Logs Insights: a list of columns, of which the message counts."""
    facts = Facts("eks-logs-insights")
    for cell in elements(row) or ():
        column = parse(cell)
        message = column.inner("value") if column is not None and column.text("field") == "@message" else None
        if message is not None:
            return Inner(message, facts, unescaped=True)
    return Refusal("row without message", data=row, facts=facts) if row[:1] == b"[" else Inner(row)


FORMAT: Final = Eks()
