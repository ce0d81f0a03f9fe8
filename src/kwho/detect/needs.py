"""What a condition needs the log to record: without it the rule cannot fire, however bad the day."""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Final, NamedTuple

from kwho.detect.rule import Needs
from kwho.detect.vocabulary import METHODS, VERBS
from kwho.fields import Level, find
from kwho.query.ast import And, Node, Not, Term
from kwho.query.fit import spell
from kwho.query.pattern import literal_of
from kwho.query.predicate import value_test

_ORDER: Final[tuple[Level, ...]] = ("Metadata", "Request", "RequestResponse")
_NAMES: Final = {"objectRef.resource": "resource", "objectRef.subresource": "subresource", "target": "target"}
_UNAUTHENTICATED: Final = {("responseStatus.code", 401), ("outcome", "unauthenticated"), ("answer", "unauthenticated")}


class _Asked(NamedTuple):
    """Level and members that a condition cannot match without."""

    level: int
    members: frozenset[str]


class _Place(NamedTuple):
    """Where a condition looks; None is anywhere."""

    verbs: frozenset[str] | None = None
    resource: frozenset[str] | None = None
    subresource: frozenset[str] | None = None
    target: frozenset[str] | None = None


def derive_needs(node: Node) -> Needs:
    """The least level, the members of an event, the stage, verbs and resources without which `node` cannot match.

    Of alternatives only what all of them need is needed, and all places they look at are told.
    """
    asked = _asked(node, positive=True)
    place = _place(node)
    return Needs(
        level=_ORDER[asked.level],
        stage=_stage(node),
        fields=tuple(sorted(asked.members)),
        verbs=tuple(sorted(place.verbs or ())),
        resources=tuple(sorted(place.target or ())),
    )


def join_needs(parts: Sequence[Needs], *, all_of: bool) -> Needs:
    """The needs of a correlation over rules with these needs: of every rule when `all_of`, else of whichever fires."""
    if not parts:
        return Needs()
    levels = [_ORDER.index(part.level) for part in parts]
    members = [frozenset(part.fields) for part in parts]
    stages = {part.stage for part in parts}
    return Needs(
        level=_ORDER[max(levels) if all_of else min(levels)],
        stage=stages.pop() if len(stages) == 1 else None,
        fields=tuple(sorted(frozenset.union(*members) if all_of else frozenset.intersection(*members))),
        verbs=_union(part.verbs for part in parts),
        resources=_union(part.resources for part in parts),
    )


def _union(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """All names, or none (anywhere) when one part asks for nothing."""
    known = list(parts)
    return tuple(sorted({name for part in known for name in part})) if all(known) else ()


def _asked(node: Node, *, positive: bool) -> _Asked:
    if isinstance(node, Not):
        return _asked(node.node, positive=not positive)
    if isinstance(node, Term):
        return _asked_by(node, positive=positive)
    parts = [_asked(part, positive=positive) for part in node.nodes]
    if not parts:
        return _Asked(0, frozenset())
    levels, members = [part.level for part in parts], [part.members for part in parts]
    if isinstance(node, And) is positive:
        return _Asked(max(levels), frozenset.union(*members))
    return _Asked(min(levels), frozenset.intersection(*members))


def _asked_by(term: Term, *, positive: bool) -> _Asked:
    if term.field is None:
        return _Asked(0, frozenset())
    names = [term.field, *map(spell, term.values if term.op == "fieldref" else ())]
    field = find(term.field)
    absent = term.op != "fieldref" and value_test(term, field.type)(None)
    if absent is positive:  # holds without the field
        return _Asked(0, frozenset())
    needed = [find(name) for name in names]
    return _Asked(
        max(_ORDER.index(field.level) for field in needed), frozenset(need for field in needed for need in field.needs)
    )


def _stage(node: Node) -> str | None:
    """The stage that every match needs to be kept: a 401 exists at ResponseStarted alone."""
    terms = node.nodes if isinstance(node, And) else (node,)
    for term in terms:
        if isinstance(term, And) and (found := _stage(term)):
            return found
        if not isinstance(term, Term) or term.op != "equals" or term.field is None or len(term.values) != 1:
            continue
        name, value = find(term.field).name, term.values[0]
        if (name, value) in _UNAUTHENTICATED:
            return "ResponseStarted"
        if name == "stage" and isinstance(value, str):
            return value
    return None


def _place(node: Node) -> _Place:
    """Where a condition can match; the result holds its resources as targets (`resource[/subresource]`)."""
    if isinstance(node, Not):
        return _Place()
    if isinstance(node, Term):
        return _composed(_pinned(node))
    if isinstance(node, And):
        pins = reduce(_both, (_pinned(part) for part in node.nodes if isinstance(part, Term)), _Place())
        inner = [_place(part) for part in node.nodes if not isinstance(part, Term)]
        return reduce(_both, inner, _composed(pins))
    parts = [_place(part) for part in node.nodes]
    return reduce(_either, parts) if parts else _Place()


def _pinned(term: Term) -> _Place:
    if term.field is None or None in term.values or term.every:
        return _Place()
    name = find(term.field).name
    if name == "verb" and term.op not in ("exists", "fieldref"):
        return _Place(verbs=frozenset(filter(value_test(term, "text"), (*VERBS, *METHODS[:-1]))))
    literals = [literal_of(value) if isinstance(value, str) else None for value in term.values]
    if name not in _NAMES or term.op != "equals" or None in literals:
        return _Place()
    return _Place()._replace(**{_NAMES[name]: frozenset(literal for literal in literals if literal is not None)})


def _composed(place: _Place) -> _Place:
    """The place with resource and subresource joined to targets."""
    if place.target is not None or place.resource is None:
        return _Place(place.verbs, target=place.target)
    subresources = place.subresource
    targets = (
        place.resource if subresources is None else {f"{one}/{sub}" for one in place.resource for sub in subresources}
    )
    return _Place(place.verbs, target=frozenset(targets))


def _both(one: _Place, other: _Place) -> _Place:
    return _Place(*(_meet(mine, theirs) for mine, theirs in zip(one, other, strict=True)))


def _meet(mine: frozenset[str] | None, theirs: frozenset[str] | None) -> frozenset[str] | None:
    if mine is None or theirs is None:
        return theirs if mine is None else mine
    # Each side alone is a true answer, so nothing in common (`pods` and `pods/exec`) keeps one of them.
    return mine & theirs or mine


def _either(one: _Place, other: _Place) -> _Place:
    return _Place(
        *(None if mine is None or theirs is None else mine | theirs for mine, theirs in zip(one, other, strict=True))
    )
