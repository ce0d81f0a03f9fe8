"""Sentences about what a scan could not know or had to bound."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from kwho.kernel.crowd import MOST as GROUPS
from kwho.kernel.partial import Partial
from kwho.profile.activity import MOST, UNKNOWN_HOUR, Activity
from kwho.schema.moment import HOUR, format_moment

LONELY: Final = 30 * 24
"""Hours of nothing that make the events beyond them lonely."""
FEW: Final = 0.01
"""Share of all events up to which those at an end of the span can be lonely."""


def notes(partial: Partial) -> Iterator[str]:
    """What could not be known, and what had to be bounded."""
    activity = partial.activity
    if partial.unknown_time:
        yield f"events without a believable time, which are judged but stand outside the span: {partial.unknown_time}"
    for table, events in sorted(activity.others.items()):
        yield f"events with names beyond the {MOST} {table} that are counted by name: {events}"
    yield from partial.pending.notes()
    if partial.sampled:
        yield f"correlations with more than {GROUPS} groups, of which a sample is followed: {len(partial.sampled)}"
    yield from _lonely(activity)


def _lonely(activity: Activity) -> Iterator[str]:
    """Few events at either end of the span, far from all others: they may bear a wrong time."""
    hours: Counter[int] = Counter()
    for (hour, _), events in activity.hours.items():
        hours[hour] += events
    known = sorted(hour for hour, events in hours.items() if hour != UNKNOWN_HOUR and events > 0)
    limit = FEW * sum(hours[hour] for hour in known)
    for ordered, side in ((known, "before"), (known[::-1], "after")):
        alone = 0
        for near, far in pairwise(ordered):
            alone += hours[near]
            if alone > limit:
                break
            if abs(far - near) > LONELY:
                yield (
                    f"events that stand alone {side} {format_moment(far * HOUR)}, {abs(far - near) // 24} days "
                    f"from all others, and may bear a wrong time: {alone}"
                )
                break
