"""The token of a pod that a request was made with: whether its pod still lives, and whether it was on its node."""

from typing import Final

from kwho.detect.stateful import Case, Claim
from kwho.state.fact import Thing, Told
from kwho.state.spec import Spec
from kwho.state.things.uses import Use
from kwho.state.world import Version
from kwho.views.situation import Value

COLLECTOR: Final = "system:serviceaccount:kube-system:pod-garbage-collector"
"""Takes away at once the pods of nodes that are gone."""

_LETTERS: Final = frozenset("bcdfghjklmnpqrstvwxz2456789")
_SUFFIX: Final = 5
_SECOND: Final = 1_000_000


class UsedToken:
    """Tells of the token of a pod what the log knows of the pod and of the address of the caller."""

    kinds = ("uses",)
    fields: Final = {
        "token.pod": "The pod that the token is bound to, as `namespace/name`.",
        "token.node": "The node that the token names, else the one that the pod was put on.",
        "token.usedOnNode": "Another node, whose kubelet alone speaks from the address of the caller.",
        "token.deadSeconds": "Seconds since the kubelet took the pod away for good; absent while it may live.",
    }

    def tell(self, case: Case) -> Claim:
        """What is known of pod and address as of the request."""
        fact = case.told.fact
        if not isinstance(fact.content, Use):
            return Claim({})
        values: dict[str, Value] = {"token.pod": f"{fact.thing.namespace}/{fact.thing.name}"}
        cites = [told for told in (_elsewhere(case, fact.content, values), _dead(case, values)) if told is not None]
        return Claim(values, tuple(told.sighting for told in cites))


def _elsewhere(case: Case, use: Use, values: dict[str, Value]) -> Told | None:
    thing, peer = case.told.fact.thing, case.told.fact.actor.peer
    node = use.node or _placed(case)
    values["token.node"] = node
    found = case.world.sightings.kubelet(thing.cluster, peer, case.told.sighting.time)
    if found is None or node in (None, found.node) or case.world.sightings.is_gateway(thing.cluster, peer):
        return None
    values["token.usedOnNode"] = found.node
    return found.told


def _placed(case: Case) -> str | None:
    """The node that the pod was put on, as far as bodies tell."""
    thing = case.told.fact.thing
    spec = case.world.pod(thing.cluster, thing.namespace, thing.name, case.moment).content
    return spec.node if isinstance(spec, Spec) else None


def _dead(case: Case, values: dict[str, Value]) -> Told | None:
    """The end of the pod: by the kubelet, which waits until nothing runs, and under a name that does not come back."""
    before = [version for version in case.world.history(_pod(case)) if version.moment < case.moment]
    last = before[-1] if before else None
    if last is None or last.knowledge != "gone" or last.told.sighting.time < 0 or not _final(last.told):
        return None
    if not (_is_generated(last.told.fact.thing.name) or any(_made(version) for version in before)):
        return None
    values["token.deadSeconds"] = (case.told.sighting.time - last.told.sighting.time) // _SECOND
    return last.told


def _final(told: Told) -> bool:
    return told.fact.actor.node is not None or told.fact.actor.user == COLLECTOR


def _made(version: Version) -> bool:
    """True where the log tells how a pod of this name came to be: it would tell of the next one too."""
    return version.told.fact.change == "made"


def _is_generated(name: str) -> bool:
    """True for a name that the server completed: such names do not come back."""
    return name[-_SUFFIX - 1 : -_SUFFIX] == "-" and _LETTERS.issuperset(name[-_SUFFIX:])


def _pod(case: Case) -> Thing:
    return case.told.fact.thing._replace(kind="pods")
