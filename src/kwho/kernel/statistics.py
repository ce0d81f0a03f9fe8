"""The counts that a person digests, out of what the parts summed up."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from kwho.kernel.columns import Copies
from kwho.kernel.partial import Partial
from kwho.profile.activity import RECEIVED, UNKNOWN_HOUR, Activity
from kwho.profile.recording import Recording
from kwho.schema.moment import HOUR, format_moment
from kwho.schema.result import Activity as Hour
from kwho.schema.result import Statistics, Talker

TOP: Final = 20
"""Names shown per table of statistics."""


def statistics(partial: Partial, copies: Copies, recording: Recording) -> Statistics:
    """The statistics of the answer; tables are ordered by count, then name, and cut at `TOP`."""
    activity = partial.activity
    tables = {name: _fold(activity, name) for name in ("resources", "verbs", "outcomes", "levels")}
    throttled: Counter[str | None] = Counter()
    for operation, events in activity.operations.items():
        if operation.code == _THROTTLED:
            throttled[operation.target] += events
    return Statistics(
        users=_top(activity.users),
        agents=_top(activity.agents),
        peers=_top(activity.peers),
        resources=_top(tables["resources"]),
        verbs=_top(tables["verbs"]),
        outcomes=_top(tables["outcomes"]),
        levels=_top(tables["levels"]),
        distinct={name: _distinct(getattr(activity, name)) for name in ("users", "agents", "peers")}
        | {name: _distinct(table) for name, table in tables.items()},
        activity=tuple(_hours(activity)),
        slow=len(partial.slow.keys),
        slowest=tuple(slow for _, slow in partial.slow.slowest),
        throttled=throttled.total(),
        throttled_resources=_top(throttled),
        deprecated=len(set().union(*partial.deprecated.values())) if partial.deprecated else 0,
        deprecated_apis=_top(Counter({api: len(keys) for api, keys in partial.deprecated.items()})),
        orphans=copies.orphans,
        unknown_time=partial.unknown_time,
        assumed=dict(sorted(partial.assumed.items())),
        damaged=dict(sorted(partial.damaged.items())),
        reasons={f"{kind}: {reason}": records for (kind, reason), records in sorted(partial.reasons.items())},
        policy=recording.sentences(),
    )


_THROTTLED: Final = 429


def _fold(activity: Activity, table: str) -> Counter[str | None]:
    """Events by one member of their operation; what was only received has no outcome yet."""
    folded: Counter[str | None] = Counter()
    for operation, events in activity.operations.items():
        if table == "outcomes" and operation.answer == RECEIVED:
            continue
        value = {
            "resources": operation.target,
            "verbs": operation.verb,
            "outcomes": operation.answer,
            "levels": operation.level,
        }[table]
        folded[value] += events
    return folded


def _top(counts: Counter[str | None]) -> tuple[Talker, ...]:
    ordered = sorted(((name, events) for name, events in counts.items() if events > 0), key=_by_count)
    return tuple(Talker(name, events) for name, events in ordered[:TOP])


def _by_count(item: tuple[str | None, int]) -> tuple[int, bool, str]:
    return -item[1], item[0] is None, item[0] or ""


def _distinct(counts: Counter[str | None]) -> int:
    return sum(1 for events in counts.values() if events > 0)


def _hours(activity: Activity) -> Iterator[Hour]:
    hours: dict[int, dict[str, int]] = {}
    for (hour, answer), events in activity.hours.items():
        if hour != UNKNOWN_HOUR and answer != RECEIVED and events > 0:
            kinds = hours.setdefault(hour, {})
            kind = _KINDS.get(answer, "other")
            kinds[kind] = kinds.get(kind, 0) + events
    for hour in sorted(hours):
        yield Hour(format_moment(hour * HOUR), dict(sorted(hours[hour].items())))


_KINDS: Final = {
    "success": "success",
    "open": "success",
    "dry_run": "success",
    "unauthenticated": "refused",
    "forbidden": "refused",
    "rejected": "refused",
    "failed": "failed",
}
