"""Events in few words, the facts that they tell, and the world that those make."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pytest

from kwho.query.match import compile_node
from kwho.schema.event import Event
from kwho.schema.record import Context
from kwho.state.fact import Told
from kwho.state.things import conditions, observers
from kwho.state.world import World
from kwho.views import Look

GROUPS = {
    "roles": "rbac.authorization.k8s.io",
    "clusterroles": "rbac.authorization.k8s.io",
    "rolebindings": "rbac.authorization.k8s.io",
    "clusterrolebindings": "rbac.authorization.k8s.io",
    "certificatesigningrequests": "certificates.k8s.io",
    "validatingwebhookconfigurations": "admissionregistration.k8s.io",
    "validatingadmissionpolicies": "admissionregistration.k8s.io",
    "validatingadmissionpolicybindings": "admissionregistration.k8s.io",
    "deployments": "apps",
    "replicasets": "apps",
    "daemonsets": "apps",
    "jobs": "batch",
    "cronjobs": "batch",
}


class At(NamedTuple):
    time: int
    key: int
    rank: int = 0
    file: int = 0
    offset: int = 0
    within: int = 0


def _event(verb: str, target: str, name: str | None = None, namespace: str | None = "shop", **members: Any) -> Look:
    resource, _, subresource = target.partition("/")
    ref = {"resource": resource, "namespace": namespace, "name": name, "subresource": subresource or None}
    whole: dict[str, Any] = {
        "verb": verb,
        "stage": "ResponseComplete",
        "user": {"username": "ana"},
        "sourceIPs": ["192.0.2.7"],
        "userAgent": "kubectl",
        "objectRef": ref | {"apiGroup": GROUPS.get(resource)},
        "responseStatus": {"code": 201 if verb == "create" else 200},
        "annotations": {"authorization.k8s.io/decision": "allow"},
    }
    whole |= members
    text = msgspec.json.encode({key: value for key, value in whole.items() if value is not None})
    return Look(msgspec.json.decode(text, type=Event), Context("native", "c1"))


_CONDITIONS = [compile_node(node) for node in conditions()]


def _told(look: Look, time: int = 0, key: int | None = None, offset: int = 0) -> list[Told]:
    at = At(time, time if key is None else key, offset=offset or time)
    return [
        Told(fact, at)
        for matches, observer in zip(_CONDITIONS, observers(), strict=True)
        if matches(look)
        for fact in observer.observe(look)
    ]


@pytest.fixture(scope="session")
def event() -> Callable[..., Look]:
    """A request by verb, target, name, namespace, and whatever members differ from the usual ones."""
    return _event


@pytest.fixture(scope="session")
def told() -> Callable[..., list[Told]]:
    """The facts that an event tells."""
    return _told


@pytest.fixture(scope="session")
def world() -> Callable[..., World]:
    """The world after some events, one a second from second 1 on."""
    return lambda *looks: World([fact for time, look in enumerate(looks, 1) for fact in _told(look, time)])
