"""Rules tried on a handful of events, in memory: the judge of examples, with the meaning of a scan, not its speed.

Native lines in, ids of the rules and correlations that fired out. A request is judged at every stage but
RequestReceived, and counts once in a correlation however many of its stages match.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from kwho.detect.correlate import Match, find_runs
from kwho.detect.rule import Correlation, RuleSet
from kwho.errors import InvalidRuleError
from kwho.fields import Scalar, Value, find
from kwho.query.ast import Node
from kwho.query.match import compile_node
from kwho.schema.event import Event
from kwho.schema.moment import parse_moment
from kwho.schema.record import Context
from kwho.views import Look

_CONTEXT = Context(format="native")
_decode = msgspec.json.Decoder(Event).decode


class _Hit(NamedTuple):
    rule: str
    look: Look


def judge_lines(rules: RuleSet, lines: Sequence[bytes]) -> set[str]:
    """The ids of the rules that match one of the native events, silent rules aside, and of the correlations that hold.

    Raises InvalidRuleError for a line that is no audit event.
    """
    looks = [Look(event, _CONTEXT) for event in map(_event, lines) if event.stage != "RequestReceived"]
    tests = [(rule.id, _predicate(rule.condition)) for rule in rules.rules]
    hits = [_Hit(identity, look) for identity, test in tests for look in looks if test(look)]
    loud = {rule.id for rule in rules.rules if not rule.silent}
    fired = {hit.rule for hit in hits} & loud
    return fired | {correlation.id for correlation in rules.correlations if _holds(correlation, hits)}


@lru_cache(maxsize=1_024)
def _predicate(node: Node) -> Callable[[Look], bool]:
    return compile_node(node)


def _event(line: bytes) -> Event:
    try:
        return _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRuleError(f"an example is no audit event: {error}") from None


def _holds(correlation: Correlation, hits: Sequence[_Hit]) -> bool:
    groups: dict[tuple[object, ...], dict[tuple[int, int, int], Match]] = {}
    numbers: dict[object, int] = {}
    for hit in hits:
        if hit.rule not in correlation.rules:
            continue
        time = parse_moment(hit.look.event.requestReceivedTimestamp)
        request = numbers.setdefault(("request", hit.look.event.auditID), len(numbers))
        rule = correlation.rules.index(hit.rule)
        group = groups.setdefault(tuple(_grouped(correlation, hit, name) for name in correlation.group_by), {})
        for value in _counted(correlation, hit.look):
            number = numbers.setdefault(("value", value), len(numbers))
            match = Match(-1 if time is None else time, rule, request, number)
            group.setdefault((rule, request, number), match)
    return any(True for group in groups.values() for _ in find_runs(correlation, list(group.values())))


def _grouped(correlation: Correlation, hit: _Hit, name: str) -> object:
    value = find(correlation.aliases.get(name, {}).get(hit.rule, name)).read(hit.look)
    return tuple(sorted(map(str, value))) if isinstance(value, tuple | list) else value


def _counted(correlation: Correlation, look: Look) -> tuple[Scalar, ...]:
    """The values that a match adds: one of nothing when requests are counted."""
    if correlation.value_field is None:
        return (None,)
    value: Value = find(correlation.value_field).read(look)
    found = tuple(value) if isinstance(value, tuple | list) else (value,)
    return tuple(element for element in found if element is not None)
