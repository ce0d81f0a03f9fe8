"""The judge of examples."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from kwho.detect.examples import lines_of
from kwho.detect.extension import Example
from kwho.detect.sigma import load_rules
from kwho.detect.trial import judge_lines
from kwho.errors import InvalidRuleError

Write = Callable[..., str]
RULE, OTHER, TOGETHER = (f"00000000-0000-4000-8000-{number:012d}" for number in (1, 2, 9))


@pytest.fixture
def fired(write_rule: Write, write_correlation: Write) -> Callable[..., set[str]]:
    def judge(correlation: str, *events: dict[str, Any]) -> set[str]:
        files = [
            write_rule("sel: {verb: create}\ncondition: sel", number=1),
            write_rule("sel: {verb: delete}\ncondition: sel", number=2),
            write_correlation(correlation),
        ]
        rules = load_rules((f"{number}.yaml", text) for number, text in enumerate(files))
        return judge_lines(rules, lines_of(Example(why="", events=events)))

    return judge


Fired = Callable[..., set[str]]
COUNT = "type: event_count\nrules: [rule-1]\ngroup-by: [user]\ntimespan: 1m\ncondition: {gte: 2}"
MADE: dict[str, Any] = {"verb": "create"}
GONE: dict[str, Any] = {"verb": "delete"}


def test_loud_rules_fire_and_silent_ones_only_count(fired: Fired) -> None:
    assert fired(COUNT, MADE, GONE) == {OTHER}
    assert fired(COUNT, MADE, MADE) == {TOGETHER}
    assert fired(COUNT + "\ngenerate: true", MADE) == {RULE}


def test_a_request_counts_once_and_never_at_its_receipt(fired: Fired) -> None:
    same = {**MADE, "auditID": "one"}
    assert fired(COUNT, same, {**same, "stage": "ResponseStarted"}) == set()
    assert fired(COUNT, MADE, {**MADE, "stage": "RequestReceived"}) == set()


def test_groups_are_counted_apart(fired: Fired) -> None:
    assert fired(COUNT, MADE, {**MADE, "user": {"username": "bob"}}) == set()
    by_groups = COUNT.replace("[user]", "[groups]")
    assert fired(by_groups, MADE, MADE) == {TOGETHER}


def test_distinct_values_are_counted(fired: Fired) -> None:
    count = COUNT.replace("event_count", "value_count").replace("{gte: 2}", "{gte: 2, field: name}")
    a, b = ({**MADE, "objectRef": {"name": name}} for name in "ab")
    assert fired(count, a, a) == set()
    assert fired(count, a, b) == {TOGETHER}
    assert fired(count, MADE, MADE) == set()
    groups = count.replace("field: name", "field: groups").replace("group-by: [user]\n", "")
    assert fired(groups, {**MADE, "user": {"groups": ["a", "b"]}}) == {TOGETHER}


def test_order_counts_when_it_is_asked_for(fired: Fired) -> None:
    ordered = "type: temporal_ordered\nrules: [rule-1, rule-2]\ntimespan: 1m\ngenerate: true"
    assert TOGETHER in fired(ordered, MADE, GONE)
    assert TOGETHER not in fired(ordered, GONE, MADE)
    assert TOGETHER in fired(ordered.replace("_ordered", ""), GONE, MADE)


def test_a_match_without_a_time_is_in_no_window(fired: Fired) -> None:
    timeless = {**MADE, "requestReceivedTimestamp": None}
    assert fired(COUNT, timeless, timeless) == set()


def test_a_line_that_is_no_event_is_told() -> None:
    with pytest.raises(InvalidRuleError, match="an example is no audit event"):
        judge_lines(load_rules([]), [msgspec.json.encode({"user": 5})])
    with pytest.raises(InvalidRuleError, match="an example is no audit event"):
        judge_lines(load_rules([]), [b"{"])
