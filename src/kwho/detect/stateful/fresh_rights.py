"""The service account of a written pod or workload, and the rights that somebody else gave it shortly before."""

from collections.abc import Iterator
from typing import Final

from kwho.detect.stateful import Case, Claim, listed
from kwho.schema.moment import HOUR
from kwho.state.access import Grant
from kwho.state.fact import Told
from kwho.state.spec import Spec
from kwho.state.subject import user_of

FRESH: Final = HOUR
"""Microseconds for which a grant is fresh."""


class FreshRights:
    """Tells of bindings that another identity wrote within the hour before the request."""

    kinds = ("pods", "templates")
    fields: Final = {
        "account.name": "The service account of the written pod or workload, as `namespace/name`.",
        "account.freshBindings": "Bindings that name it, or the accounts of its namespace, written within the hour "
        "before: `namespace/name` or `name`.",
        "account.freshBy": "Who wrote those bindings; never who wrote the pod or workload.",
        "account.freshGrants": "Permissions that those bindings give.",
    }

    def tell(self, case: Case) -> Claim:
        """The rights that are fresh, by other hands."""
        fact = case.told.fact
        spec = case.world.at(fact.thing, case.moment).content
        if not isinstance(spec, Spec) or not spec.account:
            return Claim({})
        user = user_of(fact.thing.namespace, spec.account)
        found = list(_fresh(case, user))
        return Claim(
            {
                "account.name": f"{fact.thing.namespace}/{spec.account}",
                "account.freshBindings": listed(tuple(_label(grant) for grant, _ in found)),
                "account.freshBy": listed(tuple(dict.fromkeys(told.fact.actor.effective or "" for _, told in found))),
                "account.freshGrants": tuple(dict.fromkeys(text for grant, _ in found for text in grant.permissions)),
            },
            tuple(told.sighting for _, told in found),
        )


def _fresh(case: Case, user: str) -> Iterator[tuple[Grant, Told]]:
    own, time = case.told.fact.actor.effective, case.told.sighting.time
    for grant in case.access.own(case.told.fact.thing.cluster, user, case.moment):
        told = case.world.at(grant.binding, case.moment).told if grant.binding is not None else None
        if told is not None and 0 <= time - told.sighting.time <= FRESH and told.fact.actor.effective != own:
            yield grant, told


def _label(grant: Grant) -> str:
    name = grant.binding.name if grant.binding is not None else ""
    return f"{grant.namespace}/{name}" if grant.namespace else name
