"""The role that a written binding gives: what it grants, whatever it is called."""

from typing import Final

from kwho.detect.stateful import Case, Claim, listed
from kwho.state.things.bindings import Binding


class BoundRole:
    """Tells of the binding that a request wrote, as it was after the request."""

    kinds = ("bindings",)
    fields: Final = {
        "role.name": "The role of the binding, as `Kind/name`, also where the request does not repeat it.",
        "role.grants": "Permissions of the role as of the request, aggregated roles included.",
        "role.knowledge": "How well the role is known: `known`, `partly`, `gone`, `unknown`, or `default` for what "
        "Kubernetes ships it with.",
        "binding.clusterWide": "True when the binding holds in the whole cluster.",
        "binding.subjects": "Subjects of the binding after the request.",
        "binding.added": "Subjects that the binding did not have before.",
    }

    def tell(self, case: Case) -> Claim:
        """What the binding gives to whom."""
        thing = case.told.fact.thing
        after, before = case.world.at(thing, case.moment).content, case.world.before(thing, case.moment).content
        if not isinstance(after, Binding) or not after.role:
            return Claim({})
        known = before.subjects if isinstance(before, Binding) else ()
        permissions, knowledge = case.access.role(thing.cluster, thing.namespace, after.role, case.moment)
        return Claim(
            {
                "role.name": after.role,
                "role.grants": permissions,
                "role.knowledge": knowledge,
                "binding.clusterWide": thing.namespace is None,
                "binding.subjects": listed(after.subjects),
                "binding.added": listed(tuple(subject for subject in after.subjects if subject not in known)),
            }
        )
