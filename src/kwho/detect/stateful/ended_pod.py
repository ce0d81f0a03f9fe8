"""The life of a pod that a request ends: how long it was, who made it, who entered it."""

from typing import Final

from kwho.detect.stateful import Case, Claim, listed
from kwho.state.spec import Spec
from kwho.state.world import Version


class EndedPod:
    """Tells of the pod that a request deletes, when the log holds its beginning."""

    kinds = ("pods",)
    fields: Final = {
        "pod.seconds": "How many seconds the pod lived.",
        "pod.owned": "True when the pod was made for another object, such as a ReplicaSet.",
        "pod.ways": "Ways that were opened into it: `exec`, `attach`, `portforward`, `ephemeralcontainers`.",
        "pod.hands": "Who made, entered and deleted it, each name once.",
        "pod.handCount": "How many names those are.",
    }

    def tell(self, case: Case) -> Claim:
        """The life of the pod up to the request."""
        fact, at = case.told.fact, case.moment
        made = self._made(case)
        if made is None or made.told.sighting.time < 0:
            return Claim({})
        spec = made.content
        thing = fact.thing
        entries = [
            (entry, told)
            for entry, told in case.world.entries(thing.cluster, thing.namespace, thing.name)
            if made.moment < told.moment < at
        ]
        tolds = (made.told, *(told for _, told in entries))
        hands = tuple(dict.fromkeys(told.fact.actor.effective or "" for told in (*tolds, case.told)))
        return Claim(
            {
                "pod.seconds": (case.told.sighting.time - made.told.sighting.time) // 1_000_000,
                "pod.owned": bool(spec.owners) if isinstance(spec, Spec) else None,
                "pod.ways": tuple(dict.fromkeys(entry.way for entry, _ in entries)),
                "pod.hands": listed(hands),
                "pod.handCount": len(hands),
            },
            tuple(told.sighting for told in tolds),
        )

    def _made(self, case: Case) -> Version | None:
        """The last creation of the pod before the request."""
        history = case.world.history(case.told.fact.thing)
        before = [version for version in history if version.moment < case.moment and version.told.fact.change == "made"]
        return before[-1] if before else None
