from collections.abc import Callable
from typing import Any

from kwho.detect.stateful import Case, view
from kwho.schema.moment import HOUR
from kwho.state.access import Access
from kwho.state.gained import Seen
from kwho.state.world import World

Make = Callable[..., Any]
WEB = "system:serviceaccount:shop:web"
ROLE = {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}]}
BINDING = {
    "roleRef": {"kind": "ClusterRole", "name": "r"},
    "subjects": [{"kind": "ServiceAccount", "namespace": "shop", "name": "web"}],
}


def asked(event: Make, told: Make, *places: Seen) -> dict[str, Any]:
    facts = [
        *told(event("create", "clusterroles", "r", None, requestObject=ROLE), 1),
        *told(event("create", "clusterrolebindings", "b", None, requestObject=BINDING), 2),
        *told(event("create", "serviceaccounts/token", "web"), 5 * HOUR),
    ]
    found = World(facts)
    presence = {WEB: frozenset(places)}
    return dict(view("issued_token").tell(Case(facts[-1], found, Access(found), presence.__getitem__)).values)


def test_what_the_token_gives_is_told(event: Make, told: Make) -> None:
    found = asked(event, told)
    assert found["token.account"] == WEB
    assert found["token.grants"] == found["token.clusterGrants"] == ("list:core/secrets",)
    assert (found["token.usedFrom"], found["token.fromCaller"]) == ((), False)


def test_a_new_address_after_the_request_is_told_and_whether_it_is_the_callers(event: Make, told: Make) -> None:
    at_home, at_callers = Seen("10.0.0.1", "web", 4), Seen("192.0.2.7", "curl", 5)
    found = asked(event, told, at_home, at_home._replace(hour=6), at_callers)
    assert (found["token.usedFrom"], found["token.fromCaller"]) == (("192.0.2.7",), True)
    assert asked(event, told, at_callers._replace(hour=3), at_callers)["token.fromCaller"] is False
    assert asked(event, told, at_callers._replace(peer="10.9.9.9"))["token.fromCaller"] is False
