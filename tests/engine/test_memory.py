"""Scans of bytes in memory."""

from collections.abc import Callable

from kwho.detect.rule import RuleSet
from kwho.engine.memory import NAME, judge_lines, scan_bytes


def test_bytes_are_judged_as_a_file_is(line: Callable[..., bytes], rules: RuleSet) -> None:
    found = scan_bytes(line(1) + b"{broken\n", rules)
    assert found.input.reconciles
    assert (found.input.events, found.input.malformed) == (1, 1)
    assert found.findings[0].events[0].file == NAME


def test_lines_tell_which_rules_and_correlations_fire(line: Callable[..., bytes], rules: RuleSet) -> None:
    assert judge_lines(rules, [line(number) for number in range(3)]) == {"rule-1", "many", "wide"}
    assert judge_lines(rules, [line(1), line(2, verb="create")]) == {"rule-1", "rule-4", "chain"}
    assert judge_lines(rules, []) == set()
