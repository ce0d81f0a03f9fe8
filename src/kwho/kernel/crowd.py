"""Rules whose matches fall into too many groups: they are told in coarser ones, so that memory has a bound.

Whoever may send requests can choose namespaces, resources and names that nobody has, and each would be a group of its
own. A rule with more than `MOST` groups drops, for all of its matches, what tells them apart: first the target and the
peer, then who it was, then when and where. How coarse a rule becomes depends only on the set of its groups, never on
the order in which they came or on how the input was cut: a part of the groups is never more than all of them.

What correlations are grouped by is what they mean, so their groups stay as they are: of one with more than `MOST` those
with the least checksums are kept, which no order and no cut changes, and the answer says that it is a sample.
"""

import zlib
from collections import Counter
from typing import Final

from kwho.kernel.tally import Findings, GroupKey, LinkKey, Links

MOST: Final = 10_000
"""Groups of the matches of one rule."""
STEP: Final = 10_000
"""Groups that may be added before crowds are looked for again."""
_DROPPED: Final[tuple[dict[str, str | int | None], ...]] = (
    {},
    {"peer": None, "group": None, "resource": None, "subresource": None, "namespace": None},
    {"user": None, "impersonated": None},
    {"hour": 0, "cluster": None},
)
"""What is dropped at each step, in addition to the steps before."""


def thin(tallies: Findings, most: int = MOST) -> bool:
    """Make the groups of crowded rules coarser, until each rule has at most `most`, or nothing is left to drop.

    True when a rule is crowded: then every group that comes later has to go through here as well.
    """
    groups = Counter(key.rule for key in tallies)
    steps: dict[str, int] = {}
    for key in tallies:
        if key.crowd > steps.get(key.rule, 0):
            steps[key.rule] = key.crowd
    for rule in {*steps, *(rule for rule, count in groups.items() if count > most)}:
        keys = [key for key in tallies if key.rule == rule]
        step = steps.get(rule, 0)
        while step < len(_DROPPED) - 1 and len({coarser(key, step) for key in keys}) > most:
            step += 1
        for key in keys:
            if key.crowd != step:
                _move(tallies, key, coarser(key, step))
        steps[rule] = step
    return any(steps.values())


def coarser(key: GroupKey, step: int) -> GroupKey:
    """The group that a group falls into after so many steps."""
    for dropped in _DROPPED[1 + key.crowd : 1 + step]:
        key = key._replace(**dropped)  # type: ignore[arg-type]  # members of a group, by name
    return key._replace(crowd=step) if step else key


def _move(tallies: Findings, old: GroupKey, new: GroupKey) -> None:
    tally = tallies.pop(old)
    held = tallies.get(new)
    if held is None:
        tallies[new] = tally
    else:
        held.merge(tally)


def sift(links: Links, most: int = MOST) -> set[str]:
    """Keep at most `most` groups of each correlation; the ids of those that lost some.

    A group is kept with all that its rules matched, in every stretch of time.
    """
    groups: dict[str, set[tuple[object, ...]]] = {}
    for key in links if len(links) > most else ():
        groups.setdefault(key.correlation, set()).add(_group(key))
    kept = {name: set(sorted(found, key=_rank)[:most]) for name, found in groups.items() if len(found) > most}
    for key in [key for key in links if key.correlation in kept and _group(key) not in kept[key.correlation]]:
        del links[key]
    return set(kept)


def _group(key: LinkKey) -> tuple[object, ...]:
    return key.cluster, key.values


def _rank(group: tuple[object, ...]) -> tuple[int, str]:
    text = repr(group)
    return zlib.crc32(text.encode("utf-8", "surrogatepass")), text
