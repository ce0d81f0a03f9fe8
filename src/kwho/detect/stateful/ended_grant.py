"""The binding that a request removes: how long it stood, what it gave, and what its subjects did meanwhile."""

from collections.abc import Iterator
from typing import Final

from kwho.detect.stateful import Case, Claim, listed
from kwho.state.fact import Thing, Told, groups_of
from kwho.state.subject import subject_group, subject_user
from kwho.state.things.bindings import Binding
from kwho.state.world import Version


class EndedGrant:
    """Tells of a binding whose creation the log holds; of what was done only what facts tell."""

    kinds = ("bindings",)
    fields: Final = {
        "grant.seconds": "How many seconds the binding stood.",
        "grant.role": "The role that it gave, as `Kind/name`.",
        "grant.grants": "Permissions of that role as of the removal.",
        "grant.subjects": "The subjects that it gave the role to.",
        "grant.used": "What those subjects did meanwhile: `pods shop/x`, `entries shop/x`, `tokens shop/x` and so on.",
    }

    def tell(self, case: Case) -> Claim:
        """The life of the binding up to the request."""
        thing = case.told.fact.thing
        made, last = self._made(case), case.world.before(thing, case.moment).content
        if case.told.fact.change != "gone" or made is None or not isinstance(last, Binding):
            return Claim({})
        acts = list(_acts(case, made, last))
        permissions, _ = case.access.role(thing.cluster, thing.namespace, last.role or "", case.moment)
        return Claim(
            {
                "grant.seconds": (case.told.sighting.time - made.told.sighting.time) // 1_000_000,
                "grant.role": last.role,
                "grant.grants": permissions,
                "grant.subjects": listed(last.subjects),
                "grant.used": listed(tuple(dict.fromkeys(_label(told) for told in acts))),
            },
            (made.told.sighting, *(told.sighting for told in acts)),
        )

    def _made(self, case: Case) -> Version | None:
        """The last creation of the binding before the request, at a known time."""
        history = case.world.history(case.told.fact.thing)
        before = [version for version in history if version.moment < case.moment and version.told.fact.change == "made"]
        return before[-1] if before and before[-1].told.sighting.time >= 0 else None


def _acts(case: Case, made: Version, binding: Binding) -> Iterator[Told]:
    """What the subjects of a binding did between its creation and the request.

    What members of a group did counts only where RBAC says that this binding allowed it: groups are always at work.
    """
    thing = case.told.fact.thing
    groups = {subject_group(subject) for subject in binding.subjects} - {""}
    users = {subject_user(subject) for subject in binding.subjects} - {""}
    named = [told for user in sorted(users) for told in case.world.acts(user, made.moment, case.moment)]
    allowed = case.world.allowed_by(_name(thing), made.moment, case.moment) if groups else []
    by_group = (told for told in allowed if groups.intersection(groups_of(told.fact.actor)))
    for told in dict.fromkeys(sorted((*named, *by_group), key=lambda told: told.order)):
        if told.fact.thing.cluster == thing.cluster:
            yield told


def _name(thing: Thing) -> str:
    """The binding as RBAC names it."""
    return f"RoleBinding/{thing.namespace}/{thing.name}" if thing.namespace else f"ClusterRoleBinding/{thing.name}"


def _label(told: Told) -> str:
    thing = told.fact.thing
    return f"{thing.kind} {thing.namespace}/{thing.name}" if thing.namespace else f"{thing.kind} {thing.name}"
