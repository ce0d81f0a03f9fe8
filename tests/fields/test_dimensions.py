"""Fields of a dimension read from nothing but the key of that dimension."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.fields import Field
from kwho.fields.dimensions import DECIDED
from kwho.schema.event import Event, ObjectRef, Status, User
from kwho.schema.record import Context
from kwho.views import Look

KEY: dict[str, Any] = {
    "verb": "create",
    "stage": "ResponseComplete",
    "level": "Request",
    "objectRef": {"resource": "pods", "subresource": "exec", "apiGroup": "g", "name": "p"},
    "responseStatus": {"code": 403, "message": "x"},
    "annotations": {"authorization.k8s.io/decision": "allow"},
    "user": {"username": "system:serviceaccount:a:b", "groups": ["g"]},
    "impersonatedUser": {"username": "c"},
    "userAgent": "kubectl",
    "sourceIPs": ["10.0.0.1", "203.0.113.9"],
}


def test_every_field_of_a_dimension_reads_its_part(look_at: Any) -> None:
    look = look_at(**KEY)
    assert {row.name: row.read(look) for row in DECIDED} == {
        "verb": "create",
        "stage": "ResponseComplete",
        "level": "Request",
        "objectRef.resource": "pods",
        "objectRef.subresource": "exec",
        "objectRef.apiGroup": "g",
        "responseStatus.code": 403,
        "answer": "rejected",
        "target": "pods/exec",
        "target.kind": "g/pods/exec",
        "decision": "allow",
        "impersonation": True,
        "user.username": "system:serviceaccount:a:b",
        "user.groups": ("g",),
        "principal.kind": "service_account",
        "principal.namespace": "a",
        "principal.name": "b",
        "userAgent": "kubectl",
        "userAgent.family": "kubectl",
        "source.ip": "203.0.113.9",
        "source.public": True,
        "source.network": "203.0.113.0/24",
    }


def reduced(event: Event, dimension: str | None) -> Event:
    """The event with nothing left but the key of one dimension."""
    if dimension == "user":
        user = event.user or User()
        return Event(user=User(username=user.username, groups=user.groups))
    if dimension == "agent":
        return Event(userAgent=event.userAgent)
    if dimension == "peer":
        return Event(sourceIPs=event.sourceIPs[-1:] if event.sourceIPs else None)
    ref, status = event.objectRef or ObjectRef(), event.responseStatus
    early = status is not None and status.message == "Connection closed early"
    decision = (event.annotations or {}).get("authorization.k8s.io/decision")
    return Event(
        verb=event.verb,
        stage=event.stage,
        level=event.level,
        objectRef=ObjectRef(resource=ref.resource, subresource=ref.subresource, apiGroup=ref.apiGroup),
        responseStatus=None if status is None else Status(code=status.code, message=status.message if early else None),
        annotations={"authorization.k8s.io/decision": decision} if decision is not None else None,
        impersonatedUser=User() if event.impersonatedUser is not None else None,
    )


WORD = st.none() | st.sampled_from(
    ["watch", "exec", "All", "allow", "system:anonymous", "10.0.0.1", "Connection closed early"]
)
WORDS = st.none() | st.lists(st.sampled_from(["system:nodes", "10.0.0.1", "203.0.113.9"]), max_size=3).map(tuple)
EVENTS = st.builds(
    Event,
    verb=WORD,
    stage=st.none() | st.sampled_from(["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"]),
    level=WORD,
    requestURI=st.none() | st.just("/debug/pprof/x?dryRun=All"),
    userAgent=WORD,
    sourceIPs=WORDS,
    user=st.none() | st.builds(User, username=WORD, groups=WORDS, uid=WORD),
    impersonatedUser=st.none() | st.builds(User, username=WORD),
    objectRef=st.none() | st.builds(ObjectRef, resource=WORD, subresource=WORD, apiGroup=WORD, name=WORD),
    responseStatus=st.none() | st.builds(Status, code=st.none() | st.sampled_from([0, 101, 200, 403]), message=WORD),
    annotations=st.none()
    | st.fixed_dictionaries(
        {},
        optional={
            "authorization.k8s.io/decision": st.just("allow"),
            "authentication.openshift.io/decision": st.just("deny"),
        },
    ),
)


@pytest.mark.parametrize("row", DECIDED, ids=lambda row: row.name)
@given(event=EVENTS)
@settings(max_examples=15)
def test_a_field_depends_on_nothing_outside_its_dimension(row: Field, event: Event) -> None:
    context = Context("native")
    assert row.dimension is not None
    assert row.read(Look(event, context)) == row.read(Look(reduced(event, row.dimension), context))
    assert msgspec.json.encode(event)
