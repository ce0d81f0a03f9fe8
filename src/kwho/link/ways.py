"""Ways from one identity to another: tokens, rights and certificates that were to be had, pods that were entered.

When several opened the way, nobody can tell who went it: then it joins nothing, unless one of them shares the address
of the use, or is the only one who did something grave.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from kwho.link.graph import Tie
from kwho.link.hubs import DAY, Crowd, is_program, same_hand, shares_an_address
from kwho.link.scene import Scene, earlier, latest, makers, within
from kwho.link.trace import GRAVE, Places, Thing, Trace
from kwho.schema.moment import HOUR
from kwho.views.principal import ANONYMOUS
from kwho.views.source import is_public

LASTING: Final = 30 * DAY
"""How long an exact key (credential, gained identity) joins."""
WEEK: Final = 7 * DAY

_REFUSED: Final = ("forbidden", "unauthenticated")
_PLACED: Final = frozenset({"grant", "account", "token"})
"""Ways to identities that whoever sets up a cluster opens all day."""
_GAINED: Final = {
    "token": "a token of {} was to be had, and that account acted afterwards",
    "grant": "{} was given rights, and acted afterwards",
    "certificate": "a certificate in the name of {} was asked for, and that name acted afterwards",
    "account": "{} was made, and acted afterwards",
    "entered": "a pod that runs as {} was entered, and that account acted afterwards",
}


def by_gain(scene: Scene) -> Iterator[Tie]:
    """Somebody opened a way to an identity, and that identity then acted as only he would."""
    gainers = _gainers(scene)
    for at, trace in enumerate(scene.traces):
        if len(trace.users) != 1 or trace.finding.outcome in _REFUSED:
            continue
        user = trace.users[0] or ANONYMOUS
        ways = gainers.get((trace.finding.cluster, user), {})
        near = earlier(list(ways), at)
        likely = {one: ways[one] for one in near if _uses(scene.traces[one], ways[one], trace, scene.places)}
        one = _only(list(likely), at, scene)
        if one is not None:
            yield Tie(one, at, "identity", _GAINED[likely[one]].format(user))


def by_entry(scene: Scene) -> Iterator[Tie]:
    """Somebody entered a pod, and a credential that is bound to the pod then spoke from where no pod would."""
    entries: dict[tuple[str | None, str], list[int]] = {}
    for at, trace in enumerate(scene.traces):
        for pod in trace.entered:
            entries.setdefault((trace.finding.cluster, pod), []).append(at)
    for at, trace in enumerate(scene.traces):
        for pod in trace.pods:
            before = earlier(entries.get((trace.finding.cluster, pod), ()), at)
            one = _only([one for one in before if _follows(scene.traces[one], trace, scene.places)], at, scene)
            if one is not None:
                yield Tie(one, at, "pod", f"pod {pod} was entered, and its identity acted afterwards")


def by_binding(scene: Scene) -> Iterator[Tie]:
    """Somebody wrote a binding, and another acted by it from the same address, as RBAC says.

    The members of a group act by a binding whoever wrote it, so it joins only what comes from the writer's own address.
    """
    made = makers(scene)
    for at, trace in enumerate(scene.traces):
        for binding in trace.allowed:
            cause = latest(made.get((trace.finding.cluster, binding), ()), at, scene)
            if cause is None or not within(scene.traces[cause], trace, LASTING):
                continue
            if same_hand(scene.traces[cause], trace, scene.places):
                yield Tie(cause, at, "identity", f"{_binding(binding)} was written before, and allowed it")


def _binding(thing: Thing) -> str:
    return f"{thing.resource} {thing.name}" + (f" in {thing.namespace}" if thing.namespace else "")


def _gainers(scene: Scene) -> dict[tuple[str | None, str], dict[int, str]]:
    """By cluster and identity: the findings that opened a way to it, in order, and how."""
    crowd = Crowd(scene.traces, lambda trace: [gain.user for gain in trace.gains if gain.how in _PLACED])
    gainers: dict[tuple[str | None, str], dict[int, str]] = {}
    for at, trace in enumerate(scene.traces):
        busy = bool(trace.gains) and crowd.around(trace)
        for gain in trace.gains:
            if not (busy and gain.how in _PLACED):
                gainers.setdefault((trace.finding.cluster, gain.user), {}).setdefault(at, gain.how)
    return gainers


def _uses(gainer: Trace, how: str, trace: Trace, places: Places) -> bool:
    """True when a later act of the gained identity is likely the gainer's.

    Accounts of programs are made and given rights all day: that joins only from the gainer's own address. A token whose
    id is known joins by that id alone, and one that is bound to a pod by the pod.
    """
    if trace.first is None or gainer.first is None or not set(trace.users) - set(gainer.users):
        return False
    since = trace.first - gainer.first
    if same_hand(gainer, trace, places):
        return 0 <= since <= LASTING
    if how == "entered":
        outside = gainer.rank >= GRAVE and not trace.pods and bool(is_public(trace.peer or ""))
        return outside and 0 <= since <= LASTING
    if how in ("grant", "account"):
        return 0 <= since <= WEEK and not any(is_program(user) for user in trace.users)
    shared = shares_an_address(trace.peer, places)
    if how == "certificate":
        return 0 <= since <= WEEK and not shared
    known = bool(gainer.issued and trace.credentials)
    return not known and (0 <= since <= (DAY if is_public(trace.peer or "") else 0 if shared else HOUR))


def _follows(entry: Trace, trace: Trace, places: Places) -> bool:
    """True when the identity of an entered pod acts from the same address, or outside after a grave entry."""
    if entry.first is None or trace.first is None or set(trace.users) <= set(entry.users):
        return False
    outside = entry.rank >= GRAVE and bool(is_public(trace.peer or ""))
    return 0 <= trace.first - entry.first <= LASTING and (outside or same_hand(entry, trace, places))


def _only(likely: Sequence[int], at: int, scene: Scene) -> int | None:
    """The latest of the findings that may have led to another, unless they are of several: then nobody can tell."""
    trace, traces = scene.traces[at], scene.traces
    beside = [one for one in likely if same_hand(traces[one], trace, scene.places)]
    grave = [one for one in likely if traces[one].rank >= GRAVE]
    chosen = beside or grave or likely
    return chosen[-1] if len({traces[one].users for one in chosen}) == 1 else None
