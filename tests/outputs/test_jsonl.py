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


def test_each_finding_is_a_line_and_the_summary_is_the_last(result: Result) -> None:
    told = lines(result)
    assert [entry["type"] for entry in told] == ["finding"] * 6 + ["summary"]
    assert all(entry["schema_version"] == 1 for entry in told)
    assert all(set(entry) >= FINDING for entry in told[:-1])


def test_a_scan_without_findings_is_one_summary(empty: Result) -> None:
    told = lines(empty)
    assert [entry["type"] for entry in told] == ["summary"]
    assert told[0]["rules"] == {"active": 41, "blind": 9, "unknown": 3, "invalid": 0}


def test_the_same_result_gives_the_same_bytes(result: Result) -> None:
    assert lines(result) == lines(result)
    first = next(Jsonl().render(scan_document(result)))
    assert first.startswith(b'{"type":"finding","schema_version":1,"id":"f-')
