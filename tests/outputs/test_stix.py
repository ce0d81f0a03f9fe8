"""The bundle keeps the rules of STIX 2.1 that can be checked without its library."""

import json
import re
import uuid
from typing import Any

import msgspec

from kwho.outputs.stix import OBSERVABLES, Stix
from kwho.reports.scan import scan_document
from kwho.schema.result import Result

ID = re.compile(r"[a-z0-9-]+--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
OBSERVABLE = {"user-account", "ipv4-addr", "ipv6-addr"}
REQUIRED = {
    "identity": {"name"}, "incident": {"name"}, "note": {"content", "object_refs"}, "attack-pattern": {"name"},
    "relationship": {"relationship_type", "source_ref", "target_ref"},
    "grouping": {"context", "object_refs"},
    "observed-data": {"first_observed", "last_observed", "number_observed", "object_refs"},
    "user-account": {"user_id"}, "ipv4-addr": {"value"}, "ipv6-addr": {"value"},
}  # fmt: skip


def bundle(result: Result) -> list[dict[str, Any]]:
    told = json.loads(b"".join(Stix().render(scan_document(result))))
    assert told["type"] == "bundle"
    assert ID.fullmatch(told["id"])
    objects: list[dict[str, Any]] = told["objects"]
    return objects


def references(item: dict[str, Any]) -> list[str]:
    single = [value for key, value in item.items() if key.endswith("_ref")]
    return single + [name for key, value in item.items() if key.endswith("_refs") for name in value]


def test_every_object_has_what_the_specification_requires(result: Result) -> None:
    for item in bundle(result):
        assert item["spec_version"] == "2.1"
        assert ID.fullmatch(item["id"])
        assert item["id"].startswith(f"{item['type']}--")
        assert set(item) >= REQUIRED[item["type"]]
        if item["type"] not in OBSERVABLE:
            assert TIME.fullmatch(item["created"])
            assert item["created"] <= item["modified"]


def test_every_reference_leads_to_an_object_and_each_object_stands_once(result: Result) -> None:
    objects = bundle(result)
    names = [item["id"] for item in objects]
    assert len(names) == len(set(names))
    assert {name for item in objects for name in references(item)} <= set(names)


def test_observations_refer_to_observables_and_end_after_they_begin(result: Result) -> None:
    seen = [item for item in bundle(result) if item["type"] == "observed-data"]
    assert len(seen) == 5
    for item in seen:
        assert item["first_observed"] <= item["last_observed"]
        assert 1 <= item["number_observed"] <= 999_999_999
        assert {name.partition("--")[0] for name in item["object_refs"]} <= OBSERVABLE


def test_identifiers_of_observables_are_those_of_the_specification(result: Result) -> None:
    (address,) = (item for item in bundle(result) if item.get("value") == "203.0.113.7")
    name = '{"value":"203.0.113.7"}'
    assert address["id"] == f"ipv4-addr--{uuid.uuid5(OBSERVABLES, name)}"


def test_an_incident_stands_with_its_story_and_all_it_is_related_to(result: Result) -> None:
    objects = bundle(result)
    chain = next(item for item in objects if item["type"] == "incident")
    (told,) = (item for item in objects if item["type"] == "note" and item["object_refs"] == [chain["id"]])
    assert told["content"].count("\n") >= 3
    related = {item["target_ref"] for item in objects if item.get("source_ref") == chain["id"]}
    kinds = {name.partition("--")[0] for name in related}
    assert kinds == {"attack-pattern", "user-account", "ipv4-addr", "observed-data"}
    (group,) = (item for item in objects if item["type"] == "grouping" and chain["id"] in item["object_refs"])
    assert related < set(group["object_refs"])


def test_what_has_no_time_and_no_address_is_told_all_the_same(result: Result) -> None:
    finding = result.findings[0]
    nowhere = msgspec.structs.replace(
        finding,
        time=msgspec.structs.replace(finding.time, first=None, last=None),
        source=msgspec.structs.replace(finding.source, ip="not an address"),
        principal=msgspec.structs.replace(finding.principal, user=None),
    )
    objects = bundle(msgspec.structs.replace(result, findings=(nowhere,), incidents=()))
    (seen,) = (item for item in objects if item["type"] == "observed-data")
    assert seen["first_observed"] == "1970-01-01T00:00:00.000Z"
    assert [item["type"] for item in objects if item["type"] in OBSERVABLE] == ["user-account"]
