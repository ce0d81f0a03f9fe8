"""Logs that others published produce no finding above low, but those that a reviewer justified one by one."""

import csv
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bench.detection.answer import scan

CORPORA = Path(os.environ.get("KWHO_EXAMPLES", "absent"), "corpora")
JUSTIFIED = Path(__file__).parents[1] / "data" / "corpora-findings.json"
LOGS = sorted(path for path in CORPORA.glob("*/*") if path.suffix in (".jsonl", ".log", ".csv"))
COLUMNS = ("time", "user", "verb", "resource", "subresource", "name", "answered", "uri", "audit_id", "stage", "code")


def native(path: Path) -> Iterator[str]:
    """Rows of a table without a header as events; the namespace and the group are taken from the address.

    The table has no groups of users; those that a name implies are given back.
    """
    with path.open(encoding="utf-8", newline="") as file:
        for _, *row in csv.reader(file):
            if len(row) == 14:
                yield json.dumps(event(dict(zip(COLUMNS, row, strict=False)))) + "\n"


def event(row: dict[str, str]) -> dict[str, Any]:
    parts = row["uri"].partition("?")[0].strip("/").split("/")
    after = parts[parts.index("namespaces") + 1 :] if "namespaces" in parts else []
    place = {"namespace": after[0] if after else "", "apiGroup": parts[1] if parts[0] == "apis" and parts[1:] else ""}
    named = {key: row[key] for key in ("resource", "subresource", "name")} | place
    status = {"responseStatus": {"code": int(row["code"])}} if row["code"] else {}
    return status | {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": row["audit_id"],
        "stage": row["stage"],
        "requestURI": row["uri"],
        "verb": row["verb"],
        "user": {"username": row["user"], "groups": groups(row["user"])},
        "objectRef": {key: value for key, value in named.items() if value},
        "requestReceivedTimestamp": row["time"],
        "stageTimestamp": row["time"],
    }


def groups(user: str) -> list[str]:
    _, kind, *names = [*user.split(":"), ""]
    implied = {
        "serviceaccount": ["system:serviceaccounts", f"system:serviceaccounts:{names[0] if names else ''}"],
        "node": ["system:nodes"],
        "apiserver": ["system:masters"],
    }
    return [*implied.get(kind, ["system:masters"] if user == "kubernetes-admin" else []), "system:authenticated"]


@pytest.mark.skipif(not LOGS, reason="KWHO_EXAMPLES names no folder with corpora")
def test_every_finding_above_low_is_justified(tmp_path: Path) -> None:
    found: Counter[tuple[str, str, str]] = Counter()
    for number, path in enumerate(LOGS):
        log = path
        if path.suffix == ".csv":
            log = tmp_path / f"{number}.log"
            log.write_text("".join(native(path)), encoding="utf-8")
        loud = (claim for claim in scan(log, "--jobs", "1").claims if claim.loud)
        found.update((path.relative_to(CORPORA).as_posix(), claim.rule, claim.title) for claim in loud)
    justified = {(entry["file"], entry["rule"]): entry["findings"] for entry in entries()}
    assert [key for key, count in found.items() if count > justified.get(key[:2], 0)] == []


def test_every_justification_is_whole() -> None:
    for entry in entries():
        assert {key: type(value) for key, value in entry.items()} == {
            "file": str,
            "rule": str,
            "findings": int,
            "reason": str,
        }
        assert entry["reason"]


def entries() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(JUSTIFIED.read_text("utf-8"))
    return found
