"""Logs that others published produce no finding above low, but those that a reviewer justified one by one."""

import json
import os
from pathlib import Path

import pytest
from bench.detection.answer import scan

CORPORA = Path(os.environ.get("KWHO_EXAMPLES", "absent"), "corpora")
JUSTIFIED = Path(__file__).parents[1] / "data" / "corpora-findings.json"
LOGS = sorted(path for path in CORPORA.glob("*/*") if path.suffix in (".jsonl", ".log", ".csv"))


@pytest.mark.skipif(not LOGS, reason="KWHO_EXAMPLES names no folder with corpora")
def test_every_finding_above_low_is_justified() -> None:
    justified = {(entry["file"], entry["rule"]) for entry in json.loads(JUSTIFIED.read_text("utf-8"))}
    found = {
        (str(path.relative_to(CORPORA)), claim.rule): f"{path.relative_to(CORPORA)}: {claim.severity}: {claim.title}"
        for path in LOGS
        for claim in scan(path, "--jobs", "1").claims
        if claim.loud
    }
    assert [text for key, text in found.items() if key not in justified] == []


def test_every_justification_is_whole() -> None:
    for entry in json.loads(JUSTIFIED.read_text("utf-8")):
        assert entry.keys() == {"file", "rule", "reason"}
        assert all(isinstance(value, str) and value for value in entry.values())
