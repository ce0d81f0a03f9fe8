import json

from kwho.outputs.jsonl import Jsonl
from kwho.reports.scan import scan_document
from kwho.schema.result import Result

FINDING = {
    "type", "schema_version", "id", "detector", "rule", "title", "severity", "cluster", "time", "principal", "source",
    "target", "outcome", "count", "events", "events_total", "evidence", "reasons",
}  # fmt: skip


def lines(result: Result) -> list[dict[str, object]]:
    text = b"".join(Jsonl().render(scan_document(result)))
    return [json.loads(line) for line in text.decode("utf-8").splitlines()]


INCIDENT = {
    "type", "schema_version", "id", "title", "severity", "score", "principals", "tactics", "time", "findings", "story",
}  # fmt: skip


def test_each_finding_and_incident_is_a_line_and_the_summary_is_the_last(result: Result) -> None:
    told = lines(result)
    assert [entry["type"] for entry in told] == ["finding"] * 6 + ["incident"] * 2 + ["summary"]
    assert all(entry["schema_version"] == 1 for entry in told)
    assert all(set(entry) >= FINDING for entry in told[:6])
    assert all(set(entry) >= INCIDENT for entry in told[6:-1])


def test_a_scan_without_findings_is_one_summary(empty: Result) -> None:
    told = lines(empty)
    assert [entry["type"] for entry in told] == ["summary"]
    assert told[0]["rules"] == {"active": 41, "blind": 9, "unknown": 3, "invalid": 0}


def test_the_same_result_gives_the_same_bytes(result: Result) -> None:
    assert lines(result) == lines(result)
    first = next(Jsonl().render(scan_document(result)))
    assert first.startswith(b'{"type":"finding","schema_version":1,"id":"f-')
