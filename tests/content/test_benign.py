"""An ordinary day raises nothing above low: kubelets, controllers, operators, package managers, people."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from kwho.detect.examples import lines_of
from kwho.detect.extension import Example
from kwho.engine.memory import judge_lines
from kwho.query.ast import Node
from kwho.schema.event import Event

Matches = Callable[[Node, Sequence[Event]], bool]

HERE = Path(__file__).parent
QUIET = ("informational", "low")

_decode = msgspec.json.Decoder(Event).decode


@lru_cache(maxsize=1)
def day() -> tuple[bytes, ...]:
    events = yaml.load((HERE / "benign.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return tuple(lines_of(Example(why="an ordinary day", events=tuple(events))))


def test_an_ordinary_day_raises_nothing_above_low(pack: Any) -> None:
    fired = judge_lines(pack.rules, day())
    loud = [rule for rule in (*pack.rules.rules, *pack.rules.correlations) if rule.level not in QUIET]
    assert len(day()) >= 60
    assert [rule.title for rule in loud if rule.id in fired] == []


def test_the_same_day_twice_in_a_row_is_still_ordinary(pack: Any) -> None:
    fired = judge_lines(pack.rules, day() + day())
    assert [rule.title for rule in pack.rules.rules if rule.id in fired and rule.level not in QUIET] == []


def test_each_event_of_the_day_alone_is_quiet(pack: Any, matches: Matches) -> None:
    events = [_decode(line) for line in day()]
    loud = [rule for rule in pack.rules.rules if rule.level not in QUIET]
    assert [rule.title for rule in loud if matches(rule.condition, events)] == []
