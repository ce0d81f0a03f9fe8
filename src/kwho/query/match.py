"""Conditions on one event: compiled to closures that decide, and explained term by term for what matched."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from kwho import fields
from kwho.query.ast import And, Node, Not, Term, alternatives, conjuncts
from kwho.query.fit import spell
from kwho.query.pattern import fold
from kwho.query.predicate import element_hit, value_test
from kwho.schema.finding import Evidence
from kwho.views import Look

Predicate = Callable[[Look], bool]
Explainer = Callable[[Look], tuple[Evidence, ...]]

LONGEST_TEXT: Final = 1_000
"""Characters of one text that evidence shows."""
MOST_ELEMENTS: Final = 50
"""Elements of one list that evidence shows."""


def compile_node(node: Node) -> Predicate:
    """A test of one event; everything about the condition is looked up, folded and compiled here, once.

    Raises InvalidQueryError for a field or a regular expression that does not exist.
    """
    if isinstance(node, Term):
        return _compile_term(node)
    if isinstance(node, Not):
        inner = compile_node(node.node)
        return lambda look: not inner(look)
    flat = conjuncts(node) if isinstance(node, And) else alternatives(node)
    parts = [compile_node(part) for part in sorted(flat, key=_cost)]
    return _all_of(parts) if isinstance(node, And) else _any_of(parts)


def explain(node: Node, look: Look) -> tuple[Evidence, ...]:
    """The terms of `node` that hold for an event it matches, each with the value that made it hold.

    Only what speaks for the match is told: of alternatives those that hold, of what is negated nothing but what a
    second negation makes positive again.
    """
    return explainer(node)(look)


@lru_cache(maxsize=1_024)
def explainer(node: Node) -> Explainer:
    """`explain` with the condition compiled beforehand; the latest thousand are remembered."""
    tell = _tell(node, positive=True)

    def told(look: Look) -> tuple[Evidence, ...]:
        return tuple(dict.fromkeys(tell(look)))

    return told


def _all_of(parts: list[Predicate]) -> Predicate:
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:
        first, second = parts
        return lambda look: first(look) and second(look)

    def every(look: Look) -> bool:
        for part in parts:  # noqa: SIM110  quicker than all() over a generator
            if not part(look):
                return False
        return True

    return every


def _any_of(parts: list[Predicate]) -> Predicate:
    if len(parts) == 1:
        return parts[0]

    def some(look: Look) -> bool:
        for part in parts:  # noqa: SIM110  quicker than any() over a generator
            if part(look):
                return True
        return False

    return some


def _cost(node: Node) -> int:
    """How dear a node is to evaluate: bodies after the rest, words without a field last."""
    if isinstance(node, Not):
        return _cost(node.node)
    if not isinstance(node, Term):
        return max(map(_cost, node.nodes), default=0) + 1
    if node.field is None:
        return 100
    field = fields.find(node.field)
    return (0 if field.dimension else 2) + (20 if field.level != "Metadata" else 0) + (5 if node.op == "re" else 0)


def _compile_term(term: Term) -> Predicate:
    if term.field is None:
        return _compile_word(term)
    field = fields.find(term.field)
    read = field.read
    if term.op == "fieldref":
        return _compile_reference(term, field)
    test = value_test(term, field.type)
    return lambda look: test(read(look))


def _compile_reference(term: Term, field: fields.Field) -> Predicate:
    others = [fields.find(spell(value)).read for value in term.values]
    norm = (lambda text: text) if term.cased else fold
    quantify = all if term.every else any

    def matches(look: Look) -> bool:
        own = {norm(spell(element)) for element in elements(field.read(look))}
        return quantify(not own.isdisjoint(norm(spell(element)) for element in elements(read(look))) for read in others)

    return matches


def _compile_word(term: Term) -> Predicate:
    singles = _singles(term) if term.every else [term]
    readers = [field.read for field in word_fields()]
    tests = [value_test(single, "text") for single in singles]
    return lambda look: all(any(test(read(look)) for read in readers) for test in tests)


def word_fields() -> tuple[fields.Field, ...]:
    """The fields that a word without a field is looked for in, the cheap ones first."""
    textual = [field for field in fields.FIELDS if field.type in ("text", "address")]
    return tuple(sorted(textual, key=lambda field: field.level != "Metadata"))


def elements(value: fields.Value) -> tuple[fields.Scalar, ...]:
    """What a field holds, as a tuple without nulls; nothing when the field is absent."""
    if isinstance(value, tuple | list):
        return tuple(element for element in value if element is not None)
    return () if value is None else (value,)


def _singles(term: Term) -> list[Term]:
    return [Term(term.field, term.op, (value,), cased=term.cased, clause=term.clause) for value in term.values]


def _nothing(_look: Look) -> list[Evidence]:
    return []


def _tell(node: Node, *, positive: bool) -> Callable[[Look], list[Evidence]]:
    """What speaks for the truth of `node` (for its falsehood when not `positive`), given that it has that truth."""
    if isinstance(node, Not):
        return _tell(node.node, positive=not positive)
    if isinstance(node, Term):
        return _tell_term(node) if positive else _nothing
    parts = [(_tell(part, positive=positive), compile_node(part)) for part in node.nodes]
    if isinstance(node, And) is positive:
        return lambda look: [evidence for tell, _ in parts for evidence in tell(look)]
    return lambda look: [evidence for tell, holds in parts if holds(look) is positive for evidence in tell(look)]


def _tell_term(term: Term) -> Callable[[Look], list[Evidence]]:
    if term.field is None:
        return _tell_word(term)
    field = fields.find(term.field)
    if term.op == "fieldref":
        return lambda look: [_evidence(term, field.name, elements(field.read(look)))]
    if term.op == "exists":
        return lambda look: [_evidence(term, field.name, elements(field.read(look)))]
    hit = element_hit(term, field.type, term.values)

    def tell(look: Look) -> list[Evidence]:
        held = tuple(element for element in elements(field.read(look)) if hit(element))
        return [_evidence(term, field.name, held)]

    return tell


def _tell_word(term: Term) -> Callable[[Look], list[Evidence]]:
    hits = [element_hit(single, "text", single.values) for single in _singles(term)]
    searched = word_fields()

    def tell(look: Look) -> list[Evidence]:
        found: list[Evidence] = []
        for hit in hits:
            for field in searched:
                held = tuple(element for element in elements(field.read(look)) if hit(element))
                if held:
                    found.append(_evidence(term, field.name, held))
                    break
        return found

    return tell


def _evidence(term: Term, name: str, held: tuple[fields.Scalar, ...]) -> Evidence:
    shown = tuple(_cut(element) for element in held[:MOST_ELEMENTS])
    value = shown[0] if len(shown) == 1 else (shown or None)
    return Evidence(clause=term.clause, field=name, value=value)


def _cut(element: fields.Scalar) -> fields.Scalar:
    if not isinstance(element, str) or len(element) <= LONGEST_TEXT:
        return element
    end = LONGEST_TEXT
    if "\ud800" <= element[end - 1] <= "\udbff" and "\udc00" <= element[end] <= "\udfff":
        end -= 1
    return element[:end]
