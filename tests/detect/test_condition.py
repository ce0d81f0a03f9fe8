"""Sigma detections as syntax trees."""

from collections.abc import Callable

import pytest
from sigma.rule import SigmaRule

from kwho.detect.condition import POLICY, read_condition
from kwho.detect.document import Document, read_documents
from kwho.errors import InvalidRuleError
from kwho.query.ast import Node, Term
from kwho.query.unparse import unparse

Write = Callable[..., str]


@pytest.fixture(scope="session")
def read(write_rule: Write) -> Callable[[str], Node]:
    def reads(detection: str) -> Node:
        (document,) = read_documents("r.yaml", write_rule(detection))
        assert isinstance(document, Document)
        return read_condition(document, SigmaRule.from_dict(document.data, policy=POLICY).detection)

    return reads


Read = Callable[[str], Node]


@pytest.mark.parametrize(
    ("selection", "query"),
    [
        ("verb: get", "verb:get"),
        ("verb: [get, list]", "verb:get,list"),
        ("verb: [get, get]", "verb:get"),
        ("verb: get\n  user: a", "verb:get user.username:a"),
        ("- verb: get\n  - user: a", "verb:get or user.username:a"),
        ("- verb: get\n    user: a\n  - user: b", "(verb:get user.username:a) or user.username:b"),
        ("user: 'a*'", "user.username:a*"),
        ("user: 'a\\*b'", "user.username:a\\*b"),
        ("user: null", "objectRef.x"),
        ("user: []", "user.username:null"),
        ("user: [null, a]", "user.username:null,a"),
        ("user: ''", 'user.username:""'),
        ("user: 12", "user.username:12"),
        ("user: true", "user.username:true"),
        ("user|cased: A", "user.username|cased:A"),
        ("user|contains: a", "user.username|contains:a"),
        ("user|contains: 'a*b'", "user.username:*a*b*"),
        ("user|contains: ['a*b', c]", "user.username:*a*b*,*c*"),
        ("user|contains: '*a*'", "user.username|contains:a"),
        ("user|contains: ''", 'user.username|contains:""'),
        ("user|contains: 'a\\*'", "user.username|contains:a*"),
        ("user|startswith: a", "user.username|startswith:a"),
        ("user|startswith: 'a?'", "user.username:a?*"),
        ("user|endswith: a", "user.username|endswith:a"),
        ("user|endswith: 'a?'", "user.username:*a?"),
        ("user|contains|cased: A", "user.username|contains|cased:A"),
        ("user|cased|contains: A", "user.username|contains|cased:A"),
        ("groups|all: [a, b]", "user.groups|all:a,b"),
        ("groups|contains|all: [a, b]", "user.groups|contains|all:a,b"),
        ("groups|all: [a]", "user.groups:a"),
        ("user|re: '^a.*\\d$'", 'user.username~"^a.*\\\\d$"'),
        ("user|re|i: '^a'", 'user.username~"(?i)^a"'),
        ("user|re|i|m|s: '^a'", 'user.username~"(?ims)^a"'),
        ("user|re: ['a', 'b?']", "user.username|re:a,b?"),
        ("ip|cidr: 10.0.0.0/8", "source.ip in 10.0.0.0/8"),
        ("user|exists: true", "user.username|exists:true"),
        ("user|exists: false", "user.username|exists:false"),
        ("code: 403", "responseStatus.code:403"),
        ("code: '403'", "responseStatus.code:403"),
        ("code: 4*", "responseStatus.code:4*"),
        ("code|gte: 400", "responseStatus.code>=400"),
        ("code|lt: 400", "responseStatus.code<400"),
        ("user|fieldref: name", "user.username|fieldref:objectRef.name"),
        ("user|cased|fieldref: name", "user.username|fieldref|cased:objectRef.name"),
        ("impersonation: true", "impersonation:true"),
        ("annotations.a.b/c: x", "annotations.a.b/c:x"),
    ],
)
def test_a_selection_reads_as_terms(read: Read, selection: str, query: str) -> None:
    node = read(f"sel:\n  {selection}\ncondition: sel")
    assert unparse(node) == (query if "objectRef.x" not in query else "user.username:null")


@pytest.mark.parametrize(
    ("keywords", "query"),
    [
        ("[foo, bar]", "|contains:foo,bar"),
        ("[foo]", "foo"),
        ("foo", "foo"),
        ("['fo*o']", "fo*o"),
        ("[5]", "5"),
        ("{'|re': '^x'}", "|re:^x"),
        ("{'|all': [foo, bar]}", "|contains|all:foo,bar"),
    ],
)
def test_keywords_are_words_without_a_field(read: Read, keywords: str, query: str) -> None:
    assert unparse(read(f"words: {keywords}\ncondition: words")) == query


@pytest.mark.parametrize(
    ("condition", "query"),
    [
        ("a", "verb:a"),
        ("(a)", "verb:a"),
        ("not (not ((a)))", "not verb!=a"),
        ("((a and (b)) or (not (b_1)))", "(verb:a verb:b) or verb!=1"),
        ("a and (1 of b_* or not all of b_*)", "verb:a ((verb:1 or verb:2) or not (verb:1 verb:2))"),
        ("a and b", "verb:a verb:b"),
        ("a or b_1 and not b_2", "verb:a or (verb:1 verb!=2)"),
        ("not (a or b_1)", "not (verb:a or verb:1)"),
        ("1 of b_*", "verb:1 or verb:2"),
        ("all of b_*", "verb:1 verb:2"),
        ("any of b_*", "verb:1 or verb:2"),
        ("1 of a*", "verb:a"),
        ("a and not 1 of b_*", "verb:a not (verb:1 or verb:2)"),
        ("1 of them", "verb:a or verb:b or verb:1 or verb:2"),
        ("all of them", "verb:a verb:b verb:1 verb:2"),
        ("[a, b]", "verb:a or verb:b"),
    ],
)
def test_conditions_join_selections(read: Read, condition: str, query: str) -> None:
    selections = "a: {verb: a}\nb: {verb: b}\nb_1: {verb: 1}\nb_2: {verb: 2}"
    assert unparse(read(f"{selections}\ncondition: {condition}")) == query


def test_every_term_cites_its_selection(read: Read) -> None:
    node = read("made:\n  - verb: create\n  - verb: update\ncondition: made")
    assert not isinstance(node, Term)
    assert [part.clause for part in getattr(node, "nodes")] == ["made", "made"]  # noqa: B009  any of two kinds


@pytest.mark.parametrize(
    ("detection", "message"),
    [
        ("sel:\n  verb: get\n  verbs: get\ncondition: sel", 'r.yaml:8: unknown field "verbs"; did you mean "verb"?'),
        (
            "sel:\n  code: ALLOW\ncondition: sel",
            'r.yaml:7: "responseStatus.code" is an integer and never equals "ALLOW"',
        ),
        ("sel:\n  - verb: get\n  - code: no\ncondition: sel", "r.yaml:8: "),
        ("sel:\n  user|wide: a\ncondition: sel", 'r.yaml:7: modifier "wide" is not supported; known are '),
        ("sel:\n  user|neq: a\ncondition: sel", 'r.yaml:7: modifier "neq" is not supported'),
        ("sel:\n  user|re|contains: a\ncondition: sel", "r.yaml:7: re (anchor it"),
        ("sel:\n  user|fieldref|contains: name\ncondition: sel", "r.yaml:7: re (anchor it"),
        ("sel:\n  user|fieldref: names\ncondition: sel", 'r.yaml:7: unknown field "names"'),
        ("sel: {verb: get}\ncondition: nope", 'r.yaml:7: the condition names "nope", but no selection'),
        ("sel: {verb: get}\ncondition: 1 of nope*", 'r.yaml:7: "1 of nope*" names no selection'),
        ("sel: {verb: get}\ncondition: sel and", 'r.yaml:7: condition "sel and": '),
        ("sel: {verb: get}\ncondition: sel | count() > 5", "r.yaml:7: condition "),
        ("sel: {verb: get}\ncondition: 5", "r.yaml:7: a condition is one line"),
        ("sel: {verb: get}\ncondition: " + "(" * 30 + "sel" + ")" * 30, "r.yaml:7: a condition is one line"),
        ("words: [null]\ncondition: words", "r.yaml:6: null needs a field"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(read: Read, detection: str, message: str) -> None:
    with pytest.raises(InvalidRuleError) as told:
        read(detection)
    assert str(told.value).startswith(message)
