"""Steps become labels."""

import json
from typing import Any

from lab.client import Identity
from lab.story import Label, Scenario, Stage

STORY = Scenario("story", "A story", "attack", "none", ("T1000",), lambda _stage: None)


def stage(seed: str = "1") -> Stage:
    nothing: Any = None
    return Stage(nothing, STORY, seed, "burst")


def test_a_step_collects_the_ids_of_its_requests_once_each_in_order() -> None:
    scene = stage()
    scene._note("before")
    with scene.step("one", "somebody", "impact", ("N06",)):
        for audit_id in ("b", "a", "b"):
            scene._note(audit_id)
    (label,) = scene.labels
    assert label.audit_ids == ("b", "a")
    assert (label.scenario, label.step, label.kind, label.actor) == ("story", "one", "attack", "somebody")
    assert label.start <= label.end


def test_a_step_that_breaks_off_is_labelled_all_the_same() -> None:
    scene = stage()
    try:
        with scene.step("one", "somebody"):
            scene._note("a")
            raise RuntimeError
    except RuntimeError:
        pass
    assert scene.labels[0].audit_ids == ("a",)


def test_ids_that_the_log_lacks_are_named() -> None:
    label = Label("s", "t", "attack", "a", "", (), "1", "2", ("x", "y"))
    assert label.without(frozenset({"x"})).unrecorded == ("y",)


def test_a_label_is_one_line_with_the_documented_members() -> None:
    line = Label("s", "t", "attack", "a", "impact", ("N06",), "1", "2", ("x",)).line()
    assert "\n" not in line
    assert list(json.loads(line)) == [
        "scenario", "step", "kind", "actor", "tactic", "detections", "start", "end", "audit_ids", "unrecorded",
    ]  # fmt: skip


def test_the_seed_decides_names() -> None:
    assert stage("7").word("a", "b") == stage("7").word("a", "b")
    assert {stage(str(n)).word("a") for n in range(9)} != {stage("0").word("a")}


def test_an_identity_without_a_credential_is_anonymous() -> None:
    assert (Identity("x").token, Identity("x").pair) == (None, None)
