"""OpenTelemetry logs."""

import io
import json
from typing import Any

from kwho.formats.reader import Reader
from kwho.schema.record import Record, Rejected

TEXT = json.dumps({"auditID": "t", "stage": "Panic", "verb": "get"})


def read(records: Any) -> list[Record | Rejected]:
    attributes = [
        {"key": "openshift.cluster.uid", "value": {"stringValue": "c-1"}},
        {"key": "k8s.node.name", "value": {"stringValue": "cp-0"}},
        {"key": "odd", "value": 3},
    ]
    document = {"resourceLogs": [{"resource": {"attributes": attributes}, "scopeLogs": [{"logRecords": records}]}]}
    return list(Reader(io.BytesIO(json.dumps(document).encode()).readline))


def test_the_body_is_the_event_and_the_resource_names_cluster_and_node() -> None:
    (found,) = read([{"body": {"stringValue": TEXT}, "attributes": [{"key": "k8s.audit.event.stage"}]}])
    assert isinstance(found, Record)
    assert (found.event.auditID, found.context.cluster, found.context.instance) == ("t", "c-1", "cp-0")


def test_a_record_without_a_text_body_is_no_event_of_its_own() -> None:
    found = read([{"attributes": []}, {"body": {"kvlistValue": {}}}, 3])
    reasons = [record.reason for record in found if isinstance(record, Rejected)]
    assert reasons == ["OTLP record without body", "OTLP body as key-value list", "other JSON"]
