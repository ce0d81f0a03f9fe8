"""Azure's records and tables."""

import io
import json
from typing import Any

import pytest

from kwho.formats.reader import Reader
from kwho.schema.event import ABSENT
from kwho.schema.record import Record, Rejected

ROW = {"AuditId": "k", "RequestUri": "/x", "Verb": "get", "Stage": "ResponseComplete", "Level": "Request"}
EVENT = {"auditID": "k", "stage": "ResponseComplete", "verb": "get"}


def one(document: dict[str, Any]) -> Record | Rejected:
    (found,) = Reader(io.BytesIO(json.dumps(document).encode()).readline)
    return found


def test_a_body_that_azure_skipped_is_lost_and_never_a_string() -> None:
    found = one({**ROW, "RequestObject": "skipped-too-big-size-object", "ResponseObject": {"a": 1}})
    assert isinstance(found, Record)
    assert found.event.requestObject is ABSENT
    assert bytes(found.event.responseObject) == b'{"a": 1}'
    assert "requestObject" in found.context.lost
    assert "impersonatedUser" in found.context.lost


def test_dynamic_columns_may_be_json_in_strings() -> None:
    found = one(
        {**ROW, "User": '{"username":"ada"}', "SourceIps": '["10.0.0.1"]', "ObjectRef": "", "Annotations": None}
    )
    assert isinstance(found, Record)
    assert found.event.user is not None
    assert (found.event.user.username, found.event.sourceIPs, found.damaged) == ("ada", ("10.0.0.1",), ())


def test_a_record_names_cluster_and_instance_whatever_the_case() -> None:
    resource = "/SUBSCRIPTIONS/S/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/Shop"
    found = one({"resourceId": resource, "properties": {"log": json.dumps(EVENT) + "\n", "pod": "kube-apiserver-0"}})
    assert isinstance(found, Record)
    assert (found.context.cluster, found.context.instance) == ("s/rg/shop", "kube-apiserver-0")


def test_component_logs_in_the_same_field_are_filtered() -> None:
    klog = "I0301 08:00:00.000001       1 main.go:42] started\n"
    found = one({"category": "kube-apiserver", "properties": {"log": klog}})
    assert isinstance(found, Rejected)
    assert (found.kind, found.reason, found.format) == ("filtered", "klog", "aks-eventhub-record")
    missing = one({"properties": {"log": 3}})
    assert isinstance(missing, Rejected)
    assert missing.kind == "filtered"


def test_a_batch_keeps_one_record_each() -> None:
    batch = {"records": [{"properties": {"log": EVENT}}, {"properties": {"log": json.dumps(EVENT)[:-9]}}, {"x": 1}]}
    found = list(Reader(io.BytesIO(json.dumps(batch).encode()).readline))
    assert [record.index for record in found] == [0, 1, 2]
    assert [record.kind if isinstance(record, Rejected) else "event" for record in found] == [
        "event",
        "truncated",
        "filtered",
    ]


def test_the_older_table_holds_the_event_in_a_string() -> None:
    found = one({"Category": "kube-audit", "log_s": json.dumps(EVENT), "pod_s": "p"})
    assert isinstance(found, Record)
    assert (found.context.format, found.context.instance) == ("aks-log-analytics-legacy", "p")
    assert isinstance(one({"Category": "x", "log_s": None}), Rejected)


@pytest.mark.parametrize("wrap", [lambda log: {"properties": {"log": log}}, lambda log: {"log_s": log}])
def test_a_body_that_azure_skipped_in_a_record_is_lost_too(wrap: Any) -> None:
    log = {**EVENT, "requestObject": "skipped-too-big-size-object", "responseObject": {"note": "x"}}
    found = one(wrap(json.dumps(log)))
    assert isinstance(found, Record)
    assert found.event.requestObject is ABSENT
    assert bytes(found.event.responseObject) == b'{"note": "x"}'
    assert found.context.lost == ("requestObject",)
    named = one(wrap(json.dumps({**EVENT, "responseObject": {"note": "skipped-too-big-size-object"}})))
    assert isinstance(named, Record)
    assert (bytes(named.event.responseObject)[:6], named.context.lost) == (b'{"note', ())
