"""CloudWatch Logs in all its transports."""

import base64
import gzip
import io
import json
from typing import Any

from kwho.formats.reader import Reader
from kwho.schema.record import Record, Rejected

EVENT = {"auditID": "e", "stage": "ResponseComplete", "verb": "get"}
TEXT = json.dumps(EVENT)
DOCUMENT = {
    "messageType": "DATA_MESSAGE",
    "logGroup": "/aws/eks/shop/cluster",
    "logStream": "kube-apiserver-audit-0a",
    "logEvents": [{"message": TEXT}, {"message": "I0301 08:00:00.000001       1 main.go:42] x"}, {"id": "1"}],
}


def read(data: bytes) -> list[Record | Rejected]:
    return list(Reader(io.BytesIO(data).readline))


def told(document: Any) -> list[str | None]:
    found = read(json.dumps(document).encode())
    return [record.event.auditID if isinstance(record, Record) else record.reason for record in found]


def test_a_subscription_document_names_cluster_and_stream() -> None:
    first, klog, empty = read(json.dumps(DOCUMENT).encode())
    assert isinstance(first, Record)
    assert (first.context.cluster, first.context.instance) == ("shop", "kube-apiserver-audit-0a")
    assert isinstance(klog, Rejected)
    assert isinstance(empty, Rejected)
    assert (klog.reason, empty.reason) == ("klog", "CloudWatch event without message")


def test_a_lambda_event_is_unpacked_and_a_torn_one_malformed() -> None:
    packed = gzip.compress(json.dumps(DOCUMENT).encode())
    found = read(json.dumps({"awslogs": {"data": base64.b64encode(packed).decode()}}).encode())
    assert isinstance(found[0], Record)
    assert (found[0].context.format, found[0].context.cluster) == ("eks-lambda-awslogs", "shop")
    assert told({"awslogs": {"data": base64.b64encode(packed[:-20]).decode()}}) == ["broken base64 or gzip inside JSON"]
    assert told({"awslogs": {}}) == ["awslogs without data"]


def test_control_messages_are_filtered() -> None:
    assert told({**DOCUMENT, "messageType": "CONTROL_MESSAGE"}) == ["CloudWatch control message"]


def test_text_of_other_streams_is_filtered_and_of_the_audit_stream_read() -> None:
    stamp = "2026-03-01T08:00:00.000000+00:00 "
    lines = [
        f"{stamp}kube-apiserver-audit-0a {TEXT}",
        f"{stamp}kube-scheduler-1 hello",
        f"2026-03-01T08:00:00.000Z {TEXT}",
    ]
    first, second, third = read("\n".join(lines).encode())
    assert isinstance(first, Record)
    assert isinstance(third, Record)
    assert (first.context.format, first.context.instance) == ("eks-cloudwatch-tail", "kube-apiserver-audit-0a")
    assert (second.kind if isinstance(second, Rejected) else "") == "filtered"
    assert third.context.format == "eks-s3-export"


def test_rows_of_logs_insights_are_read_in_both_shapes() -> None:
    cells = [{"field": "@timestamp", "value": "t"}, {"field": "@message", "value": TEXT}]
    assert told({"results": [cells]}) == ["e"]
    assert told({"@message": TEXT, "@logStream": "s"}) == ["e"]


def test_answers_of_filter_log_events_name_their_stream() -> None:
    (found,) = read(json.dumps({"events": [{"logStreamName": "s", "message": TEXT}]}).encode())
    assert isinstance(found, Record)
    assert found.context.instance == "s"
