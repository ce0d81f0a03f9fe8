"""Clockwork keeps its period, chance its rate, watches their life, and everything its order."""

import json
import re
from itertools import islice, pairwise
from random import Random
from statistics import median

import msgspec
import pytest

from kwho.sample.cast import Cast
from kwho.sample.log import START
from kwho.sample.request import Ask, template
from kwho.sample.rhythm import SECOND, Item, Scribe, episodes, periodic, scattered, script, stamp, watching
from kwho.schema.event import Event
from kwho.schema.moment import parse_moment

ALICE = Cast(1).person("alice@example.com")
LOOK = template(ALICE, Ask("list core/pods"))


def test_a_stamp_is_read_back_as_the_same_moment() -> None:
    for moment in (START, START + 1, START + 999_999, START + 86_400 * SECOND):
        assert parse_moment(stamp(moment)) == moment


def test_an_audit_id_is_a_version_4_uuid() -> None:
    pattern = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}"
    assert re.fullmatch(pattern, Scribe(Random(1)).audit_id())


def test_a_name_has_as_many_digits_as_asked() -> None:
    assert all(len(Scribe(Random(seed)).hex(5)) == 5 for seed in range(50))


def test_latencies_are_those_of_a_healthy_server() -> None:
    scribe = Scribe(Random(3))
    taken = sorted(item.stage - item.begin for item in (scribe.write(START, LOOK) for _ in range(2_000)))
    assert 2_000 < median(taken) < 3_000
    assert 12_000 < taken[1_900] < 19_000


@pytest.mark.parametrize("period", [1.0, 2.03, 10.25])
def test_clockwork_keeps_its_period(period: float) -> None:
    begins = [item.begin for item in islice(periodic(Scribe(Random(4)), period, [LOOK], START), 200)]
    assert median(later - earlier for earlier, later in pairwise(begins)) == pytest.approx(period * SECOND, rel=0.02)


def test_the_requests_of_one_turn_come_within_a_moment() -> None:
    begins = [item.begin for item in islice(periodic(Scribe(Random(4)), 30, [LOOK] * 47, START), 47)]
    assert begins == sorted(begins)
    assert begins[-1] - begins[0] < SECOND // 20


def test_chance_keeps_its_rate() -> None:
    begins = [item.begin for item in islice(scattered(Scribe(Random(5)), 4.0, [LOOK], START), 2_000)]
    assert (begins[-1] - START) / SECOND == pytest.approx(500, rel=0.1)


def test_a_watch_starts_at_once_ends_after_minutes_and_opens_again() -> None:
    items = list(islice(watching(Scribe(Random(6)), ALICE, "core/pods", START), 40))
    for started, complete in zip(items[::2], items[1::2], strict=True):
        first, last = (msgspec.json.decode(item.line, type=Event) for item in (started, complete))
        assert (first.stage, last.stage) == ("ResponseStarted", "ResponseComplete")
        assert first.auditID == last.auditID
        assert first.requestReceivedTimestamp == last.requestReceivedTimestamp
        assert 60 <= (complete.stage - complete.begin) / SECOND <= 600
    assert len({json.loads(item.line)["auditID"] for item in items}) == 20


def test_a_script_waits_between_its_requests() -> None:
    items = list(script(Scribe(Random(7)), START, [(1, LOOK), (2, LOOK)]))
    assert [item.begin for item in items] == [START + SECOND, START + 3 * SECOND]


def test_episodes_wait_and_never_overlap() -> None:
    def play(begin: int) -> list[Item]:
        return [Item(begin, begin, b""), Item(begin, begin + 5 * SECOND, b"")]

    begins = [item.begin for item in islice(episodes(START, lambda _: 2.0, play), 4)]
    assert [(begin - START) // SECOND for begin in begins] == [2, 7, 9, 14]
