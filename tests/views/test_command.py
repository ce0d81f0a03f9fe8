"""The command of an exec or attach."""

from typing import Any

import pytest

from kwho.views import command

URI = "/api/v1/namespaces/a/pods/p/exec?command=sh&container=c&command=-c&command=cat+%2Fetc%2Fshadow&stdin=true"


@pytest.mark.parametrize("verb", ["get", "create"])
@pytest.mark.parametrize("subresource", ["exec", "attach"])
def test_arguments_are_decoded_in_order_whatever_the_verb(look_at: Any, verb: str, subresource: str) -> None:
    look = look_at(verb=verb, requestURI=URI, objectRef={"resource": "pods", "subresource": subresource})
    assert command.argv(look) == ("sh", "-c", "cat /etc/shadow")
    assert command.command(look) == "sh -c cat /etc/shadow"


@pytest.mark.parametrize(
    "ref",
    [
        None,
        {"resource": "pods"},
        {"resource": "pods", "subresource": "log"},
        {"resource": "nodes", "subresource": "exec"},
    ],
)
def test_other_requests_run_no_command(look_at: Any, ref: Any) -> None:
    look = look_at(requestURI=URI, objectRef=ref)
    assert command.argv(look) == ()
    assert command.command(look) is None
