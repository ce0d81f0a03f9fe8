"""Conditions on one event."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kwho.errors import InvalidQueryError
from kwho.query.ast import And, Node, Not, Or, Term
from kwho.query.match import LONGEST_TEXT, MOST_ELEMENTS, compile_node, explain
from kwho.schema.event import Event, ObjectRef, Status, User
from kwho.schema.finding import Evidence
from kwho.views import Look

Seen = Callable[[Event], Look]

EVENT = Event(
    verb="create",
    user=User(username="alice", groups=("dev", "system:masters")),
    objectRef=ObjectRef(resource="pods", namespace="shop", name="alice"),
    responseStatus=Status(code=201),
    sourceIPs=("192.0.2.1", "10.0.0.1"),
)
HOLDS = Term("verb", "equals", ("create",), clause="made")
FAILS = Term("verb", "equals", ("delete",), clause="gone")


def test_nodes_join_as_their_names_say(look: Seen) -> None:
    def judge(node: Node) -> bool:
        return compile_node(node)(look(EVENT))

    assert judge(HOLDS)
    assert not judge(FAILS)
    assert judge(Not(FAILS))
    assert judge(And((HOLDS,)))
    assert not judge(Or((FAILS,)))
    assert judge(And((HOLDS, HOLDS, HOLDS)))
    assert not judge(And((HOLDS, FAILS)))
    assert judge(Or((FAILS, HOLDS, FAILS)))
    assert not judge(Or((FAILS, FAILS)))
    assert judge(And(()))
    assert not judge(Or(()))


def test_fields_go_by_their_aliases_too(look: Seen) -> None:
    assert compile_node(Term("ns", "equals", ("SHOP",)))(look(EVENT))


def test_a_field_can_be_compared_with_another(look: Seen) -> None:
    same = Term("user", "fieldref", ("objectRef.name",))
    assert compile_node(same)(look(EVENT))
    assert explain(same, look(EVENT)) == (Evidence("", "user.username", "alice"),)
    assert not compile_node(same)(look(Event()))
    assert compile_node(Term("user", "fieldref", ("name", "ns")))(look(EVENT))
    assert not compile_node(Term("user", "fieldref", ("name", "ns"), every=True))(look(EVENT))
    upper = Event(user=User(username="ALICE"), objectRef=ObjectRef(name="alice"))
    assert compile_node(same)(look(upper))
    assert not compile_node(Term("user", "fieldref", ("name",), cased=True))(look(upper))


def test_a_bare_word_is_searched_in_every_text_field(look: Seen) -> None:
    assert compile_node(Term(None, "contains", ("MASTERS",)))(look(EVENT))
    assert not compile_node(Term(None, "contains", ("nowhere",)))(look(EVENT))
    assert compile_node(Term(None, "contains", ("shop", "master"), every=True))(look(EVENT))
    assert not compile_node(Term(None, "contains", ("shop", "nowhere"), every=True))(look(EVENT))
    (found,) = explain(Term(None, "contains", ("masters",)), look(EVENT))
    assert found == Evidence("", "user.groups", "system:masters")


def test_unknown_fields_and_broken_expressions_are_refused_before_any_event() -> None:
    with pytest.raises(InvalidQueryError, match='unknown field "verbs"'):
        compile_node(Term("verbs", "equals", ("get",)))
    with pytest.raises(InvalidQueryError, match="is refused"):
        compile_node(Term("verb", "re", ("(",)))


def test_evidence_names_clause_field_and_the_elements_that_matched(look: Seen) -> None:
    node = And((HOLDS, Or((FAILS, Term("groups", "equals", ("*:masters",), clause="who"))), Not(FAILS)))
    assert explain(node, look(EVENT)) == (
        Evidence("made", "verb", "create"),
        Evidence("who", "user.groups", "system:masters"),
    )


def test_what_is_negated_twice_speaks_for_the_match(look: Seen) -> None:
    assert explain(Not(Or((Not(HOLDS), FAILS))), look(EVENT)) == (Evidence("made", "verb", "create"),)
    assert explain(Not(And((HOLDS, FAILS))), look(EVENT)) == ()


def test_absence_and_presence_are_evidence(look: Seen) -> None:
    assert explain(Term("userAgent", "equals", (None,)), look(EVENT)) == (Evidence("", "userAgent", None),)
    assert explain(Term("user.groups", "exists", (True,)), look(EVENT))[0].value == ("dev", "system:masters")


def test_the_same_evidence_is_told_once(look: Seen) -> None:
    assert len(explain(Or((HOLDS, HOLDS)), look(EVENT))) == 1


def test_long_evidence_is_cut_and_never_within_a_surrogate_pair(look: Seen) -> None:
    name = "a" * (LONGEST_TEXT - 1) + "\ud83d\ude00" + "b"
    event = Event(user=User(username=name, groups=tuple(f"g{number}" for number in range(500))))
    cut, groups = explain(And((Term("user", "contains", ("a",)), Term("groups", "startswith", ("g",)))), look(event))
    assert cut.value == "a" * (LONGEST_TEXT - 1)
    (plain,) = explain(Term("user", "contains", ("b",)), look(Event(user=User(username="b" * 2_000))))
    assert plain.value == "b" * LONGEST_TEXT
    assert isinstance(groups.value, tuple)
    assert len(groups.value) == MOST_ELEMENTS


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_matches_is_explained_by_a_positive_term(
    data: st.DataObject, conditions: st.SearchStrategy[Node], events: st.SearchStrategy[Event], look: Seen
) -> None:
    node, event = data.draw(conditions), data.draw(events)
    seen = look(event)
    if compile_node(node)(seen):
        assert explain(node, seen) or not _always_positive(node)
        for evidence in explain(node, seen):
            assert evidence.field


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_condition_and_its_negation_never_agree(
    data: st.DataObject, conditions: st.SearchStrategy[Node], events: st.SearchStrategy[Event], look: Seen
) -> None:
    node, event = data.draw(conditions), data.draw(events)
    assert compile_node(node)(look(event)) is not compile_node(Not(node))(look(event))


def _always_positive(node: Node) -> bool:
    """Whether every way to match the node passes through a positive term."""
    if isinstance(node, Term):
        return True
    if isinstance(node, Not):
        return False
    return (any if isinstance(node, And) else all)(_always_positive(part) for part in node.nodes)
