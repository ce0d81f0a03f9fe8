"""An exclusion must be narrow: who exactly, which verb, which resource."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwho.detect.narrow import MOST, too_broad
from kwho.query.ast import And, Node, Not, Or, Term
from kwho.query.match import compile_node
from kwho.query.parse import parse_query
from kwho.schema.event import Event, ObjectRef, User
from kwho.schema.record import Context
from kwho.views import Look

WHO = "user:ana@example.com"
WHAT = "verb:get target:secrets"


@pytest.mark.parametrize(
    "query",
    [
        f"{WHO} {WHAT}",
        f"{WHO} {WHAT} ns:shop ua:restic*",
        "user:ana@example.com,bob@example.com verb:get,list resource:secrets,configmaps",
        f'user:"system:serviceaccount:backup:agent" groups:"system:serviceaccounts:backup" {WHAT}',
        f"groups:on-call {WHAT} ns:shop",
        f"{WHO} verb:get uri.path:/metrics",
        f"({WHO} {WHAT}) or (user:bob@example.com verb:list target:pods)",
        f"{WHO} {WHAT} -user.username:*ana*",
        f"{WHO} {WHAT} user.uid|exists:true",
        f"{WHO} {WHAT} source.ip in 10.0.0.0/8",
        f'user:"system:kube-scheduler" ip:127.0.0.1 {WHAT}',
        f'user:"system:kube-scheduler" ip in control-plane {WHAT}',
        f'user:"system:apiserver" groups:"system:masters" {WHAT}',
    ],
)
def test_a_narrow_exclusion_passes(query: str) -> None:
    assert too_broad(parse_query(query)) is None


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (WHAT, "does not say who"),
        (f"ua:trivy {WHAT}", "does not say who"),
        (f'groups:"system:authenticated" {WHAT}', "does not say who"),
        (f"-user:eve {WHAT}", "does not say who"),
        (f"user:ana* {WHAT}", "a part or a pattern"),
        (f"user|startswith:ana {WHAT}", "a part or a pattern"),
        (f"user|endswith:@example.com {WHAT}", "a part or a pattern"),
        (f"user|contains:ana {WHAT}", "a part or a pattern"),
        (f"user~^ana$ {WHAT}", "a part or a pattern"),
        (f"{WHO} groups:oncall-* {WHAT}", "a part or a pattern"),
        (f"{WHO} principal.name:b* {WHAT}", "a part or a pattern"),
        (f"user:null {WHAT}", "a part or a pattern"),
        (f'user:"system:kube-scheduler" {WHAT}', "a certificate may bear any name"),
        (f'user:"system:serviceaccount:backup:agent" {WHAT}', "a certificate may bear any name"),
        (f'user:"eks:foo" {WHAT}', "a certificate may bear any name"),
        (f'user:"system:kube-scheduler" groups:"system:authenticated" {WHAT}', "a certificate may bear any name"),
        (f'user:"system:serviceaccount:a:b" groups:"system:serviceaccounts" {WHAT}', "a certificate may bear any name"),
        (f'user:"system:kube-scheduler" -ip:10.0.0.1 {WHAT}', "a certificate may bear any name"),
        (f"{WHO} target:secrets", "which verb"),
        (f"{WHO} verb:* target:secrets", "which verb"),
        (f"{WHO} verb:get", "which resource"),
        (f"{WHO} verb:get ns:shop", "which resource"),
        (f"{WHO} verb:get target:*", "which resource"),
        (f"({WHO} {WHAT}) or ua:trivy", "does not say who"),
        (f"{WHO} {WHAT} source.claimed:10.0.0.1", "what the client claims"),
        (f"{WHO} {WHAT} sourceIPs:10.0.0.1", "what the client claims"),
        (f"{WHO} {WHAT} restic", "a word without a field"),
        ("", "does not say who"),
    ],
)
def test_a_broad_exclusion_is_refused_with_the_reason(query: str, said: str) -> None:
    assert said in (too_broad(parse_query(query)) or "")


def test_an_exclusion_that_can_hold_in_too_many_ways_is_refused() -> None:
    pairs = [Or((Term("verb", "equals", (f"a{n}",)), Term("verb", "equals", (f"b{n}",)))) for n in range(20)]
    assert f"more than {MOST} ways" in (too_broad(And((*pairs, parse_query(f"{WHO} {WHAT}")))) or "")
    assert "no way" in (too_broad(Or(())) or "")


TERMS = st.sampled_from(
    [Term("user.username", "equals", (name,)) for name in ("ana", "bob")]
    + [Term("verb", "equals", (verb,)) for verb in ("get", "list")]
    + [Term("target", "equals", (target,)) for target in ("secrets", "pods")]
)
NODES = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.tuples(inner, inner)),
        st.builds(Or, st.tuples(inner, inner)),
    ),
    max_leaves=8,
)


@given(NODES, st.sampled_from(["get", "list", "watch"]), st.sampled_from(["secrets", "pods", "nodes"]))
def test_a_narrow_exclusion_never_excuses_a_stranger(node: Node, verb: str, resource: str) -> None:
    event = Event(verb=verb, user=User(username="eve"), objectRef=ObjectRef(resource=resource))
    if too_broad(node) is None:
        assert not compile_node(node)(Look(event, Context("native")))
