"""Audit policies as the API server reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwho.policy.model import Request, decide, read_policy

HEAD = "apiVersion: audit.k8s.io/v1\nkind: Policy\n"


def level(rules: str, **request: str) -> str:
    return decide(read_policy("p", f"{HEAD}rules: [{rules}, {{level: Metadata}}]"), _request(**request)).level


def _request(verb: str = "get", **members: str) -> Request:
    groups = tuple(members.pop("groups", "").split())
    return Request(verb=verb, groups=groups, **members)


@pytest.mark.parametrize(
    ("rule", "request_", "matches"),
    [
        ("verbs: [get]", {"verb": "get"}, True),
        ("verbs: [get]", {"verb": "list"}, False),
        ("users: [ana]", {"user": "ana"}, True),
        ("users: [ana]", {}, False),
        ("userGroups: [a, b]", {"groups": "b c"}, True),
        ("userGroups: [a]", {}, False),
        ("namespaces: [shop]", {"resource": "pods", "namespace": "shop"}, True),
        ("namespaces: ['']", {"resource": "nodes"}, True),
        ("namespaces: [shop]", {"path": "/healthz"}, False),
        ("resources: [{group: ''}]", {"resource": "pods"}, True),
        ("resources: [{group: ''}]", {"resource": "jobs", "group": "batch"}, False),
        ("resources: [{group: '*'}]", {"resource": "jobs", "group": "batch"}, True),
        ("resources: [{resources: [pods]}]", {"resource": "pods", "subresource": "exec"}, False),
        ("resources: [{resources: [pods/exec]}]", {"resource": "pods", "subresource": "exec"}, True),
        ("resources: [{resources: ['pods/*']}]", {"resource": "pods", "subresource": "exec"}, True),
        ("resources: [{resources: ['*/exec']}]", {"resource": "pods", "subresource": "exec"}, True),
        ("resources: [{resources: ['*']}]", {"resource": "pods"}, True),
        ("resources: [{resources: [pods], resourceNames: [x]}]", {"resource": "pods", "name": "x"}, True),
        ("resources: [{resources: [pods], resourceNames: [x]}]", {"resource": "pods", "name": "y"}, False),
        ("resources: [{resources: [pods]}]", {"path": "/pods"}, False),
        ("nonResourceURLs: ['/healthz*']", {"path": "/healthz/ping"}, True),
        ("nonResourceURLs: ['*']", {"path": "/x"}, True),
        ("nonResourceURLs: ['/version']", {"path": "/version/"}, False),
        ("nonResourceURLs: ['*']", {"resource": "pods"}, False),
    ],
    ids=str,
)
def test_a_rule_matches_when_every_member_does(rule: str, request_: dict[str, str], matches: bool) -> None:
    assert level(f"{{level: Request, {rule}}}", **request_) == ("Request" if matches else "Metadata")


def test_the_first_rule_decides_and_without_one_nothing_is_recorded() -> None:
    policy = read_policy(
        "p",
        HEAD + "omitStages: [RequestReceived]\nrules:\n- {level: None, users: [ana]}\n"
        "- {level: Request, verbs: [get], omitStages: [ResponseStarted]}\n",
    )
    assert decide(policy, _request(user="ana")).level == "None"
    found = decide(policy, _request())
    assert (found.level, found.omitted, found.rule) == ("Request", ("RequestReceived", "ResponseStarted"), 1)
    missed = decide(policy, _request("list"))
    assert (missed.level, missed.rule) == ("None", None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no valid YAML"),
        ("a: 1", "no audit policy"),
        ("", "no audit policy"),
        (HEAD, "no rules"),
        (HEAD + "rules: [{level: Everything}]", "Everything"),
        (HEAD + "rules: [{level: None, omitStages: [Soon]}]", "Soon"),
        (HEAD + "rules: {}", "p:"),
        (HEAD + "rules: [{verbs: [get]}]", "level"),
    ],
    ids=str,
)
def test_a_broken_policy_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_policy("p", text)


def test_null_lists_and_later_documents_do_not_matter() -> None:
    policy = read_policy("p", HEAD + "omitStages:\nrules: [{level: None, verbs: null}]\n---\n{broken: [")
    assert policy.rules[0].verbs == ()


@given(st.text(max_size=80))
def test_no_text_makes_the_reader_fail_otherwise(text: str) -> None:
    with pytest.raises(ValueError, match="p: "):
        read_policy("p", text)
