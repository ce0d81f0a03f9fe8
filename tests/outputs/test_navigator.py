import json
from typing import Any

from kwho.detect.rule import Rule
from kwho.outputs.navigator import BLIND, WATCHED, Navigator
from kwho.query.parse import parse_query
from kwho.reports.scan import scan_document
from kwho.schema.result import Blind, Result


def rule(name: str, technique: str) -> Rule:
    tags = (f"attack.{technique}",)
    return Rule(id=name, title=f"Title of {name}", level="high", condition=parse_query("verb:get"), tags=tags)


def layer(result: Result, *rules: Rule) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(b"".join(Navigator().render(scan_document(result, rules=rules))))
    return told


def techniques(result: Result, *rules: Rule) -> dict[str, dict[str, Any]]:
    return {entry["techniqueID"]: entry for entry in layer(result, *rules)["techniques"]}


def test_the_layer_says_what_it_is(result: Result) -> None:
    told = layer(result)
    assert told["versions"]["layer"] == "4.5"
    assert told["domain"] == "enterprise-attack"
    assert told["description"].startswith("2 incidents and 6 findings")
    assert told["gradient"]["minValue"] == 0


def test_a_technique_has_the_severity_of_its_gravest_finding(result: Result) -> None:
    found = techniques(result)
    assert found["T1098.006"]["score"] == 95
    assert found["T1098.006"]["showSubtechniques"] is True
    metadata = {item["name"]: item["value"] for item in found["T1098.006"]["metadata"]}
    assert metadata["findings"] == "f-2b5e77d0c4aa"
    assert list(found) == sorted(found)


def test_what_was_watched_and_what_could_not_be_seen_are_told_apart(empty: Result) -> None:
    empty.blind = (Blind("blind", "request bodies", ""),)
    found = techniques(empty, rule("blind", "t1611"), rule("awake", "t1613"), rule("also-blind", "t1613"))
    assert found["T1611"]["color"] == BLIND
    assert found["T1613"]["color"] == WATCHED
    assert found["T1611"]["comment"] == "blind: Title of blind"
    assert "score" not in found["T1611"]
