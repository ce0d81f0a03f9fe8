"""What is planted is whole, in order, and told by the requests that it names."""

import json
from itertools import islice, pairwise
from pathlib import Path

import pytest

from kwho.sample.cast import Cast
from kwho.sample.log import START
from kwho.sample.plants import DAY, Plant, planted, tell
from kwho.sample.rhythm import Item
from kwho.schema.moment import format_moment

TOLD = list(tell(7, Cast(7), START))
EVENTS = {event["auditID"]: event for _, items in TOLD for event in (json.loads(item.line) for item in items)}


def test_four_attacks_and_two_honest_stories_are_planted() -> None:
    assert [plant.name for plant, _ in TOLD if not plant.honest] == [
        "stolen-token",
        "anonymous-scan",
        "node-identity",
        "own-certificate",
    ]
    assert [plant.name for plant, _ in TOLD if plant.honest] == ["backup", "break-glass"]


@pytest.mark.parametrize(("plant", "items"), TOLD, ids=lambda value: getattr(value, "name", ""))
def test_every_request_of_a_story_belongs_to_one_step(plant: Plant, items: list[Item]) -> None:
    assert set(plant.audit_ids) == {json.loads(item.line)["auditID"] for item in items}
    assert len(set(plant.audit_ids)) == len(plant.audit_ids)
    assert all(step.text and step.audit_ids for step in plant.steps)


def test_steps_follow_each_other() -> None:
    for plant, _ in TOLD:
        times = [EVENTS[step.audit_ids[0]]["requestReceivedTimestamp"] for step in plant.steps]
        assert all(earlier < later for earlier, later in pairwise(times))


def test_attackers_from_outside_have_addresses_reserved_for_documentation() -> None:
    outside = ("192.0.2.", "198.51.100.", "203.0.113.")
    inside = ("10.", "::1")
    assert all(event["sourceIPs"][0].startswith(outside + inside) for event in EVENTS.values())
    stolen = next(plant for plant, _ in TOLD if plant.name == "stolen-token")
    assert EVENTS[stolen.audit_ids[0]]["sourceIPs"][0].startswith("203.0.113.")


def test_the_stolen_token_is_the_one_that_the_pipeline_uses() -> None:
    stolen = next(plant for plant, _ in TOLD if plant.name == "stolen-token")
    first = EVENTS[stolen.audit_ids[0]]["user"]
    assert first["username"] == "system:serviceaccount:ci:deployer"
    assert first["uid"] == Cast(7).account("ci", "deployer", "").user.uid


def test_a_refused_login_is_written_at_response_started_only() -> None:
    refused = [event for event in EVENTS.values() if event["responseStatus"]["code"] == 401]
    assert refused
    assert {event["stage"] for event in refused} == {"ResponseStarted"}
    assert all(event["user"] == {} for event in refused)


def test_an_exec_is_two_stages_of_one_request() -> None:
    stages: dict[str, list[str]] = {}
    for _, items in TOLD:
        for event in (json.loads(item.line) for item in items):
            if "/exec?" in event["requestURI"]:
                stages.setdefault(event["auditID"], []).append(event["stage"])
    assert list(stages.values()) == [["ResponseStarted", "ResponseComplete"]] * 2


def test_the_stories_come_back_every_day_from_other_addresses() -> None:
    first = [item for _, items in TOLD for item in items]
    both = list(islice(planted(7, Cast(7), START), 2 * len(first)))
    assert sorted(item.line for item in both[: len(first)]) == sorted(item.line for item in first)
    assert both[len(first)].begin > START + DAY
    assert {item.line for item in both[len(first) :]}.isdisjoint(item.line for item in first)
    begins = [item.begin for item in both]
    assert begins == sorted(begins)


def test_the_tutorial_tells_every_plant_and_when_it_begins() -> None:
    text = (Path(__file__).parents[2] / "docs" / "tutorials" / "demo.md").read_text()
    for plant, items in tell(42, Cast(42), START):
        assert f"| `{plant.name}` | {format_moment(items[0].begin)[11:16]} |" in text
