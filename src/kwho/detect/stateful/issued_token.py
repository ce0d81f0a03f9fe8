"""A token that a request brought, and where its service account was seen afterwards."""

from typing import Final

from kwho.detect.stateful import Case, Claim, listed
from kwho.schema.moment import HOUR
from kwho.state.access import user_of
from kwho.state.gained import moved
from kwho.state.things.tokens import Token
from kwho.views.situation import Value


class IssuedToken:
    """Tells what the account of a token may do, and whether it turned up at new addresses."""

    kinds = ("tokens",)
    fields: Final = {
        "token.account": "The user name of the account that the token is for.",
        "token.credential": "The id that requests with the token bear (`JTI=…`).",
        "token.usedFrom": "Addresses at which the account was seen from the hour of the request on, and not before.",
        "token.fromCaller": "True when the address of the caller is one of them.",
        "token.grants": "Permissions of the account as of the request, without what all have.",
        "token.clusterGrants": "Those of them that hold in the whole cluster.",
    }

    def tell(self, case: Case) -> Claim:
        """What the token gives, and the traces of its use."""
        fact = case.told.fact
        if not isinstance(fact.content, Token):
            return Claim({})
        user = user_of(fact.thing.namespace, fact.thing.name)
        grants = [grant for grant in case.access.grants(fact.thing.cluster, user, (), case.moment) if grant.own]
        used = moved(case.presence(user), case.told.sighting.time // HOUR)
        values: dict[str, Value] = {
            "token.account": user,
            "token.credential": fact.content.credential,
            "token.usedFrom": listed(used),
            "token.fromCaller": fact.actor.peer in used and fact.actor.effective != user,
            "token.grants": tuple(dict.fromkeys(text for grant in grants for text in grant.permissions)),
            "token.clusterGrants": tuple(
                dict.fromkeys(text for grant in grants if grant.namespace is None for text in grant.permissions)
            ),
        }
        return Claim(values)
