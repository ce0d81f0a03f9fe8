"""The recordings that are kept with the project are what their manifests and labels say."""

import hashlib
import json
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from lab.scenarios import every

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FOLDER = Path(__file__).parents[1] / "data" / "recordings"
KEPT = sorted(path.parent for path in FOLDER.glob("*/manifest.json"))
SECRET = (b"BEGIN PRIVATE KEY", b"BEGIN EC PRIVATE", b"/home/", b"/root/")


@pytest.fixture(scope="module", params=KEPT, ids=lambda path: path.name)
def recording(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@lru_cache(maxsize=4)
def unpack(path: Path) -> bytes:
    return zstd.decompress(path.read_bytes())


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


def labels(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in unpack(folder / "labels.jsonl.zst").splitlines()]


def test_there_are_recordings_of_both_versions() -> None:
    assert {manifest(folder)["kubernetes"] for folder in KEPT} == {"v1.36.1", "v1.30.4"}


def test_its_files_are_those_of_the_manifest(recording: Path) -> None:
    sums = manifest(recording)["sha256"]
    kept = {path.name.removesuffix(".zst"): path for path in recording.glob("*.zst")}
    assert {"audit.log", "labels.jsonl"} <= kept.keys() <= sums.keys()
    for name, path in kept.items():
        assert hashlib.sha256(unpack(path)).hexdigest() == sums[name]


def test_every_label_is_in_the_log_or_says_that_it_is_not(recording: Path) -> None:
    events = [json.loads(line) for line in unpack(recording / "audit.log.zst").splitlines()]
    assert len(events) == manifest(recording)["events"]
    known = {event["auditID"] for event in events}
    for label in labels(recording):
        assert {one for one in label["audit_ids"] if one not in known} == set(label["unrecorded"])


def test_no_scenario_failed(recording: Path) -> None:
    assert manifest(recording)["failed"] == []


def test_its_scenarios_are_known(recording: Path) -> None:
    names = {scenario.name for scenario in every()} | {"provisioning"}
    assert set(manifest(recording)["played"]) <= names


def test_the_log_gives_nothing_away(recording: Path) -> None:
    log = unpack(recording / "audit.log.zst")
    assert b"kwho" not in log
    assert not any(mark in log for mark in SECRET)
    names = [scenario.name.encode() for scenario in every() if scenario.name.count("-") > 1]
    assert [name for name in names if name in log] == []
