"""Tokens that are asked for, and the caller's own."""

from typing import Any

import pytest

from kwho.views import token
from kwho.views.token import TokenRequest

REF = {"resource": "serviceaccounts", "subresource": "token", "name": "robot"}


def test_audience_lifetime_and_bound_object_of_a_token_request_are_read(look_at: Any) -> None:
    spec = {"audiences": ["vault"], "expirationSeconds": 864000, "boundObjectRef": {"kind": "Pod", "name": "p"}}
    look = look_at(verb="create", objectRef=REF, requestObject={"kind": "TokenRequest", "spec": spec})
    assert token.token_request(look) == TokenRequest(("vault",), 864000, "Pod/p")


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"spec": []},
        {"spec": {"audiences": "x", "expirationSeconds": "1", "boundObjectRef": []}},
        {"spec": {"expirationSeconds": True}},
    ],
)
def test_malformed_token_requests_read_as_empty(look_at: Any, body: Any) -> None:
    assert token.token_request(look_at(verb="create", objectRef=REF, requestObject=body)) == TokenRequest()


def test_other_objects_are_no_token_requests(look_at: Any) -> None:
    body = {"spec": {"audiences": ["x"]}}
    assert (
        token.token_request(look_at(verb="create", objectRef={"resource": "pods"}, requestObject=body))
        == TokenRequest()
    )
    assert token.token_request(look_at(verb="create", requestObject={"kind": "TokenRequest", **body})) == TokenRequest(
        ("x",)
    )


def test_a_bound_object_without_a_kind_keeps_its_name(look_at: Any) -> None:
    body = {"spec": {"boundObjectRef": {"name": "p"}}}
    assert token.token_request(look_at(verb="create", objectRef=REF, requestObject=body)).bound_to == "/p"


def test_the_callers_credential_is_told_by_its_extra(look_at: Any) -> None:
    look = look_at(user={"username": "a", "extra": {token.CREDENTIAL_ID: ["JTI=1"]}})
    assert token.credential(look, token.CREDENTIAL_ID) == ("JTI=1",)
    assert token.credential(look, token.CREDENTIAL_POD) == ()
    assert token.credential(look_at(), token.CREDENTIAL_ID) == ()
