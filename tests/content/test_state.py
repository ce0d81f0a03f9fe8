"""Rules on the state: what a client chooses freely does not silence them, and each exclusion is needed."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from kwho.detect.examples import Story, concerning, expand
from kwho.detect.rule import Rule, RuleSet
from kwho.engine.memory import judge_lines
from kwho.query.ast import And, Not

Json = dict[str, Any]


def stories(pack: Any, *, fires: bool) -> Iterator[tuple[Rule, Story]]:
    for rule in pack.rules.rules:
        if rule.state is not None:
            yield from ((rule, story) for story in pack.stories if story.rule == rule.id and story.fires is fires)


def fired(rules: RuleSet, story: Story, bend: Callable[[Json], Json] = lambda event: event) -> bool:
    lines: Sequence[bytes] = [msgspec.json.encode(bend(event)) for event in expand(story.example)]
    return story.rule in judge_lines(rules, lines)


def test_there_are_rules_on_the_state(pack: Any) -> None:
    assert len({rule.state for rule, _ in stories(pack, fires=True)}) >= 8


def test_agent_and_claimed_addresses_silence_none(pack: Any) -> None:
    def bent(event: Json) -> Json:
        return {**event, "userAgent": "manager/v0", "sourceIPs": ["127.0.0.1", *event["sourceIPs"]]}

    silenced = [story.why for rule, story in stories(pack, fires=True)
                if not fired(concerning(pack.rules, rule.id), story, bent)]  # fmt: skip
    assert silenced == []


def test_order_in_the_file_silences_none(pack: Any) -> None:
    for rule, story in stories(pack, fires=True):
        lines = [msgspec.json.encode(event) for event in expand(story.example)]
        assert rule.id in judge_lines(concerning(pack.rules, rule.id), lines[::-1]), story.why


def test_refusals_fire_none(pack: Any) -> None:
    for rule, story in stories(pack, fires=True):
        refusal = {"responseStatus": {"code": 403}, "annotations": {"authorization.k8s.io/decision": "forbid"}}
        lines = [msgspec.json.encode(event | refusal) for event in expand(story.example)]
        assert rule.id not in judge_lines(concerning(pack.rules, rule.id), lines), story.why


def test_every_exclusion_is_needed_by_a_silent_example(pack: Any) -> None:
    silent = list(stories(pack, fires=False))
    for rule in {rule.id: rule for rule, _ in silent}.values():
        parts = rule.condition.nodes if isinstance(rule.condition, And) else ()
        for number, part in enumerate(parts):
            if isinstance(part, Not):
                wider = msgspec.structs.replace(rule, condition=And((*parts[:number], *parts[number + 1 :])))
                rules = RuleSet(rules=(wider,))
                assert any(fired(rules, story) for own, story in silent if own.id == rule.id), f"{rule.path}: {part}"
