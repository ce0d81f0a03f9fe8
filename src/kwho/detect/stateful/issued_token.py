"""A token that a request brought, and where its service account was seen afterwards."""

from collections.abc import Iterable, Iterator
from typing import Final

from kwho.detect.stateful import Case, Claim, listed
from kwho.schema.moment import HOUR
from kwho.state.access import Grant
from kwho.state.fact import groups_of
from kwho.state.gained import moved
from kwho.state.permission import lacking
from kwho.state.subject import user_of
from kwho.state.things.tokens import Token
from kwho.views.situation import Value


class IssuedToken:
    """Tells what the account of a token may do, and whether it turned up at new addresses."""

    kinds = ("tokens",)
    fields: Final = {
        "token.account": "The user name of the account that the token is for.",
        "token.credential": "The id that requests with the token bear (`JTI=…`).",
        "token.usedFrom": "Addresses at which it was used; if unknown, those at which its account is new since.",
        "token.fromCaller": "True when the address of the caller is one of them.",
        "token.proved": "True when the log shows requests with this very token.",
        "token.agents": "What those requests were made with.",
        "token.grants": "Permissions of the account as of the request, without what all have.",
        "token.clusterGrants": "Those of them that hold in the whole cluster.",
        "token.beyondCaller": "Those of these that the caller is not known to hold in the whole cluster.",
    }

    def tell(self, case: Case) -> Claim:
        """What the token gives, and the traces of its use."""
        fact = case.told.fact
        if not isinstance(fact.content, Token):
            return Claim({})
        user = user_of(fact.thing.namespace, fact.thing.name)
        grants = list(case.access.own(fact.thing.cluster, user, case.moment))
        places = case.presence.places(fact.thing.cluster, fact.content.credential)
        proved = tuple(dict.fromkeys(place.peer for place in places))
        used = proved or moved(case.presence.hours(user), case.told.sighting.time // HOUR)
        values: dict[str, Value] = {
            "token.account": user,
            "token.credential": fact.content.credential,
            "token.usedFrom": listed(used),
            "token.fromCaller": fact.actor.peer in used and fact.actor.effective != user,
            "token.proved": bool(places),
            "token.agents": listed(tuple(dict.fromkeys(place.agent for place in places if place.agent))),
            "token.grants": tuple(dict.fromkeys(text for grant in grants for text in grant.permissions)),
            "token.clusterGrants": _everywhere(grants),
            "token.beyondCaller": lacking(_everywhere(_held(case)), _everywhere(grants)),
        }
        return Claim(values, tuple(place.sighting for place in places))


def _held(case: Case) -> Iterator[Grant]:
    """What the caller holds, by name and by the groups that the request bore."""
    actor = case.told.fact.actor
    return case.access.grants(case.told.fact.thing.cluster, actor.effective or "", groups_of(actor), case.moment)


def _everywhere(grants: Iterable[Grant]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for grant in grants if grant.namespace is None for text in grant.permissions))
