"""The whole log, for questions about the log itself: what the user's filter left out is counted in again."""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import msgspec

from kwho.kernel.columns import PARTITIONS, decode_partition, decode_table
from kwho.kernel.partial import PartKey
from kwho.profile.activity import Activity


class Columnar(Protocol):
    """Where the columns of the parts are held: memory or a spill."""

    def partition(self, part: PartKey, number: int) -> bytes:
        """One encoded partition of one part."""
        ...

    def table(self, part: PartKey) -> bytes:
        """The encoded table of signatures of one part."""
        ...


def entire(judged: Activity, order: Sequence[PartKey], columns: Columnar, dropped: Sequence[Counter[int]]) -> Activity:
    """The counts of all events, each once; `judged` holds those that the filter let through.

    `dropped` counts, per part in `order`, copies by the number of their signature. One part is in memory at a time.
    """
    found = Activity()
    found.merge(judged)
    for part, copies in zip(order, dropped, strict=True):
        table = decode_table(columns.table(part))
        if all(table.judged()):
            continue
        events = _events(part, columns)
        for number, signature in enumerate(table.signatures()):
            if not signature.judged:
                found.add(signature._replace(judged=True), events[number] - copies[number])
    return found


def _events(part: PartKey, columns: Columnar) -> Counter[int]:
    """Events of one part by number of signature."""
    numbers: Counter[int] = Counter()
    for partition in range(PARTITIONS):
        members = msgspec.structs.astuple(decode_partition(columns.partition(part, partition)))
        for column in members[1::2]:
            numbers.update(memoryview(column).cast("I"))
    events: Counter[int] = Counter()
    for number, count in numbers.items():
        events[number >> 1] += count
    return events
