import json
from typing import Any

import jsonschema
import msgspec

from kwho.detect.rule import Rule
from kwho.outputs.sarif import Sarif
from kwho.query.ast import And
from kwho.reports.scan import scan_document
from kwho.schema.result import Result

LEVEL = {"enum": ["none", "note", "warning", "error"]}
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
URI = r"^[A-Za-z0-9._~:/%?#@!$&'()*+,;=-]+$"
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "properties": {
                "artifactLocation": {"properties": {"uri": {"type": "string", "pattern": URI}}},
                "region": {
                    "properties": {
                        "startLine": {"type": "integer", "minimum": 1},
                        "byteOffset": {"type": "integer", "minimum": 0},
                    }
                },
            },
        }
    },
}  # fmt: skip
SCHEMA = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "properties": {
                            "driver": {
                                "required": ["name", "rules"],
                                "properties": {
                                    "rules": {
                                        "items": {
                                            "required": ["id", "shortDescription", "help"],
                                            "properties": {
                                                "shortDescription": TEXT,
                                                "help": TEXT,
                                                "defaultConfiguration": {"properties": {"level": LEVEL}},
                                            },
                                        }
                                    }
                                },
                            }
                        }
                    },
                    "invocations": {"items": {"required": ["executionSuccessful"]}},
                    "results": {
                        "items": {
                            "required": ["ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"],
                            "properties": {
                                "level": LEVEL,
                                "message": TEXT,
                                "kind": {"enum": ["fail", "informational"]},
                                "locations": {"minItems": 1, "items": LOCATION},
                                "relatedLocations": {"items": LOCATION},
                                "rank": {"type": "number", "minimum": 0, "maximum": 100},
                                "partialFingerprints": {"additionalProperties": {"type": "string"}},
                            },
                        }
                    },
                },
            },
        },
    },
}


def log(result: Result, **more: Any) -> Any:
    told = json.loads(b"".join(Sarif().render(scan_document(result, **more))))
    jsonschema.validate(told, SCHEMA)
    return told["runs"][0]


def test_results_point_to_line_and_byte(result: Result) -> None:
    run = log(result)
    first = run["results"][0]
    assert first["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 110,
        "byteOffset": 176000,
        "byteLength": 0,
    }
    assert first["partialFingerprints"] == {"kwhoFindingId/v1": "f-2b5e77d0c4aa"}
    assert len(run["results"][1]["relatedLocations"]) == 3


def test_each_result_names_a_rule_that_is_listed(result: Result) -> None:
    run = log(result)
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[entry["ruleIndex"]]["id"] == entry["ruleId"] for entry in run["results"])
    assert len(rules) == 6


def test_severities_are_mapped_to_levels(result: Result) -> None:
    told = [(entry["properties"]["severity"], entry["level"], entry["kind"]) for entry in log(result)["results"]]
    assert told == [
        ("critical", "error", "fail"),
        ("high", "error", "fail"),
        ("high", "error", "fail"),
        ("medium", "warning", "fail"),
        ("low", "note", "fail"),
        ("informational", "none", "informational"),
    ]


def test_file_names_are_percent_encoded(result: Result) -> None:
    names = {"/var/log/a b#1.log": "file:///var/log/a%20b%231.log", "c:x?.log": "c%3Ax%3F.log"}
    for path, uri in names.items():
        cited = msgspec.structs.replace(result.findings[0].events[0], file=path)
        finding = msgspec.structs.replace(result.findings[0], events=(cited,))
        run = log(msgspec.structs.replace(result, findings=(finding,)))
        assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_the_invocation_tells_problems_and_whether_the_scan_finished(result: Result) -> None:
    invocation = log(msgspec.structs.replace(result, complete=False), command="kwho scan x")["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["commandLine"] == "kwho scan x"
    assert len(invocation["toolExecutionNotifications"]) == 6
    assert "region" in invocation["toolExecutionNotifications"][4]["locations"][0]["physicalLocation"]


def test_a_hostile_name_is_no_link(result: Result) -> None:
    who = msgspec.structs.replace(result.findings[0].principal, user="[click](http://x.invalid)")
    finding = msgspec.structs.replace(result.findings[0], principal=who)
    text = log(msgspec.structs.replace(result, findings=(finding,)))["results"][0]["message"]["text"]
    assert "\\[click\\](http" in text


def test_the_help_says_what_the_rule_says(result: Result) -> None:
    rule = Rule(
        id="6d1f0a52-0000-4000-8000-000000000001",
        title="t",
        level="critical",
        condition=And(()),
        description="Somebody made an administrator.",
        falsepositives=("setting up",),
        response=("delete it",),
    )
    told = log(result, rules=[rule])["tool"]["driver"]["rules"][0]["help"]["text"]
    assert told.startswith("Somebody made an administrator.\nHarmless when: setting up\nWhat to do: delete it\n")


def test_the_summary_is_in_the_properties(result: Result, empty: Result) -> None:
    assert log(result)["properties"]["summary"]["input"]["records"] == 112203
    assert log(empty)["results"] == []


def test_what_an_exclusion_leaves_out_is_suppressed(result: Result) -> None:
    first, *rest = result.findings
    marked = msgspec.structs.replace(first, excluded="x", reasons=("excluded by “Backup” (ops): it [backs](up)",))
    run = log(msgspec.structs.replace(result, findings=(marked, *rest)))
    (told,) = (found for found in run["results"] if "suppressions" in found)
    assert told["partialFingerprints"] == {"kwhoFindingId/v1": first.id}
    assert told["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "excluded by “Backup” (ops): it \\[backs\\](up)",
        }
    ]
