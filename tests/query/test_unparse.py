"""Conditions written as queries."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kwho.errors import InvalidQueryError
from kwho.query.ast import And, Node, Not, Or, Term
from kwho.query.parse import parse_query
from kwho.query.unparse import unparse


@pytest.mark.parametrize(
    "text",
    [
        "verb:create,delete objectRef.resource:secrets user.username!=system:*",
        "(verb:get or verb:list) not (user.username:a userAgent:b)",
        "verb:get or (verb:list user.username:a)",
        "source.ip in 10.0.0.0/8,::1/128",
        'requestReceivedTimestamp>="2026-01-05T10:00:00.000000Z"',
        "responseStatus.code>=400 responseStatus.code<500",
        "responseStatus.code:403,4*",
        'userAgent~"^curl/[0-9]+"',
        "user.groups|contains|all|cased:a,b",
        "user.username|fieldref:objectRef.name",
        "objectRef.namespace:null",
        'objectRef.namespace:"null",""',
        "impersonation:true",
        'user.username:"a b","say \\"hi\\""',
        "secrets *a?b* a\\\\*b".replace("*a?b*", "a?b"),
        '"and" "verb=x" "-x"',
        "()",
        "not ()",
        "|contains:a,b",
        "|equals:a*,b",
        "requestObject.spec.replicas>5",
    ],
)
def test_a_plain_query_is_written_as_it_was(text: str) -> None:
    assert unparse(parse_query(text)) == text


def test_names_that_hold_signs_are_quoted() -> None:
    node = Term("annotations.odd:key|x y", "equals", ("v",))
    assert unparse(node) == '"annotations.odd:key|x y":v'


def test_single_members_need_no_parentheses() -> None:
    assert unparse(And((Or((Term("verb", "equals", ("get",)),)),))) == "verb:get"
    assert unparse(Or(())) == "not ()"


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_is_written_reads_back_as_the_same_condition(
    data: st.DataObject, conditions: st.SearchStrategy[Node]
) -> None:
    node = data.draw(conditions)
    assert parse_query(unparse(node)) == node


@settings(max_examples=200)
@given(st.text(st.sampled_from("abverb:!=~<>|()-,*?\\\"' "), max_size=20))
def test_any_query_is_stable_once_written(text: str) -> None:
    try:
        node = parse_query(text)
    except InvalidQueryError:
        return
    assert parse_query(unparse(node)) == node


def test_negated_words_and_comparisons_keep_their_not() -> None:
    assert unparse(Not(Term(None, "contains", ("x",)))) == "not x"
    assert unparse(Not(Term("responseStatus.code", "gt", (5,)))) == "not responseStatus.code>5"
