"""Whether a rule can fire on a log: active, blind with its evidence, or unknown."""

from collections import Counter
from typing import Any

import pytest

from kwho.detect.health import CHANCES, Health, Log, describe, examine, policy_for
from kwho.detect.rule import Correlation, Needs, Rule, RuleSet
from kwho.profile.activity import Operation
from kwho.profile.recording import Recording
from kwho.query.parse import parse_query


def operation(**members: Any) -> Operation:
    usual: dict[str, Any] = {
        "verb": "create", "stage": "ResponseComplete", "level": "Metadata", "resource": "pods", "subresource": None,
        "group": None, "code": 201, "closed_early": False, "decision": "allow", "request_body": False,
        "response_body": False, "impersonated": False, "answer": "success",
    }  # fmt: skip
    return Operation(**usual | members)


def health(
    needs: Needs,
    *seen: tuple[Operation, int],
    lost: dict[str, int] | None = None,
    policy: bool | None = None,
    fired: tuple[str, ...] = (),
) -> Health:
    rule = Rule(id="r", title="R", level="low", condition=parse_query("verb:create"), needs=needs)
    log = Log(Recording(Counter(dict(seen))), lost or {}, fired)
    (found,) = examine(RuleSet(rules=(rule,)), log, None if policy is None else lambda _: policy)
    return found


BODIES = Needs(level="Request", verbs=("create",), resources=("pods",))
STARTED = Needs(stage="ResponseStarted")


def test_a_rule_is_active_as_soon_as_one_event_carries_what_it_needs() -> None:
    assert health(BODIES, (operation(), 500), (operation(request_body=True), 1)).state == "active"
    assert health(Needs(verbs=("create",)), (operation(), 1)).state == "active"


def test_blindness_needs_twenty_chances() -> None:
    assert health(BODIES, (operation(), CHANCES - 1)).state == "unknown"
    found = health(BODIES, (operation(), CHANCES))
    assert found.state == "blind"
    assert found.blind is not None
    assert str(CHANCES) in found.blind.evidence
    assert found.blind.policy == '- {level: Request, verbs: [create], resources: [{group: "", resources: [pods]}]}'


@pytest.mark.parametrize(
    "other",
    [
        operation(verb="get"),
        operation(resource="secrets"),
        operation(subresource="exec"),
        operation(answer="forbidden"),
        operation(stage="RequestReceived"),
    ],
    ids=["verb", "resource", "subresource", "refused", "received"],
)
def test_events_that_could_not_have_carried_it_are_no_chances(other: Operation) -> None:
    assert health(BODIES, (other, 500)).state == "unknown"


def test_events_that_were_taken_back_as_copies_do_not_count() -> None:
    assert health(Needs(verbs=("create",)), (operation(), 0)).state == "unknown"


def test_a_given_policy_decides_where_the_log_does_not() -> None:
    assert health(BODIES, policy=True).state == "active"
    assert health(BODIES, policy=False).state == "blind"
    assert health(BODIES, (operation(request_body=True), 1), policy=False).state == "active"
    assert health(BODIES, (operation(), 500), policy=True).state == "active"


def test_a_field_that_no_event_has_makes_blind() -> None:
    needs = Needs(fields=("user.groups",), verbs=("create",))
    found = health(needs, (operation(), 50), lost={"user.groups": 50})
    assert found.state == "blind"
    assert found.blind is not None
    assert found.blind.needs == "user.groups"
    assert health(needs, (operation(), 50), lost={"sourceIPs": 50}).state == "active"
    assert health(needs, (operation(), 50), lost={"user.groups": CHANCES - 1}).state == "active"


def test_what_fired_is_active_whatever_else_is_missing() -> None:
    assert health(BODIES, (operation(), 500), policy=False, fired=("r",)).state == "active"


SEVERAL = Needs(level="Request", verbs=("create",), resources=("pods", "apps/deployments", "batch/jobs"))
DEPLOYMENT = operation(resource="deployments", group="apps")


def test_an_active_rule_says_which_of_its_resources_are_not_recorded() -> None:
    seen, unseen = (operation(request_body=True), 1), (DEPLOYMENT, CHANCES)
    found = health(SEVERAL, seen, unseen, (operation(resource="jobs", group="batch"), CHANCES - 1))
    assert (found.state, found.blind) == ("active", None)
    (partly,) = found.partly
    assert partly.rule == "r"
    assert partly.needs == "request bodies of create on apps/deployments"
    assert partly.policy == "- {level: Request, verbs: [create], resources: [{group: apps, resources: [deployments]}]}"
    assert str(CHANCES) in partly.evidence
    assert health(SEVERAL, seen, (DEPLOYMENT._replace(request_body=True), 1)).partly == ()
    assert health(SEVERAL, unseen, fired=("r",)).partly == (partly,)


def test_a_given_policy_says_which_resources_are_not_recorded() -> None:
    found = health(SEVERAL, (DEPLOYMENT._replace(request_body=True), 1), policy=False)
    assert found.state == "active"
    assert [item.needs for item in found.partly] == ["request bodies of create on pods, batch/jobs"]
    assert health(SEVERAL, (DEPLOYMENT, 500), policy=True).partly == ()


def test_a_blind_rule_is_not_partly_blind_as_well() -> None:
    found = health(SEVERAL, (DEPLOYMENT, CHANCES))
    assert (found.state, found.partly) == ("blind", ())


def test_watches_show_whether_the_stage_of_refusals_is_kept() -> None:
    watch = operation(verb="watch")
    assert health(STARTED, (watch, CHANCES)).state == "blind"
    assert health(STARTED, (watch, CHANCES), (watch._replace(stage="ResponseStarted"), 1)).state == "active"
    assert health(STARTED, (operation(), 500)).state == "unknown"


@pytest.mark.parametrize(
    ("kind", "names", "state"),
    [
        ("temporal", ("seen",), "active"),
        ("temporal", ("seen", "unknown"), "unknown"),
        ("temporal_ordered", ("unknown", "blind", "seen"), "blind"),
        ("event_count", ("unknown", "blind", "seen"), "active"),
        ("value_count", ("blind", "unknown"), "unknown"),
        ("event_count", ("blind",), "blind"),
    ],
)
def test_an_order_needs_all_of_its_rules_a_count_any(kind: Any, names: tuple[str, ...], state: str) -> None:
    rules = tuple(
        Rule(id=name, title=name, level="low", condition=parse_query("verb:create"), needs=needs)
        for name, needs in (("seen", Needs(verbs=("create",))), ("unknown", Needs(verbs=("x",))), ("blind", BODIES))
    )
    correlation = Correlation(id="c", title="C", level="low", type=kind, rules=names, timespan=1)
    log = Log(Recording(Counter({operation(): 50})), {}, ())
    *_, found = examine(RuleSet(rules=rules, correlations=(correlation,)), log)
    assert found.state == state
    assert (found.blind.rule if found.blind else None) == ("c" if state == "blind" else None)
    unseen = [item.needs for item in found.partly if item.rule == "c"]
    assert unseen == (["request bodies of create on pods"] if state == "active" and "blind" in names else [])


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        ((operation(request_body=True), operation(verb="get", subresource="exec")), "active"),
        ((operation(request_body=True),), "unknown"),
        ((operation(), operation(verb="get", subresource="exec")), "blind"),
    ],
)
def test_a_rule_on_the_state_needs_what_tells_the_state_and_what_it_asks_about(
    seen: tuple[Operation, ...], state: str
) -> None:
    condition = parse_query("target:pods/exec state.pod.demands:hostPID")
    rule = Rule(id="r", title="R", level="low", condition=condition, needs=BODIES, state="entered_pod")
    log = Log(Recording(Counter(dict.fromkeys(seen, CHANCES))), {}, ())
    assert [found.state for found in examine(RuleSet(rules=(rule,)), log)] == [state]


def test_needs_are_told_in_words_and_as_policy() -> None:
    assert "ResponseStarted" in describe(STARTED)
    assert "omitStages" in policy_for(STARTED)
    assert describe(Needs()) == "events of all verbs on all resources"
    assert policy_for(Needs(level="RequestResponse", resources=("core/pods", "batch/jobs"))) == (
        '- {level: RequestResponse, resources: [{group: "", resources: [pods]}, {group: batch, resources: [jobs]}]}'
    )


def test_a_rule_about_the_site_is_blind_without_that_part_of_a_site_file() -> None:
    zoned = Rule(
        id="zoned",
        title="Zoned",
        level="low",
        needs=Needs(fields=("site.zones", "sourceIPs")),
        condition=parse_query("verb:get"),
    )
    rules = RuleSet(rules=(zoned,))
    (found,) = examine(rules, Log(Recording(Counter()), {}, (), site={"site.lists"}))
    assert found.state == "blind"
    assert found.blind is not None
    assert found.blind.needs == "a site file with zones"
    assert "--site FILE" in found.blind.policy
    (told,) = examine(rules, Log(Recording(Counter()), {}, (), site={"site.zones"}))
    assert told.state == "unknown"
