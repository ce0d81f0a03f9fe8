"""Where identities were seen comes from all parts, and only for those that somebody may ask for."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

from kwho.detect.rule import RuleSet
from kwho.formats.reader import Reader
from kwho.kernel.judge import Judge
from kwho.kernel.map import Mapper, Place
from kwho.kernel.partial import PartKey
from kwho.kernel.presence import Presence
from kwho.state.gained import Seen

Make = Callable[..., Any]
HOUR = 491_002  # 2026-01-05T10


class Held:
    """The tables of some parts, counting how often one is fetched."""

    def __init__(self, *logs: list[dict[str, Any]]) -> None:
        self.fetched = 0
        self.tables = {}
        for number, events in enumerate(logs):
            key = PartKey(number, 0)
            data = b"".join(json.dumps(event).encode() + b"\n" for event in events)
            partial = Mapper(Judge(RuleSet())).map(Reader(BytesIO(data).readline), Place(key, "x"))
            columns = partial.parts[key].columns
            assert columns is not None
            self.tables[key] = columns.table

    def table(self, part: PartKey) -> bytes:
        self.fetched += 1
        return self.tables[part]

    def partition(self, part: PartKey, number: int) -> bytes:
        raise AssertionError((part, number))


def test_places_of_all_parts_are_gathered_once(event: Make) -> None:
    held = Held(
        [event(1), event(2, at=3_600, sourceIPs=["10.0.0.9"])],
        [event(3), event(4, user={"username": "bo"}), event(5, requestReceivedTimestamp="yesterday")],
    )
    presence = Presence(sorted(held.tables), held, {"ana"})
    assert presence.hours("ana") == {
        Seen("10.0.0.7", "kubectl/v1.34", HOUR),
        Seen("10.0.0.9", "kubectl/v1.34", HOUR + 1),
    }
    assert presence.hours("bo") == frozenset()
    assert held.fetched == 2


def test_nothing_is_read_when_nobody_is_wanted(event: Make) -> None:
    held = Held([event(1)])
    assert Presence(sorted(held.tables), held, ()).hours("ana") == frozenset()
    assert held.fetched == 0
