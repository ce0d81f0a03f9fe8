"""The correlation types of our own: how they are written, and what is refused."""

from collections.abc import Callable

import pytest

from kwho.detect.rule import RuleSet
from kwho.detect.sigma import load_rules

Write = Callable[..., str]
Load = Callable[[str], RuleSet]

NEW = """
type: new_value
rules: [rule-1]
group-by: [user]
fields: [ua, responseObject.x]
learning: 7d
"""


@pytest.fixture
def load(write_rule: Write, write_correlation: Write) -> Load:
    first = write_rule("sel: {verb: get, requestObject.a: b}\ncondition: sel", number=1)
    second = write_rule("sel: {verb: list, resource: pods}\ncondition: sel", number=2)

    def loads(correlation: str) -> RuleSet:
        return load_rules([("c.yaml", write_correlation(correlation)), ("a.yaml", first), ("b.yaml", second)])

    return loads


def test_new_values_are_named_by_fields_and_learnt_for_a_time(load: Load) -> None:
    (found,) = load(NEW).correlations
    assert (found.type, found.combination, found.group_by) == (
        "new_value", ("userAgent", "responseObject.x"), ("user.username",),
    )  # fmt: skip
    assert found.timespan == 7 * 86_400 * 1_000_000
    assert (found.needs.level, found.needs.fields) == ("RequestResponse", ("requestObject", "responseObject"))


def test_values_that_come_back_were_absent_for_a_time(load: Load) -> None:
    (found,) = load("type: returning_value\nrules: [rule-1]\nfields: user\nabsence: 30d").correlations
    assert (found.type, found.combination, found.timespan) == (
        "returning_value", ("user.username",), 30 * 86_400 * 1_000_000,
    )  # fmt: skip


def test_a_fact_of_the_trail_needs_no_rules(load: Load) -> None:
    (found,) = load("type: trail\nfact: silence").correlations
    assert (found.type, found.fact, found.rules) == ("trail", "silence", ())


def test_a_count_may_ask_for_every_rule(load: Load) -> None:
    text = "type: value_count\nrules: [rule-1, rule-2]\ntimespan: 5m\ncondition: {gte: 3, field: user}\nevery: true"
    (found,) = load(text).correlations
    assert found.every
    assert found.needs.fields == ("requestObject",)


def test_temporal_may_ask_for_some_of_its_rules(load: Load) -> None:
    text = "type: temporal\nrules: [rule-1, rule-2]\ntimespan: 5m"
    (every,) = load(text).correlations
    (some,) = load(text + "\ncondition: {gte: 1}").correlations
    assert (every.at_least, some.at_least) == (0, 1)
    assert (every.needs.fields, some.needs.fields) == (("requestObject",), ())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (NEW.replace("learning: 7d", ""), 'new_value lacks "learning"'),
        (NEW.replace("learning", "timespan"), 'new_value has no "timespan"; it has type, fields, learning'),
        (NEW.replace("[ua, responseObject.x]", "[]"), "fields is the name of a field, or a list of names"),
        (NEW.replace("[ua, responseObject.x]", "{a: b}"), "fields is the name of a field, or a list of names"),
        (NEW.replace("ua,", "agents,"), 'unknown field "agents"'),
        (NEW.replace("7d", "99d"), "a timespan is at most 31 days"),
        (NEW.replace("7d", "soon"), "no valid Sigma correlation"),
        (NEW.replace("[rule-1]", "[]"), "the correlation names no rules"),
        ("type: trail\nfact: noise", "a fact of the trail is one of silence, orphans, reused_id, moved_token,"),
        ("type: trail\nfact: silence\nrules: [rule-1]", 'trail has no "rules"'),
        ("type: temporal\nrules: [rule-1]\ntimespan: 5m\nevery: true", "every is true"),
        ("type: temporal\nrules: [rule-1]\ntimespan: 5m\ncondition: {gte: 2}", "temporal counts its rules"),
        ("type: temporal\nrules: [rule-1]\ntimespan: 5m\ncondition: {lt: 2}", "temporal counts its rules"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_name(load: Load, text: str, reason: str) -> None:
    (refused,) = load(text).refused
    assert reason in refused.reason
