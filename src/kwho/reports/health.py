"""The health of the rules on one log, in words and as data: which can fire, which cannot and why, which is unknown."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from kwho.detect.rule import RuleSet
from kwho.reports.problem import SO_FAR, STOPPED
from kwho.reports.text import printable
from kwho.reports.words import counted
from kwho.schema.result import Blind, Result


def health_object(result: Result, rules: RuleSet) -> dict[str, Any]:
    """The same as JSON data: counts, and the ids of each state with what is lacking; who sees in part is active too."""
    return {
        "schema_version": 1,
        "complete": result.complete,
        "events": result.input.events,
        "unreadable": result.input.unreadable,
        "rules": {
            "active": result.rules.active,
            "blind": result.rules.blind,
            "unknown": result.rules.unknown,
            "invalid": result.rules.invalid,
        },
        "active": list(_active(result, rules)),
        "blind": [
            {"rule": item.rule, "needs": item.needs, "policy": item.policy, "evidence": item.evidence}
            for item in result.blind
        ],
        "partly_blind": [
            {"rule": item.rule, "needs": item.needs, "policy": item.policy, "evidence": item.evidence}
            for item in result.partly_blind
        ],
        "unknown": list(result.unknown),
        "invalid": [{"rule": item.id, "reason": item.reason} for item in rules.refused],
    }


def health_lines(result: Result, rules: RuleSet, own: Collection[str] = ()) -> Iterator[str]:
    """One paragraph for what rules are blind to, in whole or in part, one line an unknown or invalid one.

    Of the rules that can fire those of the user's `own`, by path, are named, one line each. What the answer is not
    about stands before all that; where nothing was read, there is nothing else to say.
    """
    unreadable = result.input.unreadable
    nothing = 0 < unreadable == result.input.records
    if not result.complete:
        yield f"STOPPED  {STOPPED if nothing else SO_FAR}"
    if nothing:
        yield "EMPTY    nothing was read: nothing can be said about the rules"
        return
    if unreadable:
        yield f"PROBLEM  {counted(unreadable, 'input')} could not be read, or not to the end"
    yield from _states(result, rules, own)


def _states(result: Result, rules: RuleSet, own: Collection[str]) -> Iterator[str]:
    titles = {rule.id: rule.title for rule in (*rules.rules, *rules.correlations)}
    paths = {rule.id: rule.path for rule in (*rules.rules, *rules.correlations)}
    health = result.rules
    yield (
        f"{health.active} active, {health.blind} blind, {health.unknown} unknown, {health.invalid} invalid "
        f"on {counted(result.input.events, 'event')}"
    )
    able = [rule for rule in _active(result, rules) if paths[rule] in own]
    if able:
        yield ""
        yield "ACTIVE   of the rules you named these can fire on this log:"
        yield from (printable(f"  {titles[rule]}") for rule in able)
    for state, items in (("BLIND    ", result.blind), ("PARTLY   ", result.partly_blind)):
        for lack, rows in alike(items).items():
            yield ""
            for at, item in enumerate(rows):
                yield printable(f"{' ' * len(state) if at else state}{titles[item.rule]}")
            for label, text in zip(("needs", "since", "cure "), lack, strict=True):
                yield printable(f"  {label}  {text}")
    if result.unknown:
        yield ""
        yield "UNKNOWN  the log holds too few requests of the kind these rules look at to tell:"
        for rule in result.unknown:
            yield printable(f"  {titles[rule]}")
    for refused in rules.refused:
        yield printable(f"INVALID  {refused.title}: {refused.reason}")


def alike(items: Iterable[Blind]) -> dict[tuple[str, str, str], list[Blind]]:
    """Rules that lack the same, by what they need, how that is known, and what would cure it."""
    found: dict[tuple[str, str, str], list[Blind]] = {}
    for item in items:
        found.setdefault((item.needs, item.evidence, item.policy), []).append(item)
    return found


def _active(result: Result, rules: RuleSet) -> Iterator[str]:
    """The ids of the rules that can fire, in the order of the rule set."""
    others = {item.rule for item in result.blind} | set(result.unknown)
    yield from (rule.id for rule in (*rules.rules, *rules.correlations) if rule.id not in others)
