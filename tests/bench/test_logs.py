"""Recordings are read as they are kept and as they were made."""

import json
import sys
from pathlib import Path

from bench.detection.logs import recordings

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

EVENT = {
    "auditID": "a1",
    "stage": "ResponseComplete",
    "requestReceivedTimestamp": "2026-01-05T10:00:00Z",
    "user": {"username": "eve"},
}
LABEL = {"scenario": "sweep", "step": "act", "kind": "attack", "detections": ["F03"], "audit_ids": ["a1", "lost"]}


def write(folder: Path, *, packed: bool) -> None:
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"policy": "metadata"}), encoding="utf-8")
    for name, row in (("audit.log", EVENT), ("labels.jsonl", LABEL)):
        data = json.dumps(row).encode() + b"\n"
        (folder / f"{name}{'.zst' if packed else ''}").write_bytes(zstd.compress(data) if packed else data)


def test_packed_and_plain_recordings_tell_the_same(tmp_path: Path) -> None:
    write(tmp_path / "packed", packed=True)
    write(tmp_path / "plain", packed=False)
    logs = list(recordings(tmp_path))
    assert [log.name for log in logs] == ["packed", "plain"]
    assert logs[0].truth == logs[1].truth
    assert [step.audit_ids for step in logs[0].truth.steps] == [{"a1"}]
    assert all(log.options[1].endswith("metadata.yaml") for log in logs)


def test_one_recording_can_be_named(tmp_path: Path) -> None:
    write(tmp_path / "one", packed=False)
    write(tmp_path / "two", packed=False)
    assert [log.name for log in recordings(tmp_path, "two")] == ["two"]
