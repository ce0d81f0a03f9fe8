"""Complaints about rule files."""

from collections.abc import Callable

import pytest

from kwho.detect.lint import lint

Write = Callable[..., str]

GOOD = """
description: What it is.
tags: [attack.t1611, attack.privilege-escalation, cve.2026-1]
falsepositives: [none]
level: high
kwho:
  blind_spots: [some]
  response: [act]
  tests:
    fires: [{why: a, event: {}}]
    silent: [{why: b, event: {}}]
"""


@pytest.fixture
def told(write_rule: Write) -> Callable[..., list[str]]:
    def complains(detection: str = "sel: {verb: get}\ncondition: sel", more: str = GOOD) -> list[str]:
        return [str(complaint) for complaint in lint([("r.yaml", write_rule(detection, more=more))])]

    return complains


Told = Callable[..., list[str]]


def test_a_complete_rule_has_no_complaint(told: Told) -> None:
    assert told() == []


def test_what_the_loader_refuses_is_an_error(told: Told) -> None:
    assert told("sel: {verbs: get}\ncondition: sel") == ['r.yaml:6: error: unknown field "verbs"; did you mean "verb"?']
    assert [complaint.line for complaint in lint([("r.yaml", "a: 1\na: 2")])] == [2]


def test_everything_that_is_missing_is_told(told: Told) -> None:
    found = told(more="")
    assert len(found) == 8
    assert all(": warning: no " in text for text in found)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("attack.t1611", "attack.t9999", 'r.yaml:10: warning: "attack.t9999" is no technique or tactic'),
        ("attack.t1611", "attack.escape", 'r.yaml:10: warning: "attack.escape" is no technique or tactic'),
        ("level: high", "level: high\nfalsepositive: [x]", 'r.yaml:13: warning: unknown key "falsepositive"'),
    ],
)
def test_details_that_nobody_reads_otherwise(told: Told, before: str, after: str, message: str) -> None:
    assert any(text.startswith(message) for text in told(more=GOOD.replace(before, after)))


def test_tags_may_be_written_with_underscores(told: Told) -> None:
    assert told(more=GOOD.replace("attack.privilege-escalation", "attack.privilege_escalation")) == []


def test_an_impossible_value_among_possible_ones_is_a_warning(told: Told) -> None:
    (text,) = told("sel:\n  user: a\n  verb: [create, replace]\ncondition: sel")
    assert text.startswith('r.yaml:8: warning: verb is never "replace"')


@pytest.mark.parametrize(
    ("excluded", "warns"),
    [
        ("user: system:apiserver", True),
        ("user|cased: system:apiserver", False),
        ("user|startswith: sys", True),
        ("user|fieldref: name", True),
        ("user|cased|fieldref: name", False),
        ("user|exists: true", False),
        ("user: null", False),
        ("user: '42'", False),
        ("code: 404", False),
        ("source.ip: '::1'", False),
        ("verb: list", False),
        ("principal.kind: node", False),
        ("user|re: ^a", False),
        ("user|re|i: ^a", True),
        ("user|re: '(?i)^a'", True),
    ],
)
def test_what_excludes_minds_case(told: Told, excluded: str, warns: bool) -> None:
    found = told(f"sel: {{verb: get}}\nok:\n  {excluded}\ncondition: sel and not ok")
    assert bool(found) is warns
    assert all("r.yaml:8: warning: " in text and "excludes without |cased" in text for text in found)


def test_keywords_that_exclude_are_told(told: Told) -> None:
    assert "a keyword excludes" in told("sel: {verb: get}\nok: [kube]\ncondition: sel and not ok")[0]


def test_what_is_negated_twice_excludes_nothing(told: Told) -> None:
    assert told("sel: {verb: get}\nok: {user: a}\ncondition: not (sel and not ok)") == []


def test_correlations_are_checked_too(write_rule: Write, write_correlation: Write) -> None:
    rule = write_rule("sel: {verb: get}\ncondition: sel", more=GOOD)
    count = write_correlation("type: event_count\nrules: [rule-1]\ntimespan: 1m\ncondition: {gte: 2}")
    found = lint([("a.yaml", rule), ("b.yaml", count)])
    assert {(complaint.path, complaint.severity) for complaint in found} == {("b.yaml", "warning")}
