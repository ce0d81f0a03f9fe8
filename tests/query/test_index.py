"""Masks of the conditions that can still match."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kwho.fields import FIELDS
from kwho.query import index as module
from kwho.query.ast import And, Node, Not, Or, Term
from kwho.query.index import Index
from kwho.query.match import compile_node
from kwho.query.parse import parse_query
from kwho.schema.event import Event
from kwho.views import Look

CREATES = Term("verb", "equals", ("create",))
BY_ALICE = Term("user", "equals", ("alice",))
REFUSED = Term("code", "gte", (400,))


def test_a_value_clears_the_conditions_it_excludes() -> None:
    index = Index([CREATES, And((CREATES, BY_ALICE)), Or((CREATES, BY_ALICE)), Not(CREATES), BY_ALICE])
    assert index.full == 0b11111
    assert index.mask("verb", "create") == 0b10111
    assert index.mask("verb", "get") == 0b11100
    assert index.mask("user.username", "bob") == 0b01101
    assert index.mask("user.username", None) == 0b01101


def test_a_field_that_no_condition_uses_excludes_nothing() -> None:
    assert Index([CREATES]).mask("userAgent", "curl") == 1
    assert Index([]).mask("verb", "get") == 0


def test_fields_are_told_by_dimension_and_only_when_they_can_exclude() -> None:
    index = Index([And((CREATES, BY_ALICE)), Or((REFUSED, BY_ALICE))])
    assert [field.name for field in index.fields("operation")] == ["verb"]
    assert [field.name for field in index.fields("user")] == ["user.username"]
    assert index.fields("peer") == ()
    assert index.used == {"verb", "user.username"}


def test_words_and_references_are_never_decided_by_one_field() -> None:
    index = Index([Term(None, "contains", ("x",)), Term("user", "fieldref", ("name",)), And(()), Or(())])
    assert index.used == frozenset()
    assert index.mask("user.username", "y") == 0b1111


def test_values_of_different_type_are_remembered_apart() -> None:
    index = Index([Term("impersonation", "equals", (True,)), Term("groups", "equals", ("a",))])
    assert index.mask("impersonation", True) == 0b11
    assert index.mask("impersonation", 1) == 0b10
    assert index.mask("impersonation", True) == 0b11
    assert index.mask("user.groups", ["a"]) == index.mask("user.groups", ("a",)) == 0b11
    assert index.mask("user.groups", (1, None)) == 0b01


def test_exact_texts_are_found_whatever_else_is_asked() -> None:
    names = ["a", "b", "A,c", "a*", "null", "null,a"]
    index = Index([parse_query(f"groups:{name}") for name in names] + [parse_query("groups|cased:A")])
    assert index.mask("user.groups", ("A",)) == 0b1101101
    assert index.mask("user.groups", ("b", "x")) == 0b0000010
    assert index.mask("user.groups", None) == 0b0110000
    assert index.mask("user.groups", (1, True)) == 0


def test_memory_is_bounded_whatever_values_come() -> None:
    index = Index([BY_ALICE])
    for number in range(module.MOST_VALUES + 10):
        index.mask("user.username", f"user-{number}")
    index.mask("user.username", "x" * (module.LONGEST_VALUE + 1))
    (column,) = index._columns.values()
    assert len(column.seen) <= module.MOST_VALUES
    assert not any(len(str(value)) > module.LONGEST_VALUE for value in column.seen)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_field_ever_excludes_a_condition_that_matches(
    data: st.DataObject,
    conditions: st.SearchStrategy[Node],
    events: st.SearchStrategy[Event],
    look: Callable[[Event], Look],
) -> None:
    nodes = data.draw(st.lists(conditions, min_size=1, max_size=4))
    seen = look(data.draw(events))
    index = Index(nodes)
    matching = sum(1 << bit for bit, node in enumerate(nodes) if compile_node(node)(seen))
    for field in FIELDS:
        if field.name in index.used:
            assert index.mask(field.name, field.read(seen)) & matching == matching


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_condition_on_one_field_alone_is_decided_by_it(
    data: st.DataObject, events: st.SearchStrategy[Event], look: Callable[[Event], Look]
) -> None:
    seen = look(data.draw(events))
    verbs = st.sampled_from(["get", "create", "GET", "pods"])
    terms = st.builds(lambda verb, cased: Term("verb", "equals", (verb,), cased=cased), verbs, st.booleans())
    node = data.draw(st.recursive(terms, lambda inner: inner.map(Not), max_leaves=2))
    both = (node, data.draw(terms))
    joined: Node = And(both) if data.draw(st.booleans()) else Or(both)
    assert bool(Index([joined]).mask("verb", seen.event.verb)) is compile_node(joined)(seen)
