"""Whatever stands in a body, a name or a snapshot: facts are told or not, and nothing fails."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kwho.detect.stateful import Case, names, view
from kwho.schema.event import Event
from kwho.schema.record import Context
from kwho.state.access import Access
from kwho.state.fact import Told
from kwho.state.gained import gained, obtainable
from kwho.state.remarks import remarks
from kwho.state.snapshot import read_snapshot
from kwho.state.things import observers
from kwho.state.world import World
from kwho.views import Look

Make = Callable[..., Any]

KEYS = st.sampled_from(
    ["metadata", "spec", "status", "rules", "subjects", "roleRef", "labels", "containers", "template", "webhooks",
     "name", "kind", "namespace", "ownerReferences", "items", "request", "conditions", "path", "op", "value",
     "aggregationRule", "target", "generateName", "serviceAccountName", "volumes", "x",
     "matchConstraints", "matchResources", "resourceRules", "namespaceSelector", "matchLabels", "matchExpressions",
     "matchConditions", "operations", "resources", "operator", "values", "validations", "expression"]
)  # fmt: skip
SCALARS = st.sampled_from([None, True, 0, -1, 1.5, "", "a", "\x1b[2J", "\u0000", "é", "a/b", "*", "system:masters"])
BODIES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))
TARGETS = st.sampled_from(
    ["pods", "pods/binding", "pods/eviction", "pods/ephemeralcontainers", "pods/exec", "roles", "clusterroles",
     "rolebindings", "namespaces", "deployments", "certificatesigningrequests", "certificatesigningrequests/approval",
     "serviceaccounts/token", "validatingwebhookconfigurations", "validatingadmissionpolicies",
     "validatingadmissionpolicybindings", None]
)  # fmt: skip
VERBS = st.sampled_from(["create", "update", "patch", "delete", "deletecollection", "get", None])


class At:
    def __init__(self, number: int) -> None:
        self.time, self.key, self.rank, self.file, self.offset, self.within = number, number, 0, 0, number, 0


def look(verb: Any, target: Any, name: Any, body: Any) -> Look:
    resource, _, subresource = (target or "").partition("/")
    ref = {"resource": resource, "subresource": subresource, "namespace": name, "name": name} if target else None
    event = {"verb": verb, "objectRef": ref, "requestObject": body, "responseObject": body, "user": {"username": name}}
    text = json.dumps({key: value for key, value in event.items() if value is not None}).encode()
    return Look(msgspec.json.decode(text, type=Event), Context("native"))


@given(st.lists(st.tuples(VERBS, TARGETS, st.sampled_from(["", "a", "\x1b", "x" * 999, None]), BODIES), max_size=4))
def test_no_body_makes_anything_fail(requests: list[tuple[Any, ...]]) -> None:
    told = [
        Told(fact, At(number))
        for number, request in enumerate(requests)
        for observer in observers()
        for fact in observer.observe(look(*request))
    ]
    world = World(told)
    access = Access(world)
    keys = range(len(requests))
    assert all(len(sentence) < 5_000 for sentence in remarks(world, keys))
    assert all(isinstance(one.user, str) for one in gained(world, keys))
    assert obtainable(world) is not None
    for item in told:
        for name in names():
            member = view(name)
            if item.fact.thing.kind in member.kinds:
                assert set(member.tell(Case(item, world, access)).values) <= set(member.fields)


@given(
    BODIES | st.builds(lambda items: {"kind": "List", "items": items}, st.lists(BODIES, max_size=3)),
    st.binary(max_size=40),
)
def test_a_snapshot_is_read_or_refused(body: Any, noise: bytes) -> None:
    for data in (json.dumps(body).encode(), noise):
        kinds, refusal = [], "x: "
        try:
            kinds = [told.fact.thing.kind for told in read_snapshot("x", data).told]
        except ValueError as error:
            refusal = str(error)
        assert refusal.startswith("x: ")
        assert all(kinds)
