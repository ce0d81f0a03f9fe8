"""An excluded match still becomes a finding: marked, counted, and left out of the answer."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from kwho.detect.rule import Exclusion, Rule, RuleSet
from kwho.query.parse import parse_query
from kwho.schema.moment import parse_moment

Make = Callable[..., Any]
BACKUP = {"username": "backup", "groups": ["system:authenticated"]}
WHO = "user:backup verb:get target:secrets"


def exclusion(query: str = WHO, **members: Any) -> Exclusion:
    usual: dict[str, Any] = {"id": "x", "title": "Backup", "owner": "ops", "reason": "it backs up", "rules": ("r",)}
    return Exclusion(**usual | {"condition": parse_query(query)} | members)


def rules(rule: Make, *exclusions: Exclusion, query: str = "verb:get") -> RuleSet:
    return RuleSet(rules=(rule("r", query),), exclusions=exclusions)


def test_an_excluded_finding_is_counted_marked_and_left_out(scan: Make, event: Make, rule: Make) -> None:
    result = scan(event(1), event(2, user=BACKUP), event(3, at=4000, user=BACKUP), rules=rules(rule, exclusion()))
    assert [finding.principal.user for finding in result.findings] == ["ana"]
    assert [finding.excluded for finding in result.left_out] == ["x", "x"]
    assert result.findings[0].excluded is UNSET
    assert result.excluded.findings == 2
    (hidden,) = result.excluded.by
    assert (hidden.id, hidden.title, hidden.owner, hidden.reason, hidden.findings) == (
        "x", "Backup", "ops", "it backs up", 2,
    )  # fmt: skip
    assert result.rules.active == 1


def test_ids_of_what_is_not_excluded_do_not_depend_on_exclusions(scan: Make, event: Make, rule: Make) -> None:
    events = event(1), event(2, user=BACKUP)
    plain = {finding.id for finding in scan(*events, rules=rules(rule)).findings}
    result = scan(*events, rules=rules(rule, exclusion()))
    assert {finding.id for finding in result.findings} < plain
    assert not {finding.id for finding in result.left_out} & plain


def test_what_the_exclusion_does_not_name_is_found_beside_it(scan: Make, event: Make, rule: Make) -> None:
    other = {"resource": "secrets", "namespace": "shop", "name": "other"}
    named = exclusion(f"{WHO} name:s1")
    result = scan(event(1, user=BACKUP), event(2, user=BACKUP, objectRef=other), rules=rules(rule, named))
    assert [finding.target.name for finding in result.findings] == ["other"]
    assert [finding.target.name for finding in result.left_out] == ["s1"]


def test_names_that_differ_within_many_like_requests_are_told_apart(scan: Make, event: Make, rule: Make) -> None:
    named = exclusion(f"{WHO} name:s7")
    result = scan(*(event(number, at=number, user=BACKUP) for number in range(20)), rules=rules(rule, named))
    assert [finding.count for finding in result.findings] == [19]
    assert [finding.count for finding in result.left_out] == [1]


def test_many_like_requests_are_excluded_all(scan: Make, event: Make, rule: Make) -> None:
    result = scan(*(event(number, at=number, user=BACKUP) for number in range(20)), rules=rules(rule, exclusion()))
    assert result.findings == ()
    assert [finding.count for finding in result.left_out] == [20]


def test_an_exclusion_ends_with_the_time_of_the_event(scan: Make, event: Make, rule: Make) -> None:
    ended = exclusion(expires=parse_moment("2026-01-05T10:00:10Z"))
    result = scan(*(event(number, at=number, user=BACKUP) for number in range(20)), rules=rules(rule, ended))
    assert [finding.count for finding in result.findings] == [10]
    assert [finding.count for finding in result.left_out] == [10]


def test_an_exclusion_that_ends_does_not_hold_for_an_event_without_a_time(scan: Make, event: Make, rule: Make) -> None:
    ended = exclusion(expires=parse_moment("2026-01-05T10:00:10Z"))
    timeless = event(1, user=BACKUP, requestReceivedTimestamp="yesterday")
    assert len(scan(timeless, rules=rules(rule, ended)).findings) == 1
    assert scan(timeless, rules=rules(rule, exclusion())).findings == ()


def test_what_the_first_look_leaves_out_is_read_for_an_exclusion(scan: Make, event: Make, rule: Make) -> None:
    token = BACKUP | {"uid": "8d1f", "extra": {"authentication.kubernetes.io/credential-id": ["JTI=1"]}}
    certificate = BACKUP | {"extra": {"authentication.kubernetes.io/credential-id": ["X509SHA256=1"]}}
    bound = exclusion(f"{WHO} user.uid|exists:true -credential.id|startswith:X509")
    result = scan(event(1, user=token), event(2, user=certificate), rules=rules(rule, bound))
    assert [finding.count for finding in result.findings] == [1]
    assert [finding.count for finding in result.left_out] == [1]


def test_of_several_exclusions_the_first_by_id_is_told(scan: Make, event: Make, rule: Make) -> None:
    both = exclusion(id="b"), exclusion(id="a", title="First")
    result = scan(event(1, user=BACKUP), rules=rules(rule, *both))
    assert [(entry.id, entry.findings) for entry in result.excluded.by] == [("a", 1)]


def test_a_correlation_counts_what_is_excluded_from_a_rule_alone(
    scan: Make, event: Make, rule: Make, correlation: Make
) -> None:
    events = [event(number, at=number, user=BACKUP) for number in range(3)]
    together = RuleSet(rules=(rule("r", "verb:get"),), correlations=(correlation(),), exclusions=(exclusion(),))
    assert [finding.rule.id for finding in scan(*events, rules=together).findings] == ["c"]


def test_a_correlation_that_is_named_takes_excluded_matches_apart(
    scan: Make, event: Make, rule: Make, correlation: Make
) -> None:
    backup = [event(number, at=number, user=BACKUP) for number in range(3)]
    others = [event(10 + number, at=number) for number in range(2)]
    named = exclusion(rules=("c", "r"))
    by_peer = correlation(group_by=("source.ip",), threshold=3)
    together = RuleSet(rules=(rule("r", "verb:get", silent=True),), correlations=(by_peer,), exclusions=(named,))
    result = scan(*backup, *others, rules=together)
    assert result.findings == ()
    assert [(finding.rule.id, finding.count) for finding in result.left_out] == [("c", 3)]
    plain = RuleSet(rules=together.rules, correlations=together.correlations)
    assert [finding.count for finding in scan(*backup, *others, rules=plain).findings] == [5]


@settings(max_examples=25)
@given(order=st.permutations(range(8)))
def test_the_order_of_events_changes_nothing(scan: Make, event: Make, rule: Make, order: list[int]) -> None:
    events = [event(number, at=number, user=BACKUP if number % 2 else {"username": "ana"}) for number in range(8)]
    ended = exclusion(expires=parse_moment("2026-01-05T10:00:04Z"))
    loaded = rules(rule, ended)
    told = scan(*(events[number] for number in order), rules=loaded)
    first = scan(*events, rules=loaded)
    key = [(finding.id, finding.count) for finding in (*first.findings, *first.left_out)]
    assert [(finding.id, finding.count) for finding in (*told.findings, *told.left_out)] == key


def test_a_rule_without_exclusions_makes_no_excuse(scan: Make, event: Make, rule: Make) -> None:
    other: Rule = rule("other", "verb:get")
    loaded = RuleSet(rules=(rule("r", "verb:get"), other), exclusions=(exclusion(),))
    result = scan(event(1, user=BACKUP), rules=loaded)
    assert [finding.rule.id for finding in result.findings] == ["other"]
