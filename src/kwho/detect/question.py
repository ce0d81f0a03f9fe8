"""A condition on the event and on the state, taken apart: what selects a request, and what is settled later."""

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from kwho.detect.needs import derive_needs
from kwho.detect.rule import RuleSet
from kwho.detect.stateful import names, view
from kwho.query.ast import And, Node, Not, Term, conjuncts

if TYPE_CHECKING:  # the reader of YAML takes longer to load than a small log to read
    from kwho.detect.document import Document, Step

PREFIX: Final = "state."
"""What the name of every field of the state begins with."""


class Question(NamedTuple):
    """`trigger` selects requests by their events alone; `question` asks of the state as of the request."""

    trigger: Node
    question: Node


def split(condition: Node) -> Question:
    """The parts of a condition whose top-level And joins them; a condition on events alone asks nothing more."""
    parts = list(conjuncts(condition))
    asking = [part for part in parts if state_fields(part)]
    if not asking:
        return Question(condition, And(()))
    return Question(And(tuple(part for part in parts if not state_fields(part))), And(tuple(asking)))


def state_fields(node: Node) -> set[str]:
    """The fields of the state that a condition reads, without their prefix."""
    if isinstance(node, Term):
        names = [node.field, *(str(value) for value in node.values if node.op == "fieldref")]
        return {name.removeprefix(PREFIX) for name in names if name is not None and name.startswith(PREFIX)}
    if isinstance(node, Not):
        return state_fields(node.node)
    return set().union(*map(state_fields, node.nodes))


def fed(rules: RuleSet) -> RuleSet:
    """The rules when a snapshot feeds the state: those on the state need no more than what selects their requests."""
    return msgspec.structs.replace(
        rules,
        rules=tuple(
            msgspec.structs.replace(rule, needs=derive_needs(split(rule.condition).trigger)) if rule.state else rule
            for rule in rules.rules
        ),
    )


def check_question(document: "Document", condition: Node, state: str | None) -> None:
    """Raise InvalidRuleError unless a condition and the view that the rule names fit each other."""
    asked = state_fields(condition)
    if state is None:
        if asked:
            raise document.refuse(f'"{PREFIX}{min(asked)}" needs kwho.state, the view that tells it', "detection")
        return
    if state not in names():
        raise document.refuse(f'unknown view "{state}"; there are {", ".join(names())}', "kwho", "state")
    known = view(state).fields
    for name in sorted(asked):
        if name not in known:
            raise document.refuse(
                f'the view {state} does not tell "{PREFIX}{name}"; it tells {", ".join(sorted(known))}',
                *_place(document, name),
            )
    if not asked:
        raise document.refuse("the condition asks nothing of the state; leave out kwho.state", "kwho", "state")
    for part in conjuncts(condition):
        if state_fields(part) and _reads_events(part):
            raise document.refuse(
                "a part of the condition asks of the event and of the state; join such parts by `and` only", "detection"
            )


def _reads_events(node: Node) -> bool:
    if isinstance(node, Term):
        return not (node.field or "").startswith(PREFIX) or (
            node.op == "fieldref" and any(not str(value).startswith(PREFIX) for value in node.values)
        )
    if isinstance(node, Not):
        return _reads_events(node.node)
    return any(map(_reads_events, node.nodes))


def _place(document: "Document", name: str) -> "tuple[Step, ...]":
    found = (steps for steps in document.lines if steps and str(steps[-1]).split("|")[0] == PREFIX + name)
    return next(found, ("detection",))
