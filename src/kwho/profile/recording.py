"""What the log records: for which resources and verbs, at which level and stages, with bodies or without."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from kwho.profile.activity import Operation
from kwho.schema.event import LEVELS

WRITES: Final = frozenset({"create", "update", "patch"})
SHOWN: Final = 6
"""Resources named per level in the sentences about the policy."""


class Recording:
    """The operations of a log, to be asked what of them is there."""

    def __init__(self, operations: Counter[Operation]) -> None:
        self._operations = [(operation, events) for operation, events in operations.items() if events > 0]
        self._on: dict[str | None, list[tuple[Operation, int]]] = {}
        for operation, events in self._operations:
            self._on.setdefault(operation.resource, []).append((operation, events))

    def within(self, verbs: Iterable[str], resources: Iterable[str]) -> Iterator[tuple[Operation, int]]:
        """The operations on any of `resources` with any of `verbs`; empty means any.

        A resource is `resource`, `resource/subresource`, `resource/*`, or either with its API group and a slash before.
        """
        wanted, places = frozenset(verbs), tuple(resources)
        # Clients choose the names of resources, so there may be many: a place is looked up, not searched.
        named = sorted({part for place in places for part in place.split("/")})
        near = (found for name in named for found in self._on.get(name, ())) if places else self._operations
        for operation, events in near:
            if wanted and operation.verb not in wanted:
                continue
            if places and not any(covers(place, operation) for place in places):
                continue
            yield operation, events

    def sentences(self) -> tuple[str, ...]:
        """The audit policy as far as the log shows it."""
        return tuple(self._levels()) + tuple(self._stages())

    def _levels(self) -> Iterator[str]:
        highest: dict[str, int] = {}
        weight: Counter[str] = Counter()
        for operation, events in self._operations:
            name = operation.target or "non-resource requests"
            level = LEVELS.index(operation.level) if operation.level in LEVELS else 0
            highest[name] = max(highest.get(name, 0), level)
            weight[name] += events
        for level in (3, 2, 1):
            names = sorted((name for name in highest if highest[name] == level), key=lambda name: (-weight[name], name))
            if names:
                more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
                yield f"{LEVELS[level]} for {', '.join(names[:SHOWN])}{more}"

    def _stages(self) -> Iterator[str]:
        stages: Counter[str | None] = Counter()
        for operation, events in self._operations:
            stages[operation.stage] += events
        if stages and not stages["RequestReceived"]:
            yield "RequestReceived omitted"
        if stages and not stages["ResponseStarted"]:
            yield "ResponseStarted not seen"


def covers(place: str, operation: Operation) -> bool:
    """True when an operation is on `place`."""
    if operation.resource is None:
        return False
    group = operation.group or "core"
    target = operation.target or ""
    names = (target, f"{group}/{target}", f"{operation.resource}/*", f"{group}/{operation.resource}/*")
    return place in names
