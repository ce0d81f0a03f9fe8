"""What the receiver of the audit webhook keeps, and what it answers."""

import json
from pathlib import Path

import pytest
from lab.webhook import Fault, Inbox


def batch(*audit_ids: str) -> bytes:
    return json.dumps({"kind": "EventList", "items": [{"auditID": one} for one in audit_ids]}).encode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "webhook.jsonl"


def test_a_delivery_is_one_line(path: Path) -> None:
    inbox = Inbox(path)
    assert inbox.take(batch("a", "b")) == Fault(200, 0)
    assert [json.loads(line) for line in path.read_bytes().splitlines()] == [json.loads(batch("a", "b"))]


def test_a_refused_delivery_is_not_kept(path: Path) -> None:
    inbox = Inbox(path, lambda number: 500 if number == 1 else 200)
    assert [inbox.take(batch("a")).status, inbox.take(batch("a")).status] == [500, 200]
    assert inbox.refused == ["a"]
    assert len(path.read_bytes().splitlines()) == 1


def test_a_fault_meets_the_delivery_that_holds_its_event_once(path: Path) -> None:
    inbox = Inbox(path)
    inbox.faults["b"] = Fault(429)
    assert [inbox.take(batch(*ids)).status for ids in (("a",), ("a", "b"), ("b",))] == [200, 429, 200]


def test_what_is_answered_late_is_kept_at_once(path: Path) -> None:
    inbox = Inbox(path)
    inbox.faults["a"] = Fault(seconds=31)
    assert inbox.take(batch("a")).seconds == 31
    assert path.read_bytes()
