"""Sigma documents to a rule set."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kwho.detect.rule import RuleSet
from kwho.detect.sigma import load_rules
from kwho.query.unparse import unparse

Write = Callable[..., str]

DEAD = {
    "Container With A hostPath Mount Created": 'unknown field "hostPath"',
    "Privileged Container Deployed": 'unknown field "capabilities"',
    "RBAC Permission Enumeration Attempt": 'unknown field "apiGroup"',
    "Potential Sidecar Injection Into Running Deployment": 'unknown field "apiGroup"',
    "Kubernetes Potential Enumeration Activity": 'never equals "ALLOW"',
}


def load(*texts: str) -> RuleSet:
    return load_rules((f"f{number}.yaml", text) for number, text in enumerate(texts))


def reason(text: str) -> str:
    (refused,) = load(text).refused
    return refused.reason


def test_a_rule_carries_what_its_file_says(write_rule: Write) -> None:
    text = write_rule(
        "sel: {verb: create, resource: pods}\ncondition: sel",
        more="""
        status: test
        description: |
          Why it matters.
        references: [https://kubernetes.io/]
        tags: [attack.t1611, attack.privilege-escalation]
        falsepositives: [Administrators]
        level: high
        kwho:
          detections: [D01]
          blind_spots: [none]
          response: [look]
          needs: {resources: [pods, deployments]}
        """,
    )
    (rule,) = load(text).rules
    assert (rule.id, rule.name, rule.title) == ("00000000-0000-4000-8000-000000000001", "rule-1", "A rule")
    assert (rule.level, rule.status, rule.description) == ("high", "test", "Why it matters.")
    assert rule.tags == ("attack.t1611", "attack.privilege-escalation")
    assert (rule.falsepositives, rule.detections, rule.response) == (("Administrators",), ("D01",), ("look",))
    assert (rule.needs.verbs, rule.needs.resources) == (("create",), ("pods", "deployments"))
    assert unparse(rule.condition) == "verb:create objectRef.resource:pods"
    assert (rule.path, rule.silent) == ("f0.yaml", False)


def test_a_rule_without_a_level_is_medium(write_rule: Write) -> None:
    assert load(write_rule("sel: {verb: get}\ncondition: sel")).rules[0].level == "medium"


def test_rules_come_in_order_of_id_whatever_the_files(write_rule: Write) -> None:
    second, first = (write_rule("sel: {verb: get}\ncondition: sel", number=number) for number in (2, 1))
    for found in (load(first, second), load(second, first), load(second + "---\n" + first)):
        assert [rule.name for rule in found.rules] == ["rule-1", "rule-2"]


def test_one_broken_document_leaves_the_others(write_rule: Write) -> None:
    good = write_rule("sel: {verb: get}\ncondition: sel", number=2)
    found = load(write_rule("sel: {verbs: get}\ncondition: sel") + "---\n" + good)
    assert [rule.name for rule in found.rules] == ["rule-2"]
    assert [(entry.id, entry.title) for entry in found.refused] == [("00000000-0000-4000-8000-000000000001", "A rule")]
    assert found.refused[0].reason == 'f0.yaml:6: unknown field "verbs"; did you mean "verb"?'


def test_an_impossible_verb_alone_is_refused_and_among_others_is_not(write_rule: Write) -> None:
    alone = reason(write_rule("sel:\n  user: a\n  verb: replace\ncondition: sel"))
    assert alone.startswith('f0.yaml:8: can never match: verb is never "replace" in an audit event')
    assert load(write_rule("sel: {verb: [create, replace]}\ncondition: sel")).rules


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("title: A rule\n", "", "f0.yaml:1: the rule has no title"),
        ("id: 00000000-0000-4000-8000-000000000001\n", "", "f0.yaml:1: the rule has no id"),
        ("id: 00000000-0000-4000-8000-000000000001", "id: my-rule", "f0.yaml:2: no valid Sigma rule: "),
        ("service: audit", "service: application", "f0.yaml:4: logsource is not product: kubernetes"),
        ("product: kubernetes", "product: linux", "f0.yaml:4: logsource is not product: kubernetes"),
        ("logsource: {product: kubernetes, service: audit}\n", "", "f0.yaml:1: logsource is not"),
        ("title: A rule\n", "title: A rule\nlevel: severe\n", "f0.yaml:2: no valid Sigma rule: "),
        ("title: A rule\n", "title: A rule\nfilter: {rules: any}\n", "f0.yaml:1: an exclusion says under kwho:"),
        ("  condition: sel", "  conditions: sel", "f0.yaml:5: no valid Sigma rule: "),
        ("verb: get", "verb|contains: 5", 'f0.yaml:6: modifier "contains" cannot take 5'),
        ("verb: get", "user|re: '('", "f0.yaml:"),
        ("sel: {verb: get}", "sel: []", "f0.yaml:"),
        ("sel: {verb: get}", "sel: {5: get}", "f0.yaml:"),
        ("sel: {verb: get}", "sel: {verb: {a: b}}", "f0.yaml:"),
        ("sel: {verb: get}", "sel: {verb: [[a]]}", "f0.yaml:"),
    ],
)
def test_what_is_wrong_is_refused_with_place_and_reason(
    write_rule: Write, before: str, after: str, message: str
) -> None:
    text = write_rule("sel: {verb: get}\ncondition: sel")
    assert before in text
    assert reason(text.replace(before, after)).startswith(message)


def test_an_id_is_used_once(write_rule: Write) -> None:
    text = write_rule("sel: {verb: get}\ncondition: sel")
    found = load(text, text)
    assert len(found.rules) == 1
    assert found.refused[0].reason == 'f1.yaml:2: the id is already used by f0.yaml ("A rule")'


def test_what_was_refused_says_what_it_was_meant_to_be(write_rule: Write, write_correlation: Write) -> None:
    rule = write_rule("sel: {verb: get}\ncondition: nothing")
    lost = write_correlation("type: temporal\nrules: [missing]\ntimespan: 5m")
    broken = write_correlation("type: odd\nrules: [missing]\ntimespan: 5m", number=8)
    exclusion = write_rule("sel: {verb: get}\ncondition: sel", number=3).replace("detection:", "filter: 3\nx:")
    kinds = {entry.path: entry.kind for entry in load(rule, lost, broken, exclusion, "title: [").refused}
    assert [kinds[f"f{at}.yaml"] for at in range(5)] == ["rule", "correlation", "correlation", "exclusion", None]


def test_broken_yaml_is_refused_by_path() -> None:
    (refused,) = load("title: [").refused
    assert (refused.id, refused.title, refused.path) == ("", "", "f0.yaml")


def test_foreign_rules_load_unchanged_and_exactly_the_dead_ones_are_refused() -> None:
    folder = Path(os.environ.get("KWHO_EXAMPLES", "absent"), "sigma")
    if not folder.is_dir():
        pytest.skip("no examples here")
    found = load_rules((str(path), path.read_text("utf-8")) for path in sorted(folder.glob("*.yml")))
    assert len(found.rules) == 11
    assert {entry.title for entry in found.refused} == set(DEAD)
    assert all(DEAD[entry.title] in entry.reason for entry in found.refused)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    key=st.sampled_from(["logsource", "detection", "tags", "level", "date", "kwho", "correlation", "related"]),
    value=JSON,
)
def test_no_content_of_a_file_breaks_the_loader(write_rule: Write, key: str, value: object) -> None:
    text = write_rule("sel: {verb: get}\ncondition: sel")
    lines = [line for line in text.splitlines() if not line.startswith(key)]
    if key == "detection":
        lines = [line for line in lines if not line.startswith("  ")]
    found = load("\n".join([*lines, f"{key}: {json.dumps(value)}"]))
    assert len(found.rules) + len(found.correlations) + len(found.refused) == 1


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_the_loader(text: str) -> None:
    assert not load(text).rules
