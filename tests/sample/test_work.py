"""People keep their hours, and a rollout sets controllers and nodes to work."""

import json
from itertools import islice
from random import Random

import pytest

from kwho.sample.cast import Cast
from kwho.sample.log import START
from kwho.sample.rhythm import HOUR, SECOND, Scribe
from kwho.sample.work import Rollouts, ask, at_work, working

DAY = 24 * HOUR
FRIDAY_EVENING = START + 3 * DAY + 13 * HOUR


@pytest.mark.parametrize("now", [START, START + 4 * HOUR, START + 12 * HOUR, FRIDAY_EVENING])
def test_nothing_comes_from_people_outside_their_hours(now: int) -> None:
    for seed in range(20):
        then = now + int(at_work(Random(seed), 240)(now) * SECOND)
        assert now < then
        assert 7 * HOUR <= then % DAY < 17 * HOUR
        assert (then // DAY + 3) % 7 < 5


def test_a_weekend_is_skipped() -> None:
    assert at_work(Random(1), 240)(FRIDAY_EVENING) * SECOND > 2 * DAY


def test_a_line_is_filled_in_and_a_changed_deployment_carries_its_body() -> None:
    plain = ask("get core/pods {ns}/{app} = 404", ns="shop", app="web")
    assert (plain.spec, plain.code, plain.sent) == ("get core/pods shop/web", 404, b"")
    changed = ask("patch apps/deployments {ns}/{app}", ns="shop", app="web", number=9)
    assert json.loads(changed.answered)["metadata"]["name"] == "web"
    assert b"shop/web:2.9" in changed.sent


def test_every_actor_of_work_goes_on_in_order() -> None:
    for actor in working(Cast(1), Random(1), START):
        begins = [item.begin for item in islice(actor, 300)]
        assert begins == sorted(begins)


def test_a_rollout_is_a_burst_followed_by_new_pods_for_old_ones() -> None:
    items = list(Rollouts(Cast(1), Scribe(Random(2))).deploy(START))
    events = [json.loads(item.line) for item in items]
    asked = [(event["verb"], event.get("objectRef", {}).get("resource")) for event in events]
    assert 100 < len(items) < 500
    assert asked.count(("create", "replicasets")) == 1
    assert sum(event["verb"] == "create" and event["requestURI"].endswith("/pods") for event in events) == 2
    assert asked.count(("delete", "pods")) == 4
    assert items[-1].begin - items[0].begin < 60 * SECOND


def test_a_scheduled_job_makes_a_pod_that_its_controller_owns() -> None:
    events = [json.loads(item.line) for item in Rollouts(Cast(1), Scribe(Random(2))).job(START)]
    made = [event for event in events if event["requestURI"].endswith("/pods") and event["verb"] == "create"]
    assert made[0]["user"]["username"] == "system:serviceaccount:kube-system:job-controller"
    assert made[0]["requestObject"]["metadata"]["ownerReferences"][0]["kind"] == "Job"
