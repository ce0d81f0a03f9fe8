"""A log as a poorer policy would have recorded it."""

import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from bench.detection.logs import VARIANTS, day, policy_option
from bench.detection.thin import thinned

from kwho.policy.model import Policy, PolicyRule, read_policy
from kwho.sample import generate, plants

EVENT: dict[str, Any] = {
    "kind": "Event",
    "apiVersion": "audit.k8s.io/v1",
    "level": "RequestResponse",
    "auditID": "a",
    "stage": "ResponseComplete",
    "requestURI": "/api/v1/namespaces/shop/pods?limit=1",
    "verb": "create",
    "user": {"username": "eve", "groups": ["system:authenticated"]},
    "objectRef": {"resource": "pods", "namespace": "shop", "name": "web", "apiVersion": "v1"},
    "requestObject": {"spec": {}},
    "responseObject": {"spec": {}},
}


def thin(event: dict[str, Any], *rules: PolicyRule, omit: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    line = json.dumps(event).encode() + b"\n"
    return [json.loads(one) for one in thinned([line], Policy(rules, omit))]


@pytest.mark.parametrize(
    ("level", "bodies"),
    [
        ("Metadata", set()),
        ("Request", {"requestObject"}),
        ("RequestResponse", {"requestObject", "responseObject"}),
    ],
)
def test_a_level_decides_which_bodies_stay(level: str, bodies: set[str]) -> None:
    (left,) = thin(EVENT, PolicyRule(level))
    assert left["level"] == level
    assert left.keys() == EVENT.keys() - {"requestObject", "responseObject"} | bodies


def test_nothing_is_made_up_for_a_richer_policy() -> None:
    poor = {key: value for key, value in EVENT.items() if not key.endswith("Object")} | {"level": "Metadata"}
    assert thin(poor, PolicyRule("RequestResponse")) == [poor]


def test_what_the_policy_leaves_out_is_gone() -> None:
    assert thin(EVENT, PolicyRule("None", users=("eve",)), PolicyRule("Metadata")) == []
    assert thin(EVENT, PolicyRule("Metadata"), omit=("ResponseComplete",)) == []


def test_a_request_on_a_path_is_judged_by_its_path() -> None:
    health = EVENT | {"objectRef": None, "requestURI": "/healthz?verbose"}
    assert thin(health, PolicyRule("None", nonResourceURLs=("/healthz",)), PolicyRule("Metadata")) == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_policies_of_the_lab_thin_generated_days(variant: str) -> None:
    path = Path(policy_option(variant)[1])
    policy = read_policy(str(path), path.read_text(encoding="utf-8"))
    lines = list(islice(generate(1), 2_000))
    left = list(thinned(lines, policy))
    assert 0 < len(left) <= len(lines)
    if variant == "everything":
        assert left == lines
    if variant == "metadata":
        assert not any(b'"requestObject"' in line for line in left)


def test_a_generated_day_is_seen_by_a_policy(tmp_path: Path) -> None:
    whole = tmp_path / "whole.log"
    whole.write_bytes(b"".join(islice(generate(1), 20_000)))
    log = day(whole, "metadata", plants(1))
    assert log.path.parent == tmp_path
    assert log.truth.attacks.keys() == {plant.name for plant in plants(1) if not plant.honest}
    assert sum(len(step.audit_ids) for step in log.truth.steps) > 10
