"""Workloads: the template that their pods are made from, and who wrote it."""

from collections.abc import Iterator
from typing import Final

from kwho.state.fact import Fact
from kwho.state.spec import read_spec
from kwho.state.things import CHANGED, actor, change, subject_of
from kwho.views import Look

_GROUPS: Final = {
    "deployments": "apps",
    "daemonsets": "apps",
    "statefulsets": "apps",
    "replicasets": "apps",
    "replicationcontrollers": "",
    "jobs": "batch",
    "cronjobs": "batch",
    "deploymentconfigs": "apps.openshift.io",
}


class Templates:
    """Finds facts about workloads, each named with its resource: `deployments/web`."""

    kind = "templates"
    condition = f"target:{','.join(_GROUPS)} {CHANGED}"
    resources = tuple((group, resource) for resource, group in _GROUPS.items())

    def observe(self, look: Look) -> Iterator[Fact]:
        """The workload that is written or deleted."""
        ref = look.event.objectRef
        found = subject_of(look, self.kind, f"{ref.resource if ref is not None else ''}/")
        if found is not None:
            yield Fact(found, look.see(change), actor(look), read_spec(look))
