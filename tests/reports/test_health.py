"""The health of the rules on one log, in words and as data."""

import msgspec

from kwho.detect.rule import Refused, Rule, RuleSet
from kwho.query.parse import parse_query
from kwho.reports.health import health_lines, health_object
from kwho.schema.finding import Span
from kwho.schema.ledger import Counts
from kwho.schema.result import Blind, Result, RuleHealth, Statistics

RULES = RuleSet(
    rules=tuple(
        Rule(id=name, title=f"Title of {name}", level="low", condition=parse_query("verb:get"))
        for name in ("seen", "dark", "unsure")
    ),
    refused=(Refused("bad", "Bad \x1b[31m", "bad.yaml", "never matches"),),
)
RESULT = Result(
    input=Counts(records=3, events=3),
    span=Span(None, None),
    rules=RuleHealth(active=1, blind=1, unknown=1, invalid=1),
    blind=(Blind("dark", "request bodies", "- {level: Request}", "none of 20 events"),),
    partly_blind=(Blind("seen", "bodies of jobs", "- {level: RequestResponse}", "none of 30 events"),),
    unknown=("unsure",),
    statistics=Statistics(),
)


def test_every_state_is_told_with_what_is_lacking() -> None:
    text = "\n".join(health_lines(RESULT, RULES))
    assert "1 active, 1 blind, 1 unknown, 1 invalid on 3 events" in text
    dark, partly = (text.index(title) for title in ("BLIND    Title of dark", "PARTLY   Title of seen"))
    assert dark < partly
    assert "bodies of jobs" in text[partly:]
    for part in ("Title of dark", "request bodies", "- {level: Request}", "none of 20 events", "Title of unsure"):
        assert part in text
    assert "never matches" in text
    assert "\x1b" not in text


def test_rules_that_lack_the_same_stand_together() -> None:
    other = msgspec.structs.replace(RESULT.blind[0], rule="unsure")
    lines = list(health_lines(msgspec.structs.replace(RESULT, blind=(*RESULT.blind, other)), RULES))
    at = lines.index("BLIND    Title of dark")
    assert lines[at + 1 : at + 3] == ["         Title of unsure", "  needs  request bodies"]
    assert sum("request bodies" in line for line in lines) == 1


def test_of_the_rules_that_can_fire_the_users_own_are_named() -> None:
    assert "ACTIVE" not in "\n".join(health_lines(RESULT, RULES))
    own = msgspec.structs.replace(
        RULES, rules=tuple(msgspec.structs.replace(rule, path="own.yaml") for rule in RULES.rules)
    )
    lines = list(health_lines(RESULT, own, {"own.yaml"}))
    at = lines.index("ACTIVE   of the rules you named these can fire on this log:")
    assert lines[at + 1 : at + 3] == ["  Title of seen", ""]


def test_what_the_answer_is_not_about_stands_first() -> None:
    partly = msgspec.structs.replace(RESULT, input=Counts(records=4, events=3, unreadable=1), complete=False)
    first, second, third, *_ = health_lines(partly, RULES)
    assert first == "STOPPED  the scan was stopped before its end; what stands here is about the part that was read"
    assert second == "PROBLEM  1 input could not be read, or not to the end"
    assert third.startswith("1 active")


def test_where_nothing_was_read_there_is_nothing_to_say_of_rules() -> None:
    nothing = msgspec.structs.replace(RESULT, input=Counts(records=1, unreadable=1), complete=False)
    assert list(health_lines(nothing, RULES)) == [
        "STOPPED  the scan was stopped before its end",
        "EMPTY    nothing was read: nothing can be said about the rules",
    ]


def test_the_data_holds_the_same() -> None:
    found = msgspec.to_builtins(health_object(RESULT, RULES))
    assert (found["complete"], found["events"], found["unreadable"]) == (True, 3, 0)
    assert found["rules"] == {"active": 1, "blind": 1, "unknown": 1, "invalid": 1}
    assert found["blind"] == [
        {"rule": "dark", "needs": "request bodies", "policy": "- {level: Request}", "evidence": "none of 20 events"}
    ]
    assert [item["rule"] for item in found["partly_blind"]] == ["seen"]
    assert found["active"] == ["seen"]
    assert found["unknown"] == ["unsure"]
    assert found["invalid"] == [{"rule": "bad", "reason": "never matches"}]
