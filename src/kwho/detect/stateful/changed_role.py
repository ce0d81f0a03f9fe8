"""A role before and after a request, and who holds it."""

from typing import Final

from kwho.detect.stateful import Case, Claim, listed
from kwho.state.things.roles import Role


class ChangedRole:
    """Tells what a written role allows now that it did not allow before; nothing when the former role is unknown."""

    kinds = ("roles",)
    fields: Final = {
        "grants.added": "Permissions that the role did not have before.",
        "grants.removed": "Permissions that the role has no more.",
        "role.holders": "Subjects to whom a binding gives the role.",
    }

    def tell(self, case: Case) -> Claim:
        """The difference that the request made."""
        thing = case.told.fact.thing
        after, before = case.world.at(thing, case.moment).content, case.world.before(thing, case.moment).content
        if not isinstance(after, Role) or not isinstance(before, Role) or before.capped:
            return Claim({})
        had, has = set(before.permissions), set(after.permissions)
        return Claim(
            {
                "grants.added": tuple(text for text in after.permissions if text not in had),
                "grants.removed": tuple(text for text in before.permissions if text not in has),
                "role.holders": listed(case.access.holders(thing, case.moment)),
            }
        )
