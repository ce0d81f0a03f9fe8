"""What every join looks at, and how findings with the same key are tied in order of time."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from kwho.link.graph import Tie
from kwho.link.trace import Places, Thing, Trace

LOOKED: Final = 40
"""Earlier findings that are looked at for what may have led to one, the latest of them."""


class Scene(NamedTuple):
    """All traces in order of time, and who was seen where."""

    traces: Sequence[Trace]
    places: Places


Join = Callable[[Scene], Iterator[Tie]]
Makers = dict[tuple[str | None, Thing], list[int]]


def chain(members: list[int], pause: int, why: tuple[str, str], scene: Scene) -> Iterator[Tie]:
    """Ties between neighbours in time, unless too long a pause lies between them; unknown times join the first.

    `why` is the kind of the tie and the sentence about it.
    """
    newest: int | None = None
    for one, other in pairwise(members):
        before, after = scene.traces[one], scene.traces[other]
        if before.last is not None:
            newest = before.last if newest is None else max(newest, before.last)
        if after.first is None:
            yield Tie(members[0], other, *why)
        elif newest is not None and after.first - newest <= pause:
            yield Tie(one, other, *why)


def earlier(found: Sequence[int], at: int) -> Sequence[int]:
    """The numbers below `at` in a sorted list, the latest of them when there are many."""
    end = bisect_left(found, at)
    return found[max(0, end - LOOKED) : end]


def within(one: Trace, other: Trace, span: int) -> bool:
    """True when a finding begins at most `span` after an earlier one ended."""
    if one.first is None or one.last is None or other.first is None:
        return False
    return other.first - max(one.first, min(one.last, other.first)) <= span


def makers(scene: Scene) -> Makers:
    """The findings that wrote an object, by cluster and object."""
    made: Makers = {}
    for at, trace in enumerate(scene.traces):
        for thing in trace.made:
            made.setdefault((trace.finding.cluster, thing), []).append(at)
    return made


def latest(candidates: Sequence[int], at: int, scene: Scene) -> int | None:
    """The latest of the earlier findings that is somebody else's."""
    users = scene.traces[at].users
    return next((one for one in reversed(earlier(candidates, at)) if scene.traces[one].users != users), None)
