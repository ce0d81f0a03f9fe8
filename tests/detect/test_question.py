"""Conditions on the state: what selects, what is settled, and what is refused."""

from collections.abc import Callable

import pytest

from kwho.detect.question import fed, split, state_fields
from kwho.detect.rule import Needs, Rule
from kwho.detect.sigma import load_rules
from kwho.query.ast import And, Not, Or, Term

WriteRule = Callable[..., str]

EVENT = Term("verb", "equals", ("get",))
STATE = Term("state.pod.demands", "equals", ("hostPID",))
DETECTION = """
exec: {target: pods/exec}
power: {state.pod.demands: hostPID}
condition: exec and power
"""


def load(text: str) -> tuple[Rule | None, str]:
    rules = load_rules([("x.yaml", text)])
    return (rules.rules[0] if rules.rules else None), "".join(entry.reason for entry in rules.refused)


def test_a_condition_is_taken_apart_at_its_and() -> None:
    assert split(And((EVENT, STATE))) == (And((EVENT,)), And((STATE,)))
    assert split(And((And((EVENT, Not(STATE))),))) == (And((EVENT,)), And((Not(STATE),)))
    assert split(EVENT) == (EVENT, And(()))
    assert state_fields(Or((EVENT, Not(STATE)))) == {"pod.demands"}
    assert state_fields(Term("verb", "fieldref", ("state.x",))) == {"x"}


def test_a_snapshot_stands_in_for_what_the_log_does_not_record(write_rule: WriteRule) -> None:
    needs = "kwho: {state: entered_pod, needs: {level: Request, resources: [pods]}}"
    rules = load_rules([("x.yaml", write_rule(DETECTION, more=needs))])
    assert rules.rules[0].needs.level == "Request"
    assert fed(rules).rules[0].needs == Needs(resources=("pods/exec",))


def test_a_rule_names_the_view_that_it_asks(write_rule: WriteRule) -> None:
    rule, reason = load(write_rule(DETECTION, more="kwho: {state: entered_pod}"))
    assert reason == ""
    assert rule is not None
    assert rule.state == "entered_pod"


@pytest.mark.parametrize(
    ("detection", "more", "reason"),
    [
        (DETECTION, "", '"state.pod.demands" needs kwho.state'),
        (DETECTION, "kwho: {state: nothing}", 'unknown view "nothing"; there are '),
        (DETECTION, "kwho: {state: bound_role}", 'the view bound_role does not tell "state.pod.demands"; it tells '),
        ("a: {verb: get}\ncondition: a", "kwho: {state: bound_role}", "asks nothing of the state"),
        (DETECTION.replace(" and ", " or "), "kwho: {state: entered_pod}", "join such parts by `and` only"),
        (DETECTION.replace("exec and", "exec and not exec or"), "kwho: {state: entered_pod}", "`and` only"),
    ],
)
def test_a_question_that_nobody_can_answer_is_refused(
    write_rule: WriteRule, detection: str, more: str, reason: str
) -> None:
    rule, told = load(write_rule(detection, more=more))
    assert rule is None
    assert reason in told
    assert told.startswith("x.yaml:")


def test_a_correlation_cannot_count_what_is_settled_at_the_end(
    write_rule: WriteRule, write_correlation: WriteRule
) -> None:
    counting = """
    type: event_count
    rules: [rule-1]
    group-by: [user]
    timespan: 5m
    condition: {gte: 3}
    """
    rule = write_rule(DETECTION, more="kwho: {state: entered_pod}")
    _, reason = load(rule + "\n---\n" + write_correlation(counting))
    assert "settled too late" in reason
