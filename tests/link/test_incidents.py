"""What an incident says, what it leaves out, and that neither order nor what is unrelated changes it."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.link import incidents
from kwho.link.incidents import Case, link
from kwho.link.trace import NOWHERE, Gain, Trace
from kwho.schema.incident import Incident

MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000

Make = Callable[..., Trace]
Linked = Callable[..., tuple[Incident, ...]]


def test_activity_is_told_beside_but_is_never_an_incident(trace: Make, linked: Linked) -> None:
    activity = trace(1, severity="informational", at=MINUTE)
    assert linked([activity]) == ()
    (incident,) = linked([trace(0), activity])
    assert incident.findings == ("f-0000", "f-0001")
    assert [step.severity for step in incident.story] == ["medium", "informational"]


def test_activity_far_off_or_elsewhere_is_not_told(trace: Make, linked: Linked) -> None:
    far = [trace(1, severity="informational", at=HOUR), trace(2, severity="informational", peer="10.0.0.8")]
    (incident,) = linked([trace(0), *far])
    assert incident.findings == ("f-0000",)


def test_low_findings_alone_are_no_incident(trace: Make, linked: Linked) -> None:
    assert linked([trace(number, severity="low", at=number * MINUTE) for number in range(9)]) == ()


def test_a_rare_low_finding_belongs_to_the_campaign_and_a_habit_does_not(trace: Make, linked: Linked) -> None:
    habit = [trace(number, severity="low", rule="habit", at=number * HOUR) for number in range(1, 9)]
    rare = trace(20, severity="low", at=5 * DAY)
    (incident,) = linked([trace(0, at=9 * DAY), rare, *habit])
    assert incident.findings == ("f-0020", "f-0000")
    (near,) = linked([trace(0, at=4 * HOUR), *habit])
    assert set(near.findings) == {"f-0000", "f-0003", "f-0004", "f-0005"}


def test_weights_add_up_and_severity_follows(trace: Make, linked: Linked) -> None:
    (alone,) = linked([trace(0, severity="high")])
    assert (alone.score, alone.severity) == (60, "high")
    tags = ("attack.execution", "attack.t1609", "attack.credential_access")
    chain = [
        trace(0, severity="high", tags=tags[:2], gains=(Gain("grant", "eve"),)),
        trace(1, "eve", at=MINUTE, severity="high", tags=tags[2:], peer="198.51.100.7"),
    ]
    (incident,) = linked(chain)
    assert [weight.points for weight in incident.weights] == [60, 6, 3, 6]
    assert incident.score == sum(weight.points for weight in incident.weights) == 75
    assert incident.tactics == ("execution", "credential-access")
    many = [trace(number, severity="critical", at=number) for number in range(40)]
    (full,) = linked(many)
    assert (full.score, full.severity) == (100, "critical")
    assert sum(weight.points for weight in full.weights) == 100


def test_rules_about_the_same_request_weigh_little(trace: Make, linked: Linked) -> None:
    (incident,) = linked([trace(number, severity="high", events=(1,)) for number in range(5)])
    assert incident.score == 64
    assert len(incident.story) == 1
    assert set(incident.story[0].findings) == set(incident.findings)


def test_the_story_is_in_order_and_every_step_is_proved(trace: Make, linked: Linked) -> None:
    (incident,) = linked([trace(number, at=(9 - number) * HOUR) for number in range(9)])
    assert [step.finding for step in incident.story] == [f"f-{number:04d}" for number in range(8, -1, -1)]
    assert all(step.events and step.events_total for step in incident.story)
    assert {name for step in incident.story for name in step.findings} == set(incident.findings)
    assert incident.unseen[0] == "r8 sees little."
    assert incident.advice[0] == "Mend r8."


def test_bonds_say_why(trace: Make, linked: Linked) -> None:
    (incident,) = linked([trace(0, issued=("JTI=1",)), trace(1, "eve", at=HOUR, credentials=("JTI=1",), peer=None)])
    (bond,) = incident.bonds
    assert (bond.kind, bond.findings) == ("credential", ("f-0000", "f-0001"))
    assert bond.text == "the same credential, JTI=1"


def test_much_is_bounded_and_counted(trace: Make, linked: Linked) -> None:
    (incident,) = linked([trace(number, at=number * HOUR) for number in range(1_200)])
    assert (len(incident.findings), incident.findings_total) == (1_000, 1_200)
    assert len(incident.story) == 60
    wide = [trace(number, f"u{number}", peer=f"10.0.{number // 250}.{number % 250}") for number in range(1_010)]
    assert len(linked(wide)) == 1_000
    assert link(wide, Case({}, NOWHERE)).more == 10


def test_of_too_many_findings_the_gravest_are_linked(
    trace: Make, linked: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incidents, "MOST", 3)
    lows = [trace(number, severity="low", at=number) for number in range(5)]
    found = link([*lows, trace(8, at=9), trace(9, at=10, severity="high")], Case({}, NOWHERE))
    assert found.apart == 4
    assert [incident.findings for incident in found.incidents] == [("f-0000", "f-0008", "f-0009")]


def test_the_id_stays_when_the_story_grows_and_when_something_else_happens(trace: Make, linked: Linked) -> None:
    begun = [trace(0, severity="low"), trace(1, at=HOUR)]
    (before,) = linked(begun)
    later = [*begun, trace(2, at=3 * DAY, severity="critical"), trace(9, "eve", peer="10.0.0.9")]
    after = {incident.id: incident for incident in linked(later)}
    assert after[before.id].findings == ("f-0000", "f-0001", "f-0002")
    assert len(after) == 2


USERS = ("ana", "bo", "system:serviceaccount:shop:web", None, "system:kube-scheduler")


@st.composite
def traces(draw: st.DrawFn) -> list[dict[str, object]]:
    def one(number: int) -> dict[str, object]:
        return {
            "number": number,
            "user": draw(st.sampled_from(USERS)),
            "at": draw(st.integers(0, 40)) * 6 * HOUR,
            "severity": draw(st.sampled_from(["informational", "low", "medium", "high"])),
            "peer": draw(st.sampled_from(["10.0.0.1", "203.0.113.9", None])),
            "rule": draw(st.sampled_from(["a", "b", "c"])),
            "events": tuple(draw(st.sets(st.integers(0, 9), min_size=1, max_size=3))),
            "credentials": draw(st.sampled_from([(), ("JTI=1",), ("JTI=2",)])),
            "entered": draw(st.sampled_from([(), ("shop/web-1",)])),
            "pods": draw(st.sampled_from([(), ("shop/web-1",)])),
            "gains": draw(st.sampled_from([(), (Gain("grant", "bo"),), (Gain("token", USERS[2] or ""),)])),
        }

    return [one(number) for number in range(draw(st.integers(1, 9)))]


@given(traces(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_arrival_changes_nothing(
    trace: Make, linked: Linked, made: list[dict[str, object]], random: st.DataObject
) -> None:
    found = [trace(**members) for members in made]
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random
    assert linked(found) == linked(shuffled)
    members = [name for incident in linked(found) for name in incident.findings]
    assert len(members) == len(set(members))
