"""The stories that rules carry."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from kwho.detect.examples import check, concerning, expand, lines_of, read_stories
from kwho.detect.extension import Example
from kwho.detect.sigma import load_rules
from kwho.engine.memory import judge_lines
from kwho.errors import InvalidRuleError

Write = Callable[..., str]

TOLD = """
kwho:
  tests:
    fires:
      - {why: it is, event: {verb: create}}
    silent:
      - {why: it is not, events: [{verb: get}, {verb: list}]}
"""


def one(**event: Any) -> dict[str, Any]:
    (whole,) = expand(Example(why="", event=event))
    return whole


def test_an_event_has_everything_a_native_event_has() -> None:
    assert one(verb="get") == {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": "00000000-0000-4000-8000-000000000001",
        "stage": "ResponseComplete",
        "verb": "get",
        "user": {"username": "alice@example.com", "groups": ["system:authenticated"]},
        "sourceIPs": ["192.0.2.10"],
        "responseStatus": {"metadata": {}, "code": 200},
        "annotations": {"authorization.k8s.io/decision": "allow"},
        "requestReceivedTimestamp": "2026-01-05T10:00:00.000000Z",
        "stageTimestamp": "2026-01-05T10:00:00.010000Z",
    }


def test_members_merge_deeply_and_null_takes_away() -> None:
    event = one(user={"username": "bob"}, responseStatus={"code": 403}, annotations=None, sourceIPs=["::1"])
    assert event["user"] == {"username": "bob", "groups": ["system:authenticated"]}
    assert event["responseStatus"] == {"metadata": {}, "code": 403}
    assert "annotations" not in event
    assert event["sourceIPs"] == ["::1"]
    assert one(user={"groups": None})["user"] == {"username": "alice@example.com"}


def test_null_within_a_body_stays() -> None:
    assert one(requestObject={"spec": None, "list": [None]})["requestObject"] == {"spec": None, "list": [None]}


def test_bodies_raise_the_level_unless_it_is_told() -> None:
    assert one(requestObject={})["level"] == "Request"
    assert one(requestObject={}, responseObject={})["level"] == "RequestResponse"
    assert one(requestObject={}, level="Metadata")["level"] == "Metadata"


def test_events_are_numbered_and_one_second_apart() -> None:
    events = expand(Example(why="", events=({}, {}, {"at": "+90s"}, {"at": "-1.5m"}, {"at": "2026-02-01T00:00:00Z"})))
    assert [event["auditID"][-1] for event in events] == ["1", "2", "3", "4", "5"]
    assert [event["requestReceivedTimestamp"][:19] for event in events] == [
        "2026-01-05T10:00:00",
        "2026-01-05T10:00:01",
        "2026-01-05T10:01:30",
        "2026-01-05T09:58:30",
        "2026-02-01T00:00:00",
    ]
    assert not any("at" in event for event in events)


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidRuleError, match='at: "soon" is neither'):
        one(at="soon")


def test_times_that_yaml_read_as_dates_become_text_again(write_rule: Write) -> None:
    text = write_rule(
        "sel: {verb: get}\ncondition: sel",
        more="""
        kwho:
          tests:
            fires:
              - why: x
                event: {at: 2026-01-06T00:00:00Z, requestObject: {when: 2026-01-07T01:02:03Z, day: 2026-01-08}}
        """,
    )
    (story,) = read_stories([("r.yaml", text)])
    (line,) = lines_of(story.example)
    event = json.loads(line)
    assert event["requestReceivedTimestamp"] == "2026-01-06T00:00:00.000000Z"
    assert event["requestObject"] == {"when": "2026-01-07T01:02:03Z", "day": "2026-01-08"}


def test_stories_are_told_with_their_place_and_held_against_the_rule(write_rule: Write) -> None:
    good = write_rule("sel: {verb: create}\ncondition: sel", number=1, more=TOLD)
    bad = write_rule("sel: {verb: [get, list]}\ncondition: sel", number=2, more=TOLD)
    sources = [("good.yaml", good), ("bad.yaml", bad), ("torn.yaml", "title: ["), ("odd.yaml", "kwho: {a: b}")]
    stories = list(read_stories(sources))
    assert [(story.path, story.fires, story.why, story.line) for story in stories[:2]] == [
        ("good.yaml", True, "it is", 12),
        ("good.yaml", False, "it is not", 14),
    ]
    verdicts = list(check(load_rules(sources), stories, judge_lines))
    assert [(verdict.story.path, verdict.held) for verdict in verdicts] == [
        ("good.yaml", True),
        ("good.yaml", True),
        ("bad.yaml", False),
        ("bad.yaml", False),
    ]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("{verb: [get]}", "Expected `str | null`, got `array`"),
        ("{objectref: {}}", 'unknown member "objectref"'),
        ("{user: {name: x}}", 'unknown member "name" user'),
    ],
)
def test_an_example_that_is_no_event_is_an_error_with_its_place(write_rule: Write, event: str, reason: str) -> None:
    text = write_rule("sel: {verb: create}\ncondition: sel", more=TOLD.replace("{verb: create}", event))
    sources = [("r.yaml", text)]
    with pytest.raises(InvalidRuleError) as told:
        list(check(load_rules(sources), read_stories(sources), judge_lines))
    assert str(told.value).startswith(f"r.yaml:12: an example is no audit event: {reason}")


def test_stories_of_rules_that_are_not_loaded_are_left_out(write_rule: Write) -> None:
    text = write_rule("sel: {verbs: create}\ncondition: sel", more=TOLD)
    sources = [("r.yaml", text)]
    assert list(check(load_rules(sources), read_stories(sources), judge_lines)) == []


def test_a_silent_rule_is_tried_aloud_and_a_correlation_with_the_rules_it_counts(
    write_rule: Write, write_correlation: Write
) -> None:
    rule = write_rule("sel: {verb: create}\ncondition: sel", number=1, more=TOLD)
    other = write_rule("sel: {verb: create}\ncondition: sel", number=2)
    count = write_correlation(
        "type: event_count\nrules: [rule-1]\ntimespan: 1m\ncondition: {gte: 2}",
        more="""
        kwho:
          tests:
            fires:
              - {why: twice in time, events: [{verb: create}, {verb: create, at: +60s}]}
            silent:
              - {why: once, event: {verb: create}}
              - {why: too far apart, events: [{verb: create}, {verb: create, at: +61s}]}
        """,
    )
    sources = [("a.yaml", rule), ("b.yaml", other), ("c.yaml", count)]
    rules = load_rules(sources)
    assert rules.rules[0].silent
    assert all(verdict.held for verdict in check(rules, read_stories(sources), judge_lines))
    (correlation,) = rules.correlations
    chosen = concerning(rules, correlation.id)
    assert [entry.id for entry in chosen.rules] == [rules.rules[0].id]
    assert chosen.correlations == (correlation,)
