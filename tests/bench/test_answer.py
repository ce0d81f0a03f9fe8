"""What a scan said, read from its lines."""

import json
from pathlib import Path

import pytest
from bench.detection.answer import read, requests, scan


def finding(identity: str, *audit_ids: str | None, severity: str = "high", detector: str = "rule") -> dict[str, object]:
    return {
        "type": "finding",
        "id": identity,
        "detector": detector,
        "rule": {"id": "r", "title": "Rule", "detections": ["F03"]},
        "severity": severity,
        "time": {"first": "2026-01-05T10:00:00Z", "last": "2026-01-05T11:00:00Z"},
        "events": [{"audit_id": one} for one in audit_ids],
    }


SUMMARY = {
    "type": "summary",
    "input": {"events": 7},
    "span": {"first": "2026-01-05T10:00:00Z", "last": "2026-01-05T11:30:00Z"},
    "blind": [{"rule": "b"}],
}


def lines(*objects: dict[str, object]) -> list[bytes]:
    return [json.dumps(one).encode() for one in (*objects, SUMMARY)]


def test_claims_cite_requests() -> None:
    (claim,) = read(lines(finding("f-1", "a", "b", None))).claims
    assert (claim.audit_ids, claim.rows, claim.correlated, claim.loud) == (
        frozenset("ab"),
        frozenset({"F03"}),
        False,
        True,
    )


def test_low_is_not_loud() -> None:
    (claim,) = read(lines(finding("f-1", "a", severity="low"))).claims
    assert not claim.loud


def test_an_incident_holds_what_its_findings_and_its_story_cite() -> None:
    incident: dict[str, object] = {
        "type": "incident",
        "id": "i-1",
        "severity": "medium",
        "findings": ["f-1", "f-2"],
        "story": [{"events": [{"audit_id": "c"}]}],
    }
    (found,) = read(lines(finding("f-1", "a"), finding("f-2", "b"), incident)).incidents
    assert (found.audit_ids, found.loud) == (frozenset("abc"), True)


def test_the_summary_tells_size_length_and_blindness() -> None:
    answer = read(lines())
    assert (answer.events, answer.hours, answer.blind) == (7, 1.5, frozenset("b"))


def test_a_log_without_times_has_no_length() -> None:
    nothing = SUMMARY | {"span": {"first": None, "last": None}}
    assert read([json.dumps(nothing).encode()]).hours == 0


def test_requests_come_from_the_log() -> None:
    event = {"auditID": "a", "stage": "Panic", "requestReceivedTimestamp": "2026-01-05T10:00:00Z"}
    named = event | {"auditID": "n", "user": {"username": "eve"}, "sourceIPs": ["10.0.0.1"]}
    nobody = named | {"auditID": "o", "user": {"username": "system:anonymous"}, "sourceIPs": ["1.2.3.4", "10.0.0.1"]}
    broken = event | {"auditID": "b", "requestReceivedTimestamp": "noon"}
    found = requests(json.dumps(one).encode() for one in (event, named, nobody, broken))
    assert {audit_id: request.party for audit_id, request in found.items()} == {"a": "", "n": "eve", "o": "10.0.0.1"}
    assert found["a"].moment == 1_767_607_200_000_000


@pytest.mark.parametrize(("stages", "answered"), [("RC", True), ("CR", True), ("R", False)])
def test_a_request_without_a_later_stage_is_unanswered(stages: str, answered: bool) -> None:
    named = {"R": "RequestReceived", "C": "ResponseComplete"}
    event = {"auditID": "a", "requestReceivedTimestamp": "2026-01-05T10:00:00Z"}
    lines = (json.dumps(event | {"stage": named[stage]}).encode() for stage in stages)
    assert requests(lines)["a"].answered is answered


def test_a_scan_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no-such-option"):
        scan(tmp_path / "absent.log", "--no-such-option")
