import json
from typing import Any

import msgspec

from kwho.outputs.ecs import Ecs
from kwho.reports.scan import scan_document
from kwho.schema.event import Event, ObjectRef, Status, User
from kwho.schema.record import Context
from kwho.schema.result import Result

POD = b'{"kind":"Pod","spec":{"containers":[{"name":"a","image":"shop/web:1"}]}}'


def event(**more: Any) -> Event:
    plain: dict[str, Any] = {
        "level": "Request",
        "auditID": "a-1",
        "stage": "ResponseComplete",
        "verb": "create",
        "requestURI": "/api/v1/namespaces/shop/pods",
        "user": User("eve", "u-1", ("system:authenticated",)),
        "impersonatedUser": User("admin"),
        "sourceIPs": ("10.0.0.1", "192.0.2.7"),
        "userAgent": "kubectl/v1.34",
        "objectRef": ObjectRef("pods", "shop", "web", None, "", "v1"),
        "responseStatus": Status(code=409, details=msgspec.Raw(b'{"kind":"pods"}')),
        "requestObject": msgspec.Raw(POD),
        "requestReceivedTimestamp": "2026-11-18T03:04:05.000000Z",
        "stageTimestamp": "2026-11-18T03:04:05.250000Z",
        "annotations": {"authorization.k8s.io/decision": "allow", "a.b": "1", "a_b": "2"},
    }
    return Event(**(plain | more))


def told(one: Event) -> Any:
    return json.loads(b"".join(Ecs().convert([(one, Context("native", cluster="prod"))])))


def test_an_event_has_the_layout_of_the_integration() -> None:
    document = told(event())
    assert document["@timestamp"] == "2026-11-18T03:04:05.000000Z"
    assert document["event"] == {
        "kind": "event",
        "module": "kubernetes",
        "dataset": "kubernetes.audit_logs",
        "category": ["api"],
        "type": ["creation"],
        "action": "create",
        "outcome": "success",
        "duration": 250_000_000,
    }
    assert document["kubernetes"]["audit"]["auditID"] == "a-1"
    assert document["kubernetes"]["audit"]["requestObject"]["kind"] == "Pod"
    assert document["kubernetes"]["audit"]["responseStatus"] == {"code": 409, "details": {"kind": "pods"}}
    assert document["container"]["image"]["name"] == "shop/web:1"
    assert document["orchestrator"]["cluster"]["name"] == "prod"
    assert document["user"] == {"name": "eve", "id": "u-1", "effective": {"name": "admin"}}


def test_the_outcome_by_code_stands_beside_the_decision() -> None:
    document = told(event())
    assert document["event"]["outcome"] == "success"
    assert document["kwho"]["outcome"] == "failed"
    assert document["http"]["response"]["status_code"] == 409


def test_dots_in_annotation_keys_are_underscores_and_no_key_is_lost() -> None:
    annotations = told(event())["kubernetes"]["audit"]["annotations"]
    assert annotations["authorization_k8s_io/decision"] == "allow"
    assert sorted(annotations.values()) == ["1", "2", "allow"]


def test_the_direct_peer_is_the_source() -> None:
    document = told(event())
    assert document["source"]["ip"] == document["client"]["ip"] == "192.0.2.7"
    assert document["related"] == {"user": ["eve", "admin"], "ip": ["192.0.2.7", "10.0.0.1"]}


def test_what_is_no_address_is_not_typed_as_one() -> None:
    document = told(event(sourceIPs=("somewhere",)))
    assert document["source"] == {"address": "somewhere"}


def test_a_body_that_is_no_json_is_text() -> None:
    document = told(event(requestObject=msgspec.Raw(b'{"a":')))
    assert document["kubernetes"]["audit"]["requestObject"] == {"text": '{"a":'}


def test_a_finding_is_an_alert(result: Result) -> None:
    lines = b"".join(Ecs().render(scan_document(result))).splitlines()
    alert = json.loads(lines[0])
    assert alert["event"]["kind"] == "alert"
    assert alert["event"]["severity"] == 95
    assert alert["threat"]["technique"] == {"id": ["T1098"], "subtechnique": {"id": ["T1098.006"]}}
    assert alert["threat"]["tactic"]["name"] == ["Privilege Escalation"]
    assert alert["kwho"]["finding"]["id"] == alert["event"]["id"]
    assert alert["user"]["effective"]["name"] == "system:serviceaccount:shop:pay-api"


def test_evidence_has_one_type(result: Result) -> None:
    lines = b"".join(Ecs().render(scan_document(result))).splitlines()
    values = [item["value"] for line in lines[:6] for item in json.loads(line)["kwho"]["finding"]["evidence"]]
    assert values
    assert all(isinstance(value, str) for value in values)


def test_an_incident_is_an_alert_and_its_findings_name_it(result: Result) -> None:
    lines = [json.loads(line) for line in b"".join(Ecs().render(scan_document(result))).splitlines()]
    chain = lines[6]
    assert (chain["event"]["kind"], chain["event"]["dataset"]) == ("alert", "kwho.incidents")
    assert chain["event"]["risk_score"] == 100
    assert chain["related"] == {"user": ["ci:deployer"], "ip": ["203.0.113.7"]}
    named = {line["kwho"]["finding"]["id"]: line["kwho"].get("incident", {}).get("id") for line in lines[:6]}
    assert {finding for finding, incident in named.items() if incident == chain["event"]["id"]} == set(
        chain["kwho"]["incident"]["findings"]
    )


def test_an_event_with_nothing_in_it_is_a_document() -> None:
    document = told(Event())
    assert document["event"]["type"] == ["info"]
    assert document["event"]["outcome"] == "unknown"
    assert "@timestamp" not in document
    assert "kubernetes" not in document
