"""Sigma correlations and their references."""

from collections.abc import Callable

import pytest

from kwho.detect.rule import RuleSet
from kwho.detect.sigma import load_rules

Write = Callable[..., str]

COUNT = """
type: event_count
rules: [rule-1]
group-by: [user]
timespan: 5m
condition: {gte: 10}
"""
FIRST, SECOND = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


@pytest.fixture
def load(write_rule: Write, write_correlation: Write) -> Callable[..., RuleSet]:
    def loads(correlation: str, **more: str) -> RuleSet:
        first = write_rule("sel: {verb: get, requestObject.a: b}\ncondition: sel", number=1)
        second = write_rule("sel: {verb: list, resource: pods}\ncondition: sel", number=2)
        return load_rules([("c.yaml", write_correlation(correlation, **more)), ("a.yaml", first), ("b.yaml", second)])

    return loads


Load = Callable[..., RuleSet]


def test_a_count_reads_in_full(load: Load) -> None:
    (found,) = load(COUNT, more="level: high\nkwho: {detections: [B05]}\n").correlations
    assert (found.type, found.op, found.threshold, found.timespan) == ("event_count", "gte", 10, 300_000_000)
    assert (found.rules, found.group_by) == ((FIRST,), ("user.username",))
    assert (found.level, found.detections, found.path) == ("high", ("B05",), "c.yaml")
    assert (found.needs.level, found.needs.verbs) == ("Request", ("get",))


@pytest.mark.parametrize("reference", ["rule-1", FIRST, FIRST.upper()])
def test_rules_are_named_by_id_or_name(load: Load, reference: str) -> None:
    (found,) = load(COUNT.replace("rule-1", reference)).correlations
    assert found.rules == (FIRST,)


def test_values_are_counted_by_a_field(load: Load) -> None:
    text = COUNT.replace("event_count", "value_count").replace("{gte: 10}", "{gt: 3, field: responseObject.x}")
    (found,) = load(text).correlations
    assert (found.value_field, found.op, found.threshold) == ("responseObject.x", "gt", 3)
    assert found.needs.level == "RequestResponse"
    assert "responseObject" in found.needs.fields


def test_temporal_correlations_need_all_their_rules(load: Load) -> None:
    (found,) = load("type: temporal_ordered\nrules: [rule-2, rule-1]\ntimespan: 1h").correlations
    assert (found.type, found.rules, found.group_by) == ("temporal_ordered", (SECOND, FIRST), ())
    assert found.needs.fields == ("requestObject",)
    (any_of,) = load(COUNT.replace("[rule-1]", "[rule-1, rule-2]")).correlations
    assert any_of.needs.fields == ()


def test_aliases_name_the_field_of_each_rule(load: Load) -> None:
    text = """
    type: temporal
    rules: [rule-1, rule-2]
    aliases:
      who: {rule-1: user, rule-2: effective.user}
    group-by: [who]
    timespan: 1h
    """
    (found,) = load(text).correlations
    assert found.aliases == {"who": {FIRST: "user.username", SECOND: "effective.user"}}
    assert found.group_by == ("who",)
    (refused,) = load(text.replace(", rule-2: effective.user", "")).refused
    assert 'alias "who" names no field of rule "A rule"' in refused.reason


def test_rules_that_only_feed_correlations_are_silent(load: Load) -> None:
    assert [rule.silent for rule in load(COUNT).rules] == [True, False]
    assert [rule.silent for rule in load(COUNT + "generate: true\n").rules] == [False, False]


def test_a_refused_correlation_silences_nothing(load: Load) -> None:
    found = load(COUNT.replace("[rule-1]", "[rule-1, nope]"))
    assert not any(rule.silent for rule in found.rules)
    assert found.refused[0].reason == 'c.yaml:6: refers to "nope", which is not among the rules'


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("event_count", "value_sum", "c.yaml:"),
        ("event_count", "sum", "c.yaml:"),
        ("[user]", "[users]", 'c.yaml:7: unknown field "users"'),
        ("5m", "5 minutes", "c.yaml:4: no valid Sigma correlation: "),
        ("5m", "90d", "c.yaml:8: a timespan is at most 31 days"),
        ("{gte: 10}", "{neq: 10}", "c.yaml:9: the condition knows gt, gte"),
        ("{gte: 10}", "{gte: 1.5}", "c.yaml:9: the condition counts one field"),
        ("{gte: 10}", "{gte: 10, field: verb}", "c.yaml:9: event_count counts requests"),
        ("{gte: 10}", "{}", "c.yaml:4: no valid Sigma correlation: "),
        ("[rule-1]", "[rule-9]", 'c.yaml:6: refers to "rule-9", which is a correlation'),
        ("[rule-1]", "[]", "c.yaml:6: the correlation names no rules"),
        ("[rule-1]", "{a: b}", "c.yaml:4: no valid Sigma correlation: "),
        ("timespan", "window", 'c.yaml:8: unknown key "window"'),
    ],
)
def test_what_is_wrong_refuses_only_the_correlation(load: Load, before: str, after: str, message: str) -> None:
    found = load(COUNT.replace(before, after))
    assert len(found.rules) == 2
    assert not found.correlations
    (refused,) = found.refused
    assert refused.reason.startswith(message)


def test_other_kinds_of_correlation_are_refused_by_name(load: Load) -> None:
    text = COUNT.replace("event_count", "value_sum").replace("{gte: 10}", "{gte: 10, field: code}")
    (refused,) = load(text).refused
    assert refused.reason.startswith('c.yaml:5: correlation type "value_sum" is not supported; known are event_count')


def test_a_condition_in_words_is_refused(load: Load) -> None:
    (refused,) = load("type: temporal\nrules: [a, b]\ntimespan: 1h\ncondition: a and b").refused
    assert "a condition in words is not supported" in refused.reason


def test_a_reference_to_a_refused_rule_says_so(write_rule: Write, write_correlation: Write) -> None:
    broken = write_rule("sel: {verbs: get}\ncondition: sel")
    found = load_rules([("a.yaml", broken), ("c.yaml", write_correlation(COUNT.replace("rule-1", FIRST)))])
    assert any(f'refers to "{FIRST}", which was refused' in entry.reason for entry in found.refused)


def test_a_correlation_needs_identity_and_a_section(write_correlation: Write) -> None:
    text = write_correlation(COUNT)
    (refused,) = load_rules([("c.yaml", text.replace("title: Together\n", ""))]).refused
    assert refused.reason == "c.yaml:1: the rule has no title"
    (refused,) = load_rules([("c.yaml", "title: t\nid: " + FIRST + "\ncorrelation: 5\n")]).refused
    assert refused.reason == "c.yaml:3: correlation: is a mapping (type, rules, timespan …)"
