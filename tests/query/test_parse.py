"""The query language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwho.errors import InvalidQueryError
from kwho.query.ast import And, Node, Not, Or, Term
from kwho.query.match import compile_node
from kwho.query.parse import DEEPEST, parse_query

NOW = 1_767_607_200_000_000


def term(field: str | None, op: str, *values: object, **more: bool) -> Term:
    return Term(field, op, values, **more)  # type: ignore[arg-type]  # short forms for the table below


GET, ALICE = term("verb", "equals", "get"), term("user.username", "equals", "alice")


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("", And(())),
        ("()", And(())),
        ("verb:get", GET),
        ("verb:create,delete", term("verb", "equals", "create", "delete")),
        ("verb!=get", Not(GET)),
        ("-verb:get", Not(GET)),
        ("not verb:get", Not(GET)),
        ("NOT verb:get", Not(GET)),
        ("not not verb:get", Not(Not(GET))),
        ("verb:get user:alice", And((GET, ALICE))),
        ("verb:get AND user:alice", And((GET, ALICE))),
        ("verb:get or user:alice", Or((GET, ALICE))),
        ("verb:get user:alice or verb:get", Or((And((GET, ALICE)), GET))),
        ("verb:get (user:alice or verb:get)", And((GET, Or((ALICE, GET))))),
        ("-(verb:get or user:alice)", Not(Or((GET, ALICE)))),
        ("code:403", term("responseStatus.code", "equals", 403)),
        ("code:4*", term("responseStatus.code", "equals", "4*")),
        ("code>=400", term("responseStatus.code", "gte", 400)),
        ("code<400", term("responseStatus.code", "lt", 400)),
        ("duration>1.5", term("duration", "gt", 1.5)),
        ("ns:null", term("objectRef.namespace", "equals", None)),
        ('ns:"null"', term("objectRef.namespace", "equals", "null")),
        ('ns:""', term("objectRef.namespace", "equals", "")),
        ("ns:a,null", term("objectRef.namespace", "equals", "a", None)),
        ("impersonation:true", term("impersonation", "equals", True)),
        ("ua~^kubectl/(v1|v2)", term("userAgent", "re", "^kubectl/(v1|v2)")),
        ("ip in 10.0.0.0/8,::1", term("source.ip", "cidr", "10.0.0.0/8", "::1/128")),
        ("ip in office,home-2", term("source.zone", "equals", "office", "home-2")),
        (
            "ip in office,::1",
            Or((term("source.zone", "equals", "office"), term("source.ip", "cidr", "::1/128"))),
        ),
        ('time>="2h ago"', term("requestReceivedTimestamp", "gte", NOW - 7_200_000_000)),
        ("time<2026-01-05", term("requestReceivedTimestamp", "lt", NOW - 36_000_000_000)),
        ("time:2026-01-05T10:00:00Z", term("requestReceivedTimestamp", "equals", NOW)),
        ("time:2026-01-*", term("requestReceivedTimestamp", "equals", "2026-01-*")),
        ("time~^2026", term("requestReceivedTimestamp", "re", "^2026")),
        ("secrets", term(None, "contains", "secrets")),
        ('"and"', term(None, "contains", "and")),
        ("a\\*b", term(None, "contains", "a*b")),
        ("a*b", term(None, "equals", "*a*b*")),
        ("*ab*", term(None, "contains", "ab")),
        ("app=web", term(None, "contains", "app=web")),
        ("user|cased:alice", term("user.username", "equals", "alice", cased=True)),
        ("groups|all|cased:a,b", term("user.groups", "equals", "a", "b", every=True, cased=True)),
        ("user|contains:a*", term("user.username", "contains", "a*")),
        ("user|startswith:a", term("user.username", "startswith", "a")),
        ("user|endswith:a", term("user.username", "endswith", "a")),
        ("user|fieldref:name", term("user.username", "fieldref", "objectRef.name")),
        ("user|exists:false", term("user.username", "exists", False)),
        ("user|re:a,b", term("user.username", "re", "a", "b")),
        ("|contains:a,b", term(None, "contains", "a", "b")),
        (
            "annotations.authorization.k8s.io/decision:allow",
            term("annotations.authorization.k8s.io/decision", "equals", "allow"),
        ),
        ("requestObject.spec.replicas>5", term("requestObject.spec.replicas", "gt", 5)),
    ],
)
def test_a_query_reads_as_the_condition_it_spells(text: str, node: Node) -> None:
    assert parse_query(text, now=NOW) == node


def test_the_example_of_the_manual_reads() -> None:
    node = parse_query('verb:create,delete resource:secrets -user:system:* code>=400 time>="2h ago"', now=NOW)
    assert isinstance(node, And)
    assert len(node.nodes) == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("verbs:get", 'character 1: unknown field "verbs"; did you mean "verb"?'),
        ("verb:get nope:x", 'character 10: unknown field "nope"'),
        ("verb=get", 'character 1: "=" compares nothing here; write verb:value'),
        ("code:ALLOW", 'character 6: "responseStatus.code" is an integer and never equals "ALLOW"'),
        ("code>=many", "character 7: "),
        ("impersonation:maybe", "character 15: "),
        ("ip in 10.0.0", 'character 7: "10.0.0" is no address range'),
        ("nope in ::1", 'character 1: unknown field "nope"'),
        ("ua~(", "character 4: regular expression"),
        ('ua~"(" x', "character 4: regular expression"),
        ("(verb:get", 'character 1: this "(" is never closed'),
        ("verb:get)", 'character 9: this ")" closes nothing'),
        ("verb:get or", "character 12: a term is missing here"),
        ("or verb:get", 'character 1: a term is missing before "or"'),
        ("verb:get and and", 'character 14: a term is missing before "and"'),
        ("not", "character 4: a term is missing here"),
        ("(not)", "character 5: a term is missing here"),
        ("user|loud:x", 'character 1: unknown modifier "loud"; known are equals'),
        ("user|contains|startswith:x", "character 1: "),
        ("user|contains>x", "character 1: "),
        ("ua|cased~x", "character 1: a regular expression minds case"),
        ("user|exists:maybe", 'character 13: "exists" takes true or false'),
        ("|equals:null", "character 9: null needs a field"),
        ("time:2026-01-05", "character 6: a time is equal to the microsecond only"),
        ('time>"some day"', 'character 6: "some day" is no time'),
        ("in", 'character 1: a term is missing before "in"'),
    ],
)
def test_what_cannot_mean_anything_is_told_with_place_and_remedy(text: str, message: str) -> None:
    with pytest.raises(InvalidQueryError) as told:
        parse_query(text, now=NOW)
    assert str(told.value).startswith(message)


def test_a_relative_time_without_a_present_is_refused() -> None:
    with pytest.raises(InvalidQueryError, match="counts from the present"):
        parse_query('time>="2h ago"')


def test_nesting_is_bounded() -> None:
    deep = DEEPEST + 1
    for text in ("(" * deep + "a" + ")" * deep, "-" * deep + "a", "not " * deep + "a"):
        with pytest.raises(InvalidQueryError, match="nested deeper than 64 levels"):
            parse_query(text)
    parse_query("(" * 60 + "a" + ")" * 60)


def test_the_number_of_terms_is_bounded() -> None:
    with pytest.raises(InvalidQueryError, match="character 10001: more than 5,000 terms"):
        parse_query("a " * 6_000)


@given(st.text(max_size=40) | st.text(st.sampled_from("verbuscod:!=~<>|()-,*?\\\"' in"), max_size=30))
def test_any_text_is_a_condition_or_a_clear_error(text: str) -> None:
    try:
        node = parse_query(text, now=NOW)
    except InvalidQueryError:
        return
    compile_node(node)
