"""Exclusions are read strictly, name their rules, and say who answers for them."""

from collections.abc import Callable

import pytest

from kwho.detect.examples import check, read_stories
from kwho.detect.lint import lint
from kwho.detect.pack import assemble
from kwho.detect.rule import Exclusion, RuleSet
from kwho.detect.sigma import load_rules
from kwho.engine.memory import judge_lines
from kwho.errors import InvalidRuleError
from kwho.query.unparse import unparse

Write = Callable[..., str]

TEXT = """\
title: Backup reads what it keeps
id: 00000000-0000-4000-8000-0000000000ee
name: backup-reads
filter:
  rules: [rule-1]
  who:
    user.username: 'system:serviceaccount:backup:agent'
    user.groups: 'system:serviceaccounts:backup'
  what: {verb: [get, list], target: secrets, objectRef.namespace: shop}
  condition: not (who and what)
kwho:
  owner: platform
  reason: |
    the nightly backup
    reads what it keeps
  expires: 2026-12-31
  tests:
    silent:
      - why: the backup reads
        event:
          verb: get
          user: {username: 'system:serviceaccount:backup:agent', groups: ['system:serviceaccounts:backup']}
          objectRef: {resource: secrets, namespace: shop, name: db}
    fires:
      - why: in another namespace
        event:
          verb: get
          user: {username: 'system:serviceaccount:backup:agent', groups: ['system:serviceaccounts:backup']}
          objectRef: {resource: secrets, namespace: bank, name: db}
"""


def load(write_rule: Write, text: str = TEXT) -> RuleSet:
    rule = write_rule("read: {target: secrets}\ncondition: read", more="kwho: {detections: [F01]}")
    return load_rules([("rule.yaml", rule), ("exclusion.yaml", text)])


def reason(write_rule: Write, *changes: tuple[str, str]) -> str:
    text = TEXT
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    rules = load(write_rule, text)
    assert rules.exclusions == ()
    (refused,) = rules.refused
    return refused.reason


def test_an_exclusion_carries_what_its_file_says(write_rule: Write) -> None:
    (exclusion,) = load(write_rule).exclusions
    assert (exclusion.title, exclusion.owner) == ("Backup reads what it keeps", "platform")
    assert exclusion.reason == "the nightly backup reads what it keeps"
    assert exclusion.rules == ("00000000-0000-4000-8000-000000000001",)
    assert exclusion.expires == 1_798_675_200_000_000
    assert unparse(exclusion.condition) == (
        "((user.username|cased:system:serviceaccount:backup:agent user.groups|cased:system:serviceaccounts:backup) "
        "(verb|cased:get,list target|cased:secrets objectRef.namespace|cased:shop)) impersonation:false"
    )


@pytest.mark.parametrize("named", ["RULE-1", "A rule", "f01", "00000000-0000-4000-8000-000000000001"])
def test_a_rule_is_named_by_id_name_title_or_row(write_rule: Write, named: str) -> None:
    (exclusion,) = load(write_rule, TEXT.replace("[rule-1]", f"'{named}'")).exclusions
    assert exclusion.rules == ("00000000-0000-4000-8000-000000000001",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("[rule-1]", "[rule-2]"), 'exclusion.yaml:5: "rule-2" is no rule'),
        (("[rule-1]", "any"), "exclusion.yaml:5: filter.rules: any would hide"),
        (("  rules: [rule-1]\n", ""), "exclusion.yaml:4: filter.rules: is a list"),
        (("not (who and what)", "who and what"), "exclusion.yaml:10: the condition says what stays"),
        (("not (who and what)", "not (who and whom)"), 'exclusion.yaml:10: the condition names "whom"'),
        (("  condition: not (who and what)\n", ""), "exclusion.yaml:4: the filter has selections and one condition"),
        (("verb: [get, list]", "verbs: [get, list]"), 'exclusion.yaml:9: unknown field "verbs"'),
        (("owner: platform", "owner: ' '"), "exclusion.yaml:12: the exclusion has no owner"),
        (("  owner: platform\n", ""), "exclusion.yaml:11: kwho: object missing required field `owner`"),
        (("2026-12-31", "someday"), 'exclusion.yaml:16: kwho.expires: "someday" is no time'),
        (("owner:", "owners:"), "exclusion.yaml:12: kwho.owners: object contains unknown field"),
        (("title: Backup", "titel: Backup"), "exclusion.yaml:1: the rule has no title"),
        ((TEXT[TEXT.index("kwho:") :], ""), "exclusion.yaml:1: an exclusion says under kwho: its owner"),
        (("verb: [get, list], ", ""), "exclusion.yaml:4: the exclusion is too broad: it does not say which verb"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(write_rule: Write, change: tuple[str, str], message: str) -> None:
    assert reason(write_rule, change).startswith(message)


def test_a_filter_that_is_no_mapping_is_refused(write_rule: Write) -> None:
    text = TEXT[: TEXT.index("filter:")] + "filter: yes\n" + TEXT[TEXT.index("kwho:") :]
    (refused,) = load(write_rule, text).refused
    assert refused.reason.startswith("exclusion.yaml:4: filter: is a mapping")


def test_what_stays_may_be_told_in_pieces(write_rule: Write) -> None:
    text = TEXT.replace("not (who and what)", "not who or not what")
    assert load(write_rule, text).exclusions[0].condition == load(write_rule).exclusions[0].condition


def test_who_acts_as_another_is_left_out_only_by_words_about_it(write_rule: Write) -> None:
    text = TEXT.replace("verb: [get, list],", "verb: [get, list], impersonation: true,")
    assert "impersonation:false" not in unparse(load(write_rule, text).exclusions[0].condition)
    text = TEXT.replace("verb: [get, list],", "verb: [get, list], effective.user: bob,")
    assert "impersonation:false" not in unparse(load(write_rule, text).exclusions[0].condition)


def test_an_end_may_be_a_moment(write_rule: Write) -> None:
    (exclusion,) = load(write_rule, TEXT.replace("2026-12-31", "2026-12-31T01:00:00+01:00")).exclusions
    assert exclusion.expires == 1_798_675_200_000_000
    (endless,) = load(write_rule, TEXT.replace("  expires: 2026-12-31\n", "")).exclusions
    assert endless.expires is None


def test_the_same_id_twice_is_refused(write_rule: Write) -> None:
    rules = load(write_rule, TEXT + "---\n" + TEXT)
    assert len(rules.exclusions) == 1
    assert 'the id is already used by "Backup reads' in rules.refused[0].reason


def test_examples_of_exclusions_hold_or_not(write_rule: Write) -> None:
    sources = [("rule.yaml", write_rule("read: {target: secrets}\ncondition: read")), ("exclusion.yaml", TEXT)]
    rules = load_rules(sources)
    assert [verdict.held for verdict in check(rules, read_stories(sources), judge_lines)] == [True, True]
    wrong = TEXT.replace("namespace: bank", "namespace: shop").replace(
        "the backup reads\n        event:\n          verb: get", "x\n        event:\n          verb: create"
    )
    sources[1] = ("exclusion.yaml", wrong)
    assert [verdict.held for verdict in check(load_rules(sources), read_stories(sources), judge_lines)] == [
        False,
        False,
    ]


def test_a_silent_example_that_no_rule_would_match_proves_nothing(write_rule: Write) -> None:
    sources = [
        ("rule.yaml", write_rule("read: {target: secrets}\ncondition: read")),
        ("exclusion.yaml", TEXT.replace("resource: secrets", "resource: pods")),
    ]
    verdicts = list(check(load_rules(sources), read_stories(sources), judge_lines))
    assert not any(verdict.held for verdict in verdicts)


def test_an_exclusion_can_be_disabled_by_name(write_rule: Write, tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "rule.yaml").write_text(write_rule("read: {target: secrets}\ncondition: read"))
    (tmp_path / "exclusion.yaml").write_text(TEXT)
    assert len(assemble([tmp_path], pack=False).exclusions) == 1
    assert assemble([tmp_path], pack=False, disable=["backup-reads"]).exclusions == ()
    with pytest.raises(InvalidRuleError, match="no rule has that id or name"):
        assemble([tmp_path], pack=False, disable=["backup-writes"])


def test_an_exclusion_survives_the_cache(write_rule: Write, tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "rule.yaml").write_text(write_rule("read: {target: secrets}\ncondition: read"))
    (tmp_path / "exclusion.yaml").write_text(TEXT)
    (first,), (second,) = (assemble([tmp_path], pack=False).exclusions for _ in range(2))
    assert isinstance(second, Exclusion)
    assert first == second


def test_the_linter_asks_for_examples_and_tells_what_is_broken(write_rule: Write) -> None:
    rule = ("rule.yaml", write_rule("read: {target: secrets}\ncondition: read"))
    bare = TEXT[: TEXT.index("  tests:")]
    told = [str(found) for found in lint([rule, ("exclusion.yaml", bare)]) if found.path == "exclusion.yaml"]
    assert told == [
        "exclusion.yaml:11: warning: no kwho.tests.fires: an example that must be found in spite of it",
        "exclusion.yaml:11: warning: no kwho.tests.silent: an example that must be left out",
    ]
    broken = [
        found
        for found in lint([rule, ("exclusion.yaml", bare.replace("verb:", "verbs:"))])
        if found.severity == "error"
    ]
    assert [found.line for found in broken] == [9]
    assert not [found for found in lint([rule, ("exclusion.yaml", TEXT)]) if found.path == "exclusion.yaml"]
