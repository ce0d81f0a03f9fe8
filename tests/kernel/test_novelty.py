"""New values: the log is what is learnt from, whatever the order of its lines."""

from collections.abc import Callable
from typing import Any

import pytest

from kwho.detect.rule import RuleSet

Make = Callable[..., Any]
DAY = 86_400_000_000


@pytest.fixture
def rules(rule: Make, correlation: Make) -> Callable[..., RuleSet]:
    def make(**members: Any) -> RuleSet:
        usual = {"type": "new_value", "group_by": (), "combination": ("userAgent.family",), "timespan": 7 * DAY}
        return RuleSet(rules=(rule("r", "verb:get", silent=True),), correlations=(correlation(**usual | members),))

    return make


@pytest.fixture
def on(event: Make) -> Callable[..., dict[str, Any]]:
    """A request on a day of January, by a client."""

    def make(day: int, agent: str, number: int | None = None, **members: Any) -> dict[str, Any]:
        time = f"2026-01-{day:02d}T10:00:00.{day:06d}Z"
        given = {"userAgent": agent, "requestReceivedTimestamp": time, "stageTimestamp": time}
        made: dict[str, Any] = event(day if number is None else number, **given | members)
        return made

    return make


def test_a_first_client_after_the_learning_period_is_told_with_its_day(find: Make, rules: Make, on: Make) -> None:
    story = [on(day, "kubectl/v1") for day in range(1, 20)]
    story += [on(10, "curl/8", 90), on(10, "Curl/9", 91), on(11, "curl/8", 92), on(3, "helm/3", 93)]
    answers = [find(*events, rules=rules()) for events in (story, story[::-1])]
    (finding,) = answers[0]
    assert answers[0][0].id == answers[1][0].id
    assert (finding.count, finding.source.user_agent, finding.principal.user) == (2, None, "ana")
    assert {evidence.field: evidence.value for evidence in finding.evidence}["userAgent.family"] == "curl"
    assert "for the first time, after more than 7 days" in finding.reasons[0]


def test_a_log_that_is_too_short_makes_the_rule_blind_and_says_so(scan: Make, rules: Make, on: Make) -> None:
    result = scan(*(on(day, f"a{day}", day * 10 + n) for day in range(1, 8) for n in range(4)), rules=rules())
    assert result.findings == ()
    (blind,) = result.blind
    assert (blind.rule, blind.needs) == ("c", "more than 7 days of log")
    assert "events on 7 UTC days" in blind.evidence
    few = scan(on(1, "a"), on(2, "b"), rules=rules())
    assert (few.blind, few.unknown) == ((), ("c",))
    long = scan(*(on(day, "a") for day in range(1, 9)), rules=rules())
    assert long.rules.active == 2


def test_each_group_learns_from_its_own_beginning(find: Make, rules: Make, on: Make) -> None:
    mine = rules(group_by=("user.username",))
    story = [on(day, "kubectl/v1") for day in range(1, 25)]
    new = [on(day, agent, 50 + day, user={"username": "bo"}) for day, agent in ((12, "a"), (13, "b"), (20, "c"))]
    (finding,) = find(*story, *new, rules=mine)
    assert (finding.principal.user, finding.time.first) == ("bo", "2026-01-20T10:00:00.000020Z")


def test_who_comes_back_after_an_absence_is_told(find: Make, rules: Make, on: Make) -> None:
    back = rules(type="returning_value", combination=("user.username",))
    story = [on(day, "k") for day in range(1, 20)]
    story += [on(day, "k", 60 + day, user={"username": "bo"}) for day in (2, 3, 11)]
    (finding,) = find(*story, rules=back)
    assert finding.principal.user == "bo"
    assert "not shown for 7 days and more" in finding.reasons[0]


def test_each_element_of_a_list_is_a_value_of_its_own(find: Make, rules: Make, on: Make) -> None:
    groups = rules(combination=("user.groups",))
    story = [on(day, "k") for day in range(1, 12)]
    story.append(on(11, "k", 90, user={"username": "bo", "groups": ["system:authenticated", "admins", "late"]}))
    found = find(*story, rules=groups)
    assert sorted(str(item.evidence[0].value) for item in found) == ["admins", "late"]


def test_what_is_absent_is_no_value(find: Make, rules: Make, on: Make) -> None:
    story = [on(day, "k") for day in range(1, 12)]
    assert find(*story, on(11, "k", 90, userAgent=None), rules=rules()) == ()
