from collections.abc import Callable
from typing import Any

from kwho.state.things.tokens import Token
from kwho.views.trail import ISSUED

Make = Callable[..., Any]


def test_an_issued_token_is_found_by_its_credential(event: Make, world: Make) -> None:
    body = {"kind": "TokenRequest", "spec": {"audiences": ["a"], "expirationSeconds": 600}}
    annotations = {"authorization.k8s.io/decision": "allow", ISSUED: "JTI=1"}
    found = world(event("create", "serviceaccounts/token", "web", requestObject=body, annotations=annotations))
    told = found.token("JTI=1")
    assert told.fact.thing == ("tokens", "c1", "shop", "web")
    assert told.fact.content == Token("JTI=1", ("a",), 600)
    assert not told.fact.content.plain
    assert told.fact.content.onto(told.fact.content) is told.fact.content
    assert found.token("JTI=2") is None


def test_what_a_kubelet_asks_for_is_left_out(event: Make, told: Make) -> None:
    node = {"username": "system:node:n1", "groups": ["system:nodes"]}
    assert told(event("create", "serviceaccounts/token", "web", user=node)) == []
