"""The pod that a request enters: what it may do to its node, and what its service account may do in the cluster."""

from typing import Final

from kwho.detect.stateful import Case, Claim, listed
from kwho.state.access import Grant
from kwho.state.remarks import maker
from kwho.state.spec import DEFAULT
from kwho.state.subject import user_of
from kwho.views.situation import Value


class EnteredPod:
    """Tells of the target of an exec, attach, port-forward or ephemeral container."""

    kinds = ("entries",)
    fields: Final = {
        "pod.knowledge": "How well the pod is known: `known`, `partly` (by the prefix of its name, or changed since by "
        "something that no body tells), `gone` or `unknown`.",
        "pod.demands": "What it asks of its node: `privileged`, `hostPID`, `hostIPC`, `hostNetwork`, `hostProcess`.",
        "pod.hostPaths": "Paths of the node that the pod mounts.",
        "pod.capabilities": "Capabilities that containers of the pod add.",
        "pod.account": "The service account of the pod, as `namespace/name`.",
        "pod.node": "The node that the pod was put on.",
        "pod.author": "Who made the pod, or wrote the workload that it is made from.",
        "account.grants": "Permissions of that service account as of the request, as in `grants`; not what all have.",
        "account.clusterGrants": "Those of them that hold in the whole cluster.",
        "account.roles": "Roles that it was bound to, as `Kind/name`.",
    }

    def tell(self, case: Case) -> Claim:
        """What is known of the pod as of the request."""
        thing, at = case.told.fact.thing, case.moment
        answer = case.world.pod(thing.cluster, thing.namespace, thing.name, at)
        values: dict[str, Value] = {"pod.knowledge": answer.knowledge}
        spec = answer.content
        if spec is None:
            return Claim(values)
        account = spec.account or DEFAULT
        grants = list(case.access.own(thing.cluster, user_of(thing.namespace, account), at))
        made = maker(case.world, answer.told.fact.thing if answer.told else thing, spec, at)
        values |= {
            "pod.demands": spec.demands,
            "pod.hostPaths": spec.host_paths,
            "pod.capabilities": spec.capabilities,
            "pod.account": f"{thing.namespace}/{account}",
            "pod.node": spec.node,
            "pod.author": made.user if made is not None else None,
            "account.roles": listed(tuple(dict.fromkeys(grant.role for grant in grants))),
            "account.grants": _permissions(grants),
            "account.clusterGrants": _permissions([grant for grant in grants if grant.namespace is None]),
        }
        return Claim(values)


def _permissions(grants: list[Grant]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for grant in grants for text in grant.permissions))
