"""Whether a rule can fire on a log: what fired can, and blindness needs evidence."""

from collections import Counter

import msgspec

from kwho.detect.health import CHANCES, Log, describe, examine, policy_for
from kwho.detect.rule import Correlation, Needs, Rule, RuleSet
from kwho.profile.activity import Operation
from kwho.profile.recording import Recording
from kwho.query.ast import Term
from kwho.schema.finding import Severity

LOW: Severity = "low"
BODIES = Needs(level="Request", fields=("requestObject",), verbs=("create",), resources=("pods",))


def a_rule(name: str, needs: Needs) -> Rule:
    return Rule(id=name, title=name, level=LOW, needs=needs, condition=Term("verb", "equals", ("create",)))


def an_operation(verb: str, resource: str, *, body: bool = False, stage: str = "ResponseComplete") -> Operation:
    return Operation(
        verb, stage, "Request", resource, None, None, 201, False, "allow", body, False, False, "success"
    )  # fmt: skip


def a_log(events: dict[Operation, int], lost: dict[str, int] | None = None, fired: frozenset[str] = frozenset()) -> Log:
    return Log(Recording(Counter(events)), lost or {}, fired)


def state_of(rule: Rule, log: Log) -> str:
    return next(examine(RuleSet((rule,)), log)).state


def test_a_rule_whose_events_are_recorded_is_active() -> None:
    assert state_of(a_rule("a", BODIES), a_log({an_operation("create", "pods", body=True): 1})) == "active"


def test_twenty_chances_without_what_is_needed_make_a_rule_blind_and_fewer_do_not() -> None:
    bare = an_operation("create", "pods")
    assert state_of(a_rule("a", BODIES), a_log({bare: CHANCES})) == "blind"
    assert state_of(a_rule("a", BODIES), a_log({bare: CHANCES - 1})) == "unknown"


def test_events_at_request_received_are_no_chances() -> None:
    received = an_operation("create", "pods", stage="RequestReceived")
    assert state_of(a_rule("a", BODIES), a_log({received: 10 * CHANCES})) == "unknown"


def test_a_rule_that_fired_is_active_whatever_is_missing() -> None:
    log = a_log({an_operation("create", "pods"): CHANCES}, {"requestObject": CHANCES}, frozenset({"a"}))
    assert state_of(a_rule("a", BODIES), log) == "active"


def test_a_field_that_no_event_has_makes_the_rules_that_need_it_blind() -> None:
    rule = a_rule("a", Needs(fields=("sourceIPs",)))
    seen = {an_operation("get", "pods"): CHANCES}
    health = next(examine(RuleSet((rule,)), a_log(seen, {"sourceIPs": CHANCES})))
    assert health.blind is not None
    assert health.blind.needs == "sourceIPs"
    assert health.blind.evidence == "none of 20 events carries sourceIPs"
    assert state_of(rule, a_log(seen, {"sourceIPs": CHANCES - 1})) == "active"


def test_a_policy_that_is_given_decides_where_the_log_does_not() -> None:
    rules, log = RuleSet((a_rule("a", BODIES),)), a_log({})
    assert [health.state for health in examine(rules, log, lambda _: True)] == ["active"]
    assert [health.state for health in examine(rules, log, lambda _: False)] == ["blind"]
    assert [health.state for health in examine(rules, log, lambda _: None)] == ["unknown"]


def test_an_ordered_correlation_needs_all_of_its_rules_and_a_count_any() -> None:
    rules = (a_rule("seen", Needs(verbs=("get",))), a_rule("unseen", BODIES))
    events = {an_operation("get", "pods"): 1, an_operation("create", "pods"): CHANCES}
    counted = Correlation(
        id="counted", title="both", level=LOW, type="event_count", rules=("seen", "unseen"), timespan=1
    )
    ordered = msgspec.structs.replace(counted, id="ordered", type="temporal_ordered")
    found = {health.rule: health for health in examine(RuleSet(rules, (ordered, counted)), a_log(events))}
    assert found["counted"].state == "active"
    assert found["ordered"].state == "blind"
    assert found["ordered"].blind is not None
    assert found["ordered"].blind.rule == "ordered"


def test_a_watch_that_completes_without_having_started_shows_that_the_stage_is_dropped() -> None:
    rule = a_rule("a", Needs(stage="ResponseStarted"))
    assert state_of(rule, a_log({an_operation("watch", "pods"): CHANCES})) == "blind"
    assert state_of(rule, a_log({an_operation("watch", "pods", stage="ResponseStarted"): 1})) == "active"
    assert "401" in describe(rule.needs)
    assert "omitStages" in policy_for(rule.needs)


def test_the_policy_that_would_cure_a_rule_names_group_and_level() -> None:
    needs = Needs(level="RequestResponse", verbs=("get",), resources=("apps/deployments", "core/pods"))
    assert describe(needs) == "response bodies of get on apps/deployments, core/pods"
    assert policy_for(needs) == (
        "- {level: RequestResponse, verbs: [get], resources: [{group: apps, resources: [deployments]}, "
        '{group: "", resources: [pods]}]}'
    )
