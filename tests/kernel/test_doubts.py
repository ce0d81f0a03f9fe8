"""What the log tells against itself: silences, audit IDs on different requests, lost answers, clocks."""

from collections.abc import Callable
from typing import Any

import pytest

from kwho.detect.rule import RuleSet
from kwho.kernel.witness import LEAPS
from kwho.schema.finding import Finding

Make = Callable[..., Any]


@pytest.fixture
def rules(rule: Make, correlation: Make) -> Callable[..., RuleSet]:
    """All requests on secrets are noted, and those of one fact of the log are told."""

    def make(fact: str) -> RuleSet:
        told = {"id": fact, "type": "trail", "fact": fact, "rules": (), "group_by": (), "level": "medium"}
        noted = (rule("r", "resource:secrets verb:get"), rule("d", "verb:delete"), rule("u", "uri:/else*"))
        return RuleSet(rules=noted, correlations=(correlation(**told),))

    return make


def only(found: tuple[Finding, ...], fact: str) -> list[Finding]:
    return [item for item in found if item.rule.id == fact]


def test_a_silence_cites_what_was_noted_before_and_after(find: Make, event: Make, rules: Make) -> None:
    minutes = [*range(12), *range(20, 32)]
    story = [event(number, 60 * minute) for number, minute in enumerate(minutes)]
    answers = [only(find(*events, rules=rules("silence")), "silence") for events in (story, story[::-1])]
    (finding,) = answers[0]
    assert finding.id == answers[1][0].id
    assert (finding.time.first, finding.time.last) == ("2026-01-05T10:12:00.000000Z", "2026-01-05T10:20:00.000000Z")
    assert [cited.audit_id for cited in finding.events] == [story[11]["auditID"], story[12]["auditID"]]
    assert "none for 8 minutes" in finding.reasons[0]
    assert finding.principal.user is None
    assert finding.evidence


def test_a_silence_belongs_to_nobody_and_to_no_incident(scan: Make, event: Make, rules: Make) -> None:
    result = scan(*(event(minute, 60 * minute) for minute in [*range(12), *range(20, 32)]), rules=rules("silence"))
    told = {finding for incident in result.incidents for finding in incident.findings}
    assert not told & {finding.id for finding in only(result.findings, "silence")}


def test_a_steady_log_is_not_silent(find: Make, event: Make, rules: Make) -> None:
    story = [event(number, 60 * number) for number in range(30)]
    assert only(find(*story, rules=rules("silence")), "silence") == []


def test_a_silence_beside_nothing_noted_stays_in_the_ledger_alone(scan: Make, event: Make, rules: Make) -> None:
    quiet = {"objectRef": {"resource": "leases"}, "verb": "update"}
    story = [event(number, 60 * minute, **quiet) for number, minute in enumerate([*range(12), *range(20, 32)])]
    result = scan(*story, rules=rules("silence"))
    assert len(result.gaps) == 1
    assert result.findings == ()


@pytest.mark.parametrize(
    "other",
    [
        {"user": {"username": "bo"}},
        {"objectRef": {"resource": "secrets", "namespace": "data", "name": "s0"}},
        {"verb": "delete"},
        {"requestURI": "/elsewhere", "verb": "head"},
    ],
)
def test_one_id_on_different_requests_is_told_once(find: Make, event: Make, rules: Make, other: Any) -> None:
    story = [event(0), event(0, 5, **other)]
    answers = [only(find(*events, rules=rules("reused_id")), "reused_id") for events in (story, story[::-1])]
    (finding,) = answers[0]
    assert [item.id for item in answers[1]] == [finding.id]
    assert finding.count == len(finding.events) == 2
    assert finding.principal.user == other.get("user", {"username": "ana"})["username"]
    assert finding.evidence[0].value == (story[0]["auditID"],)


def test_what_cannot_be_told_apart_reuses_nothing(find: Make, event: Make, rules: Make) -> None:
    """Two requests of one group may be halves of one; only what is known of each of them tells."""
    assert only(find(event(0), event(0, 5), event(1, 9), rules=rules("reused_id")), "reused_id") == []


@pytest.mark.parametrize(
    "same", [{"at": 5}, {"at": 5, "sourceIPs": ["10.0.0.9"], "userAgent": "aggregator"}, {"at": 0}]
)
def test_halves_and_copies_of_a_request_reuse_nothing(find: Make, event: Make, rules: Make, same: Any) -> None:
    assert only(find(event(0), event(0, **same), rules=rules("reused_id")), "reused_id") == []


def test_requests_without_an_id_reuse_nothing(find: Make, event: Make, rules: Make) -> None:
    bare = [event(0, auditID=None), event(0, 5, auditID=None, user={"username": "bo"})]
    assert only(find(*bare, rules=rules("reused_id")), "reused_id") == []


def test_a_flood_under_one_id_is_one_finding_a_client_and_hour(find: Make, event: Make, rules: Make) -> None:
    flood = [event(0, number, requestURI=f"/{number}", user={"username": "bo"}) for number in range(1, 50)]
    (finding,) = only(find(event(0), *flood, rules=rules("reused_id")), "reused_id")
    assert finding.count == 50
    assert "50 requests share an audit ID" in finding.reasons[0]


def test_a_hostile_id_is_cut(find: Make, event: Make, rules: Make) -> None:
    long = "\x1b[31m" + "x" * 5_000
    story = [event(0, auditID=long), event(0, 5, auditID=long, user={"username": "bo"})]
    (finding,) = only(find(*story, rules=rules("reused_id")), "reused_id")
    assert all(len(str(value)) < 2_100 for value in finding.evidence[0].value)  # type: ignore[union-attr]  # a tuple


def test_without_its_correlation_nothing_is_told(find: Make, event: Make, rules: Make) -> None:
    story = [event(0), event(0, 5, user={"username": "bo"})]
    assert only(find(*story, rules=rules("silence")), "reused_id") == []


def patch(event: Make, number: int, at: float, stage: str, verb: str = "patch") -> dict[str, Any]:
    made: dict[str, Any] = event(number, at, stage=stage, verb=verb)
    return made


def test_a_patch_without_an_answer_is_told_wherever_its_answer_could_stand(
    find: Make, event: Make, rules: Make
) -> None:
    lost = patch(event, 1, 0, "RequestReceived")
    other = [patch(event, 2, 1, "RequestReceived"), patch(event, 2, 1, "ResponseComplete")]
    story = [lost, *other, patch(event, 3, 2, "RequestReceived", "get"), event(9, 600)]
    answers = [only(find(*events, rules=rules("orphans")), "orphans") for events in (story, story[::-1])]
    (finding,) = answers[0]
    assert [item.id for item in answers[1]] == [finding.id]
    assert [cited.audit_id for cited in finding.events] == [lost["auditID"]]
    assert finding.target.resource == "secrets"
    assert finding.target.uri == lost["requestURI"]


def test_a_patch_on_its_way_when_the_log_ends_is_not_told(find: Make, event: Make, rules: Make) -> None:
    story = [event(9, 0), patch(event, 1, 600, "RequestReceived"), event(10, 630)]
    assert only(find(*story, rules=rules("orphans")), "orphans") == []


def test_without_the_stage_of_receipt_nothing_can_be_orphaned_and_that_is_said(
    scan: Make, event: Make, rules: Make
) -> None:
    result = scan(*(event(number, number) for number in range(25)), rules=rules("orphans"))
    assert [blind.needs for blind in result.blind] == ["events at stage RequestReceived"]


def watch(event: Make, number: int, at: float, ended: str | None, **members: Any) -> dict[str, Any]:
    quiet = {"objectRef": {"resource": "leases"}, "verb": "watch"}
    made: dict[str, Any] = event(number, at, stageTimestamp=ended, **quiet | members)
    return made


def test_a_watch_that_ended_before_it_began_tells_that_the_clock_was_set_back(
    find: Make, event: Make, rules: Make
) -> None:
    story = [
        watch(event, 0, 60, "2026-01-05T09:31:00.000000Z"),
        watch(event, 1, 90, "2026-01-05T09:31:00.000000Z"),
        watch(event, 2, 99, "2026-01-05T10:09:00.000000Z"),
    ]
    answers = [
        only(find(*events, rules=rules("clock_leapt")), "clock_leapt") for events in (story, [*story[::-1], story[0]])
    ]
    (finding,) = answers[0]
    assert [item.id for item in answers[1]] == [finding.id]
    assert finding.count == answers[1][0].count == 2
    assert {cited.audit_id for cited in finding.events} == {story[0]["auditID"], story[1]["auditID"]}
    assert (finding.time.first, finding.time.last) == ("2026-01-05T09:31:00.000000Z", "2026-01-05T10:01:30.000000Z")
    assert finding.evidence[0].value == ("2026-01-05T10:01:30.000000Z", "2026-01-05T09:31:00.000000Z")
    assert "set back by 1830.0 seconds at least" in finding.reasons[0]
    assert finding.principal.user is None


@pytest.mark.parametrize(
    ("ended", "members"),
    [
        ("2026-01-05T09:59:59.000001Z", {}),
        ("2026-01-05T10:30:00.000000Z", {}),
        ("2026-01-05T08:00:00.000000Z", {"stage": "RequestReceived", "requestReceivedTimestamp": None}),
        (None, {}),
        ("1999", {}),
        ("\x1b[31m", {"verb": "get"}),
    ],
)
def test_what_took_its_time_or_tells_none_leaves_clocks_alone(
    find: Make, event: Make, rules: Make, ended: str | None, members: Any
) -> None:
    assert only(find(watch(event, 0, 0, ended, **members), rules=rules("clock_leapt")), "clock_leapt") == []


def test_clocks_of_hours_are_told_apart(find: Make, event: Make, rules: Make) -> None:
    story = [watch(event, number, 3_600 * number, "2026-01-05T09:00:00.000000Z") for number in range(3)]
    assert len(only(find(*story, rules=rules("clock_leapt")), "clock_leapt")) == 3


def test_of_many_requests_those_that_show_most_are_cited(find: Make, event: Make, rules: Make) -> None:
    story = [watch(event, number, number, "2026-01-05T09:59:00.000000Z") for number in range(3 * LEAPS)]
    (finding,) = only(find(*story, rules=rules("clock_leapt")), "clock_leapt")
    assert finding.count == LEAPS
    assert finding.events[-1].audit_id == story[-1]["auditID"]


def test_a_request_through_a_silence_tells_that_nothing_of_it_is_lost(find: Make, event: Make, rules: Make) -> None:
    minutes = [event(number, 60 * minute) for number, minute in enumerate([*range(12), *range(30, 42)])]

    def told(*more: dict[str, Any]) -> list[Finding]:
        return only(find(*minutes, *more, rules=rules("clock_leapt")), "clock_leapt")

    over = {"ended": "2026-01-05T10:30:10.000000Z", "verb": "list"}
    (finding,) = told(watch(event, 90, 700, **over))
    assert "a silence of 18 minutes" in finding.reasons[0]
    assert (finding.time.first, finding.time.last) == ("2026-01-05T10:12:00.000000Z", "2026-01-05T10:30:00.000000Z")
    assert told(watch(event, 90, 700, **over | {"verb": "watch"})) == []
    assert told(watch(event, 90, 700, **over | {"objectRef": None, "requestURI": "/debug/pprof/profile"})) == []
    assert told(watch(event, 90, 700, **over | {"ended": "2026-01-05T10:18:10.000000Z"})) == []


@pytest.mark.parametrize("verb", ["watch", "update"])
def test_lines_of_a_known_shape_show_a_clock_as_well(rules: Make, event: Make, scan_written: Make, verb: str) -> None:
    story = [
        watch(event, number, 10 * number, f"2026-01-05T{9 if number == 70 else 11}:00:00.000000Z".replace("T9", "T09"))
        | {"verb": verb, "requestURI": "/x"}
        for number in range(80)
    ]
    (finding,) = only(scan_written(*story, rules=rules("clock_leapt")).findings, "clock_leapt")
    assert [cited.line for cited in finding.events] == [71]
