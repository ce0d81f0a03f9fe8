"""The syntax tree."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kwho.query.ast import And, Node, Not, Or, Term, alternatives, conjuncts

A, B, C = (Term("verb", "equals", (name,)) for name in "abc")


def test_nested_conjunctions_are_one_list() -> None:
    assert list(conjuncts(And((A, And((B, And((C,)))), Or((A, B)))))) == [A, B, C, Or((A, B))]
    assert list(conjuncts(A)) == [A]
    assert list(conjuncts(And(()))) == []


def test_nested_alternatives_are_one_list() -> None:
    assert list(alternatives(Or((A, Or((B, C)), And((A, B)))))) == [A, B, C, And((A, B))]
    assert list(alternatives(Not(A))) == [Not(A)]


@given(data=st.data())
def test_a_condition_travels_as_msgpack(data: st.DataObject, conditions: st.SearchStrategy[Node]) -> None:
    node = data.draw(conditions)
    try:
        packed = msgspec.msgpack.encode(node)
    except UnicodeEncodeError:  # a lone surrogate is no value of a file or an argument
        return
    assert msgspec.msgpack.decode(packed, type=Node) == node
