"""What was done, read from labels and from plants."""

import json

from bench.detection.truth import planted, recorded

from kwho.sample import Plant
from kwho.sample import Step as PlantedStep


def label(scenario: str, kind: str, *audit_ids: str) -> str:
    row = {"scenario": scenario, "step": "act", "kind": kind, "detections": ["F03"]}
    return json.dumps(row | {"audit_ids": list(audit_ids)})


LABELS = "\n".join(
    [
        label("sweep", "attack", "a1", "a2"),
        label("sweep", "consequence", "c1"),
        label("sweep", "confounder", "r1"),
        label("storm", "confounder", "h1"),
        label("storm", "consequence", "h2"),
        label("penetration-test", "confounder", "p1"),
        label("provisioning", "confounder", "s1"),
    ]
).encode()
PRESENT = dict.fromkeys(("a1", "c1", "r1", "h1", "h2", "p1", "s1"), "eve")


def test_a_step_holds_what_is_in_the_log() -> None:
    (step,) = recorded(LABELS, PRESENT).steps
    assert (step.named, step.rows, step.audit_ids) == ("sweep: act", ("F03",), frozenset({"a1"}))


def test_what_follows_from_an_attack_is_part_of_it() -> None:
    assert recorded(LABELS, PRESENT).guilty == {"sweep": {"a1", "c1"}}


def test_one_guilty_request_blames_its_attack() -> None:
    truth = recorded(LABELS, PRESENT)
    assert truth.blamed({"c1", "h1"}) == ("sweep",)
    assert truth.blamed({"h1", "unknown"}) == ()


def test_honest_work_has_its_place() -> None:
    truth = recorded(LABELS, PRESENT)
    places = {name: truth.place({name}) for name in ("r1", "h1", "h2", "p1", "s1", "unknown")}
    assert places == {
        "r1": "repairs",
        "h1": "look-alikes",
        "h2": "look-alikes",
        "p1": "authorised",
        "s1": "set-up",
        "unknown": "everyday life",
    }


def test_of_several_places_the_most_telling_counts() -> None:
    assert recorded(LABELS, PRESENT).place({"unknown", "s1", "h1"}) == "look-alikes"


def test_attacks_belong_together_by_who_sent_them_also_by_way_of_others() -> None:
    sent = {"a": {"a1": "eve"}, "b": {"b1": "eve", "b2": "web"}, "c": {"c1": "web"}, "d": {"d1": "192.0.2.1"}}
    labels = "\n".join(label(name, "attack", *ids) for name, ids in sent.items()).encode()
    truth = recorded(labels, {audit_id: party for ids in sent.values() for audit_id, party in ids.items()})
    assert [truth.strangers(names) for names in ((), ("a",), ("a", "c"), ("a", "b", "d"))] == [0, 1, 1, 2]


def test_a_generated_log_knows_its_plants_as_far_as_it_goes() -> None:
    bad = Plant(
        "theft", "A theft", False, (PlantedStep("list", ("F03",), ("a1", "a2")), PlantedStep("later", (), ("a3",)))
    )
    good = Plant("backup", "A backup", True, (PlantedStep("list", ("F03",), ("h1",)),))
    truth = planted((bad, good), dict.fromkeys(("a1", "h1", "x"), "eve"))
    assert [step.audit_ids for step in truth.attacks["theft"]] == [{"a1"}, frozenset()]
    assert truth.place({"h1"}) == "look-alikes"
