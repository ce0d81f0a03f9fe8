import json
from typing import Any

import msgspec
import pytest

from kwho.outputs.ocsf import Ocsf
from kwho.reports.scan import scan_document
from kwho.schema.event import Event, ObjectRef, Status, User
from kwho.schema.record import Context
from kwho.schema.result import Result

API = {
    "activity_id", "category_uid", "class_uid", "type_uid", "severity_id", "time", "metadata", "api", "actor",
    "src_endpoint",
}  # fmt: skip


def told(event: Event) -> Any:
    return json.loads(b"".join(Ocsf().convert([(event, Context("native", cluster="prod", instance="a"))])))


def test_an_event_is_an_api_activity() -> None:
    document = told(
        Event(
            level="Request",
            auditID="a-1",
            stage="ResponseComplete",
            verb="list",
            requestURI="/api/v1/secrets?limit=5",
            user=User("eve", "u-1", ("dev",), {"sessionName": ("eve@laptop",), "accessKeyId": ("AK",)}),
            impersonatedUser=User("admin"),
            sourceIPs=("10.0.0.1", "192.0.2.7"),
            userAgent="kubectl/v1.34",
            objectRef=ObjectRef("secrets", "shop", None, None, "", "v1"),
            responseStatus=Status(code=403, reason="Forbidden", message="no"),
            requestReceivedTimestamp="2026-11-18T03:04:05.000000Z",
            stageTimestamp="2026-11-18T03:04:05.250000Z",
            annotations={"authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": "r", "x": "y"},
        )
    )
    assert set(document) >= API
    assert (document["class_uid"], document["activity_id"], document["type_uid"]) == (6003, 2, 600302)
    assert (document["status_id"], document["status_detail"], document["status_code"]) == (2, "forbidden", "403")
    assert document["metadata"]["original_event_uid"] == document["api"]["request"]["uid"] == "a-1"
    assert document["metadata"]["event_code"] == "ResponseComplete"
    assert document["metadata"]["version"] == "1.8.0"
    assert document["actor"]["user"]["groups"] == [{"name": "dev"}]
    assert document["actor"]["session"] == {"uid": "eve@laptop", "credential_uid": "AK"}
    assert document["actor"]["authorizations"] == [{"decision": "forbid", "policy": {"desc": "r"}}]
    assert document["src_endpoint"] == {"ip": "192.0.2.7", "intermediate_ips": ["10.0.0.1"]}
    assert document["http_request"]["url"] == {"path": "/api/v1/secrets", "query_string": "limit=5"}
    assert document["unmapped"]["impersonatedUser"] == {"username": "admin"}
    assert document["unmapped"]["annotations"] == {"x": "y"}
    assert document["duration"] == 250
    assert document["end_time"] - document["start_time"] == 250


@pytest.mark.parametrize(
    ("verb", "subresource", "activity", "name"),
    [
        ("create", None, 1, "Create"),
        ("watch", None, 2, "Read"),
        ("patch", None, 3, "Update"),
        ("deletecollection", None, 4, "Delete"),
        ("get", "exec", 99, "exec"),
        ("create", "portforward", 99, "portforward"),
        ("impersonate", None, 99, "impersonate"),
        ("create", "eviction", 1, "Create"),
        (None, None, 0, "Unknown"),
    ],
)
def test_activities_are_decided_by_verb_and_subresource(
    verb: str | None, subresource: str | None, activity: int, name: str
) -> None:
    document = told(Event(verb=verb, objectRef=ObjectRef("pods", subresource=subresource)))
    assert (document["activity_id"], document["activity_name"]) == (activity, name)


@pytest.mark.parametrize(
    ("code", "stage", "status"),
    [(200, "ResponseComplete", 1), (500, "ResponseComplete", 2), (None, "ResponseComplete", 0)],
)
def test_the_outcome_is_the_status(code: int | None, stage: str, status: int) -> None:
    assert told(Event(verb="get", stage=stage, responseStatus=Status(code=code)))["status_id"] == status


def test_required_members_are_there_even_for_nothing_at_all() -> None:
    document = told(Event())
    assert set(document) >= API
    assert document["time"] == 0
    assert document["api"]["request"]["uid"] == "unknown"
    assert document["src_endpoint"] == {"name": "unknown"}


def test_bodies_are_kept_whole_and_on_one_line() -> None:
    event = Event(requestObject=msgspec.Raw(b'{\n "a": [1,\n 2]}'), responseObject=msgspec.Raw(b"{"))
    data = b"".join(Ocsf().convert([(event, Context("native"))]))
    assert data.count(b"\n") == 1
    assert json.loads(data)["unmapped"]["requestObject"] == {"a": [1, 2]}
    assert json.loads(data)["unmapped"]["responseObject"] == "{"


def test_a_finding_is_a_detection(result: Result) -> None:
    lines = [json.loads(line) for line in b"".join(Ocsf().render(scan_document(result))).splitlines()]
    first = lines[0]
    assert (first["class_uid"], first["type_uid"], first["severity_id"]) == (2004, 200401, 5)
    assert first["finding_info"]["uid"] == first["unmapped"]["finding"]["id"]
    assert first["finding_info"]["attacks"][1] == {
        "technique": {"uid": "T1098"},
        "sub_technique": {"uid": "T1098.006"},
    }
    assert first["evidences"][0]["src_endpoint"]["ip"] == "203.0.113.7"
    assert [line["is_alert"] for line in lines[:6]] == [True] * 5 + [False]
    assert first["resources"] == [{"type": "clusterrolebindings", "name": "tmp-dbg"}]
    assert "resources" not in lines[2]


def test_an_incident_is_an_incident_finding(result: Result) -> None:
    lines = [json.loads(line) for line in b"".join(Ocsf().render(scan_document(result))).splitlines()]
    chain = lines[6]
    assert (chain["class_uid"], chain["type_uid"], chain["severity_id"]) == (2005, 200501, 5)
    assert [member["uid"] for member in chain["finding_info_list"]] == chain["unmapped"]["incident"]["findings"]
    assert {"tactic": {"name": "Privilege Escalation", "uid": "TA0004"}} in chain["attacks"]
    assert chain["desc"].count("\n") == 2
