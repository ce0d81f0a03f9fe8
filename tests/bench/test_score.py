"""Truth against answer, verdict by verdict."""

import msgspec
import pytest
from bench.detection.answer import Answer, Claim, Incident, Request
from bench.detection.score import Rows, Score, Verdict, rows, score
from bench.detection.truth import Place, Step, Truth

from kwho.detect.rule import Rule, RuleSet
from kwho.query.ast import And
from kwho.schema.finding import Severity

TRUE = And(())
SECOND = 1_000_000
REQUESTS = {
    "a1": Request(10 * SECOND, "eve", True),
    "a2": Request(15 * SECOND, "eve", True),
    "b1": Request(0, "mallory", True),
    "u1": Request(0, "eve", False),
}
PARTIES = {audit_id: request.party for audit_id, request in REQUESTS.items()}
IMPLEMENTED = Rows({"F03": frozenset({"loud"}), "F01": frozenset({"quiet"})}, frozenset({"loud"}))


def claim(
    identity: str, *audit_ids: str, severity: Severity = "high", row: str = "F03", correlated: bool = False
) -> Claim:
    ids = frozenset(audit_ids)
    return Claim(identity, "loud", f"Rule {row}", correlated, severity, frozenset({row}), ids, 60 * SECOND)


def answer(*claims: Claim, incidents: tuple[Incident, ...] = (), blind: frozenset[str] = frozenset()) -> Answer:
    return Answer(claims, incidents, blind, 10, 1.0)


def attack(*row: str, audit_ids: tuple[str, ...] = ("a1",), honest: dict[str, Place] | None = None) -> Truth:
    return Truth((Step("theft", "list", row, frozenset(audit_ids)),), {}, honest or {}, PARTIES)


def judged(truth: Truth, said: Answer) -> Score:
    return score(truth, said, IMPLEMENTED, REQUESTS)


@pytest.mark.parametrize(
    ("truth", "said", "verdict", "why"),
    [
        (attack("F03"), answer(claim("f", "a1")), "told", "told"),
        (attack("F03"), answer(), "wrong", "wrong"),
        (attack("F03"), answer(blind=frozenset({"loud"})), "blind", "blind"),
        (attack("N99"), answer(), "no rule", "no rule"),
        (attack("F03", audit_ids=()), answer(), "unrecorded", "unrecorded"),
        (attack("F03", audit_ids=("u1",)), answer(), "unrecorded", "unrecorded"),
        (attack("F03", audit_ids=("u1",)), answer(claim("f", "u1")), "told", "told"),
        (attack("F01"), answer(claim("f", "a1", severity="low", row="F01")), "told", "quiet"),
        (attack("F03", "F01"), answer(blind=frozenset({"loud"})), "wrong", "blind"),
        (attack("F03"), answer(claim("f", "a1", row="C01")), "aside", "told"),
        (attack("F03"), answer(claim("f", "a1", row="C01", severity="informational")), "wrong", "wrong"),
    ],
)
def test_steps_and_attacks_are_judged(truth: Truth, said: Answer, verdict: Verdict, why: Verdict) -> None:
    found = judged(truth, said).attacks["theft"]
    assert (found.steps, found.verdict) == ({verdict: 1}, why)


def test_a_step_without_rows_is_no_step_to_tell() -> None:
    scored = judged(attack(), answer())
    assert (scored.attacks["theft"].steps, scored.missed) == ({}, ())


def test_a_missed_step_is_named() -> None:
    assert judged(attack("F03"), answer()).missed == ("theft: list (wrong)",)


def test_what_follows_from_an_attack_finds_it() -> None:
    truth = Truth((Step("theft", "list", ("F03",), frozenset({"a1"})),), {"theft": frozenset({"c1"})}, {}, PARTIES)
    assert judged(truth, answer(claim("f", "c1"))).found == {"theft"}


def test_a_finding_on_honest_work_counts_by_place_and_rule() -> None:
    scored = judged(attack("F03", honest={"h1": "repairs"}), answer(claim("f", "h1"), claim("g", "x"), claim("h", "y")))
    assert scored.false == {"everyday life": {"Rule F03": 2}, "repairs": {"Rule F03": 1}}


def test_a_low_finding_on_honest_work_is_none() -> None:
    assert judged(attack("F03"), answer(claim("f", "x", severity="low"))).false == {}


def test_a_finding_that_cites_both_is_not_false() -> None:
    assert judged(attack("F03"), answer(claim("f", "a1", "x"))).false == {}


def test_a_rule_tells_at_the_first_request_it_cites() -> None:
    truth = attack("F03", audit_ids=("a1", "a2"))
    assert judged(truth, answer(claim("f", "a2"))).attacks["theft"].seconds == 5


def test_a_correlation_tells_when_its_window_ends() -> None:
    assert judged(attack("F03"), answer(claim("f", "a1", correlated=True))).attacks["theft"].seconds == 50


def test_incidents_are_counted_by_attack_and_in_vain() -> None:
    around = Incident("i-1", "high", frozenset({"a1", "x"}))
    more = Incident("i-2", "medium", frozenset({"a1"}))
    false = Incident("i-3", "medium", frozenset({"y"}))
    quiet = Incident("i-4", "low", frozenset({"z"}))
    scored = judged(attack("F03"), answer(incidents=(around, more, false, quiet)))
    assert (scored.attacks["theft"].incidents, scored.attacks["theft"].linked) == (2, 1)
    assert (scored.false_incidents, scored.attacks_per_incident) == ({"everyday life": 1}, 1)


def test_an_incident_that_holds_attacks_of_strangers_is_glued() -> None:
    steps = (Step("theft", "list", ("F03",), frozenset({"a1"})), Step("wipe", "delete", ("I03",), frozenset({"b1"})))
    apart = (Incident("i-1", "high", frozenset({"a1"})), Incident("i-2", "high", frozenset({"b1"})))
    both = (Incident("i-1", "high", frozenset({"a1", "b1"})),)
    truth = Truth(steps, {}, {}, PARTIES)
    assert [judged(truth, answer(incidents=found)).glued for found in (apart, both)] == [0, 1]


def test_rows_come_from_rules_that_speak() -> None:
    rule = Rule(id="loud", title="Loud", level="high", detections=("F03",), condition=TRUE)
    quiet = msgspec.structs.replace(rule, id="quiet", level="low", detections=("F03", "F01"))
    silent = msgspec.structs.replace(rule, id="silent", silent=True)
    found = rows(RuleSet(rules=(rule, quiet, silent)))
    assert found.rules == {"F03": {"loud", "quiet"}, "F01": {"quiet"}}
    assert found.loud == {"loud"}
    assert found.of(("F03", "N99")) == {"loud", "quiet"}
