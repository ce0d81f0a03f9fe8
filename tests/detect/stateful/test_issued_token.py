from collections.abc import Callable
from typing import Any

from kwho.detect.stateful import Case, Place, view
from kwho.schema.moment import HOUR
from kwho.state.access import Access
from kwho.state.gained import Seen
from kwho.state.world import World
from kwho.views.trail import ISSUED

Make = Callable[..., Any]
WEB = "system:serviceaccount:shop:web"
ROLE = {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}]}
BINDING = {
    "roleRef": {"kind": "ClusterRole", "name": "r"},
    "subjects": [{"kind": "ServiceAccount", "namespace": "shop", "name": "web"}],
}


class Known:
    """What is known of one account and of its one token."""

    def __init__(self, seen: frozenset[Seen], *places: Place) -> None:
        self.seen = seen
        self.used = places

    def hours(self, user: str, /) -> frozenset[Seen]:
        return self.seen if user == WEB else frozenset()

    def places(self, cluster: str | None, credential: str | None, /) -> tuple[Place, ...]:
        return self.used if (cluster, credential) == ("c1", "JTI=1") else ()


def asked(event: Make, told: Make, *places: Seen) -> dict[str, Any]:
    facts = [
        *told(event("create", "clusterroles", "r", None, requestObject=ROLE), 1),
        *told(event("create", "clusterrolebindings", "b", None, requestObject=BINDING), 2),
        *told(event("create", "serviceaccounts/token", "web"), 5 * HOUR),
    ]
    found = World(facts)
    return dict(view("issued_token").tell(Case(facts[-1], found, Access(found), Known(frozenset(places)))).values)


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


def test_the_credential_of_the_token_proves_where_it_was_used(event: Make, told: Make) -> None:
    annotations = {"authorization.k8s.io/decision": "allow", ISSUED: "JTI=1"}
    facts = told(event("create", "serviceaccounts/token", "web", annotations=annotations), 5 * HOUR)
    known = Known(frozenset({Seen("10.0.0.1", "web", 5)}), Place("10.9.9.9", "curl", facts[-1].sighting))
    found = World(facts)
    claim = view("issued_token").tell(Case(facts[-1], found, Access(found), known))
    assert claim.values["token.usedFrom"] == ("10.9.9.9",)
    assert (claim.values["token.proved"], claim.values["token.agents"]) == (True, ("curl",))
    assert claim.cites == (facts[-1].sighting,)


def test_what_the_caller_holds_by_name_or_group_is_not_beyond_the_caller(event: Make, told: Make) -> None:
    by_group = {**BINDING, "subjects": [{"kind": "Group", "name": "ops"}]}
    member = {"username": "ana", "groups": ["ops", "system:authenticated"]}
    facts = [
        *told(event("create", "clusterroles", "r", None, requestObject=ROLE), 1),
        *told(event("create", "clusterrolebindings", "b", None, requestObject=BINDING), 2),
        *told(event("create", "clusterrolebindings", "c", None, requestObject=by_group), 3),
        *told(event("create", "serviceaccounts/token", "web"), 4),
        *told(event("create", "serviceaccounts/token", "web", user=member), 5),
    ]
    found = World(facts)
    stranger, own = (
        view("issued_token").tell(Case(fact, found, Access(found), Known(frozenset()))).values for fact in facts[3:]
    )
    assert (stranger["token.beyondCaller"], own["token.beyondCaller"]) == (("list:core/secrets",), ())
