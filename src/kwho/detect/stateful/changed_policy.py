"""An admission policy, or a binding of one, before and after a request."""

from typing import Final

from kwho.detect.stateful import Case, Claim
from kwho.state.things.policies import Policy
from kwho.views.admission import narrowed


class ChangedPolicy:
    """Tells by what a written policy refuses less than before; nothing when the former one is unknown."""

    kinds = ("policies",)
    fields: Final = {
        "policy.narrowed": "By what it looks at fewer requests than before: `rules`, `excludeResourceRules`, "
        "`namespaceSelector`, `objectSelector`, `matchConditions`, `matchPolicy`.",
        "policy.relaxed": "True when a failure refused requests before, and lets them pass now, or when Deny is gone.",
        "policy.checksRemoved": "How many checks it has lost, when it has only lost some.",
    }

    def tell(self, case: Case) -> Claim:
        """The difference that the request made."""
        thing = case.told.fact.thing
        former = case.world.before(thing, case.moment)
        after, before = case.world.at(thing, case.moment).content, former.content
        if not isinstance(after, Policy) or not isinstance(before, Policy) or former.told is None:
            return Claim({})
        ignored = after.failure == "Ignore" and before.failure != "Ignore"
        undenied = "Deny" in (before.actions or ()) and "Deny" not in (after.actions or ())
        return Claim(
            {
                "policy.narrowed": tuple(narrowed(before.matching, after.matching)),
                "policy.relaxed": ignored or undenied,
                "policy.checksRemoved": _lost(before, after),
            }
        )


def _lost(before: Policy, after: Policy) -> int:
    had, has = before.validations or (), after.validations or ()
    return len(had) - len(has) if set(has) <= set(had) and len(has) < len(had) else 0
