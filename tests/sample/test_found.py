"""What is planted in the sample log is found by the rules that come with kwho, and ordinary life stays quiet."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kwho.cli import root
from kwho.sample import Plant, generate, plants

SEED = 42
PLANTS = plants(SEED)
Json = dict[str, Any]


def scanned(folder: Path, lines: list[bytes]) -> list[Json]:
    log = folder / "sample.log"
    log.write_bytes(b"".join(lines))
    result = CliRunner().invoke(root, ["scan", str(log), "--format", "jsonl", "--quiet"])
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> list[Json]:
    """Of all that is planted, among a twentieth of ordinary life."""
    planted = {audit_id.encode() for plant in PLANTS for audit_id in plant.audit_ids}
    lines = [
        line
        for number, line in enumerate(generate(SEED))
        if number % 20 == 0 or line.partition(b'"auditID":"')[2][:36] in planted
    ]
    return [one for one in scanned(tmp_path_factory.mktemp("found"), lines) if one["type"] == "finding"]


@pytest.fixture(scope="module")
def pack() -> set[str]:
    """The catalog rows that the pack has a rule for."""
    listed = CliRunner().invoke(root, ["rules", "list", "--format", "json"])
    return {row for rule in json.loads(listed.stdout)["rules"] for row in rule["detections"]}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_every_step_is_found_by_the_rules_of_its_rows(plant: Plant, findings: list[Json], pack: set[str]) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for finding in findings:
        for event in finding["events"]:
            found[event["audit_id"]].update(finding["rule"]["detections"])
    for step in plant.steps:
        seen = set().union(*(found[audit_id] for audit_id in step.audit_ids))
        assert (set(step.detections) & pack) <= seen, step.text


@pytest.mark.parametrize("plant", [plant for plant in PLANTS if not plant.honest], ids=lambda plant: plant.name)
def test_every_attack_has_a_finding_that_a_person_must_see(plant: Plant, findings: list[Json]) -> None:
    severe = [one for one in findings if one["severity"] in {"medium", "high", "critical"}]
    assert any(event["audit_id"] in plant.audit_ids for one in severe for event in one["events"])


def test_ordinary_life_alone_says_nothing_above_low(tmp_path: Path) -> None:
    results = scanned(tmp_path, list(generate(SEED, hours=0.25, attacks=False)))
    loud = [one["title"] for one in results if one["type"] == "finding" and one["severity"] not in QUIET]
    assert loud == []


QUIET = {"informational", "low"}


@pytest.fixture(scope="module")
def incidents(tmp_path_factory: pytest.TempPathFactory) -> list[Json]:
    """Of all that is planted, among a tenth of ordinary life."""
    planted = {audit_id.encode() for plant in PLANTS for audit_id in plant.audit_ids}
    lines = [
        line
        for number, line in enumerate(generate(SEED))
        if number % 10 == 0 or line.partition(b'"auditID":"')[2][:36] in planted
    ]
    return [one for one in scanned(tmp_path_factory.mktemp("linked"), lines) if one["type"] == "incident"]


def test_every_attack_is_told_as_one_story_and_no_story_tells_two(incidents: list[Json]) -> None:
    told: dict[str, list[str]] = {plant.name: [] for plant in PLANTS}
    for incident in incidents:
        cited = {event["audit_id"] for step in incident["story"] for event in step["events"]}
        plants_in = [plant.name for plant in PLANTS if cited.intersection(plant.audit_ids)]
        assert len(plants_in) == 1, incident["title"]
        told[plants_in[0]].append(incident["severity"])
    attacks = {plant.name for plant in PLANTS if not plant.honest}
    assert {name for name, found in told.items() if len(found) == 1} >= attacks
    assert len(told["break-glass"]) == 1
    assert told["backup"] == []


def test_ordinary_life_is_no_incident(tmp_path: Path) -> None:
    lines = [line for number, line in enumerate(generate(SEED, attacks=False)) if number % 3 == 0]
    assert [one["title"] for one in scanned(tmp_path, lines) if one["type"] == "incident"] == []
