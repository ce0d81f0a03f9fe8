import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.detect.pack import assemble
from kwho.query.ast import And, Node, Not, Or, Term
from kwho.query.parse import parse_query
from kwho.query.unparse import unparse
from kwho.reports.condition import condition_lines
from kwho.reports.text import width_of

TERMS = st.builds(
    Term,
    st.sampled_from(["verb", "user.username", "objectRef.name"]),
    st.just("equals"),
    st.lists(st.text('abc ,"\\\\:-', min_size=1, max_size=30), min_size=1, max_size=4).map(tuple),
    clause=st.just(""),
)
NODES = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda nodes: And(tuple(nodes))),
        st.lists(inner, min_size=1, max_size=3).map(lambda nodes: Or(tuple(nodes))),
        inner.map(Not),
    ),
    max_leaves=8,
)


def query_of(lines: list[str]) -> str:
    """The lines as one query: a value goes on behind a comma."""
    text = "\n".join(lines)
    return re.sub(r",\n +", ",", text)


def flat(node: Node) -> Node:
    """The node without nesting that changes nothing."""
    if isinstance(node, Term):
        return node
    if isinstance(node, Not):
        return Not(flat(node.node))
    kind = type(node)
    parts = [flat(part) for part in node.nodes]
    joined = [inner for part in parts for inner in (part.nodes if isinstance(part, kind) else (part,))]
    return joined[0] if len(joined) == 1 else kind(tuple(joined))


@given(NODES, st.integers(20, 120))
@settings(max_examples=200, deadline=None)
def test_the_lines_are_a_query_that_means_the_same(node: Node, width: int) -> None:
    assert flat(parse_query(query_of([*condition_lines(node, width)]))) == flat(parse_query(unparse(node)))


def test_each_test_stands_beside_its_selection() -> None:
    write = And(
        (
            Term("verb", "equals", ("create", "patch"), clause="write"),
            Term("target", "equals", ("pods",), clause="write"),
        )
    )
    not_ours = Not(
        Or((Term("user", "equals", ("ana",), clause="ours"), And((Term("ns", "equals", ("a",), clause="house"),) * 2)))
    )
    assert [*condition_lines(And((write, not_ours)), 60)] == [
        "write  verb:create,patch",
        "       target:pods",
        "       not (user:ana or (ns:a ns:a))",
    ]
    assert [*condition_lines(And((write, not_ours)), 40)] == [
        "write  verb:create,patch",
        "       target:pods",
        "       not (",
        "ours     user:ana",
        "house    or (ns:a ns:a)",
        "       )",
    ]


def test_long_lists_go_on_below_and_no_value_is_torn() -> None:
    node = Term("user", "equals", ("a" * 30, "b,c " * 8, "d"), clause="who")
    assert [*condition_lines(node, 40)] == [
        f"who  user:{'a' * 30},",
        f'       "{"b,c " * 8}",',
        "       d",
    ]


def test_names_are_hostile_text_and_may_be_long() -> None:
    (line,) = condition_lines(Term("verb", "equals", ("get",), clause="\x1b[31m" + "x" * 40), 60)
    assert line == "\\x1b[31mxxxxxxxxx…  verb:get"


@pytest.mark.parametrize("width", [60, 100])
def test_no_rule_of_the_pack_is_a_wall_of_text(width: int) -> None:
    for rule in assemble([]).rules:
        lines = [line for line in condition_lines(rule.condition, width) if '"' not in line]  # a pattern stays whole
        assert all(width_of(line) <= width or "," not in line.rstrip(",") for line in lines), rule.title


def test_what_always_holds_is_a_line_too() -> None:
    assert [*condition_lines(And(()), 60)] == ["()"]
