"""Parts merge in any order: the sums, tallies and facts of two parts do not depend on which came first."""

import copy
import io
import json
from array import array
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.detect.rule import RuleSet
from kwho.formats.reader import Reader
from kwho.kernel.judge import Judge
from kwho.kernel.map import Mapper, Place
from kwho.kernel.partial import Partial, PartKey, Slowness, slowest
from kwho.kernel.tally import MIXED, Facts, GroupKey, Tally, keep
from kwho.profile.activity import Activity
from kwho.schema.finding import Evidence
from kwho.schema.result import Slow

VALUES = st.sampled_from(["a", "b", None, MIXED])
FACTS = st.builds(Facts, *[VALUES] * len(Facts._fields))


@given(FACTS, FACTS, FACTS)
def test_facts_merge_in_any_order(a: Facts, b: Facts, c: Facts) -> None:
    assert a.merge(b) == b.merge(a)
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(a) == a


@given(st.sets(st.text(max_size=2), max_size=40), st.integers(0, 40))
def test_the_smallest_values_are_kept_and_one_more_tells_of_others(values: set[str], cut: int) -> None:
    listed = list(values)
    first: tuple[str, ...] = ()
    second: tuple[str, ...] = ()
    for found in listed[:cut]:
        first = keep(first, found)
    for found in (*listed[cut:], *listed[:1]):
        second = keep(second, found)
    for found in second:
        first = keep(first, found)
    assert first == tuple(sorted(values)[:11])


ROWS = st.lists(st.tuples(st.integers(0, 200), st.text("ab", max_size=2)), max_size=30)


@settings(max_examples=50)
@given(st.lists(ROWS, min_size=3, max_size=3), st.lists(FACTS, min_size=3, max_size=3))
def test_tallies_merge_in_any_order(found: list[list[tuple[int, str]]], facts: list[Facts]) -> None:
    def tallies() -> Iterator[Tally]:
        for number, (rows, fact) in enumerate(zip(found, facts, strict=True)):
            tally = Tally(fact, f"n{number % 2}", "u", bytes([number]), (), array("I"))
            for row, name in rows:
                tally.enter(array("I", [row]), name, "u", str(row % 7))
                tally.mark([("verb", name)])
            yield tally

    def told(tally: Tally) -> object:
        matches = sorted(zip(tally.rows, tally.values or (), strict=True))
        return tally.facts, tally.name, tally.uri, tally.evidence_at, matches, tally.names, tally.marks

    answers = []
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        parts = list(tallies())
        first = parts[order[0]]
        first.merge(parts[order[1]])
        first.merge(parts[order[2]])
        answers.append(told(first))
    nested = list(tallies())
    nested[1].merge(nested[2])
    nested[0].merge(nested[1])
    assert answers[0] == answers[1] == answers[2] == told(nested[0])


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(1, 9), st.sampled_from("abc")), max_size=30), st.integers(0, 30))
def test_the_slowest_requests_do_not_depend_on_the_order(found: list[tuple[int, float, str]], cut: int) -> None:
    slow = [(key, Slow(seconds, "get", uri, "u", "t")) for key, seconds, uri in found]
    one = Slowness({key for key, _ in slow[:cut]}, slowest(slow[:cut]))
    one.merge(Slowness({key for key, _ in slow[cut:]}, slowest(slow[cut:])))
    assert [what for _, what in one.slowest] == [what for _, what in slowest(slow[::-1])]
    assert one.keys == {key for key, _ in slow}


def _parts(data: bytes, rules: RuleSet, sizes: tuple[int, ...]) -> list[Partial]:
    """The partials of so many records each, as one worker makes them."""
    mapper = Mapper(Judge(rules))
    reader = iter(Reader(io.BytesIO(data).readline))
    return [mapper.map(islice(reader, size), Place(PartKey(0, 0, piece), "x")) for piece, size in enumerate(sizes)]


def _told(partial: Partial) -> dict[str, Any]:
    told: dict[str, Any] = {
        name: getattr(partial, name)
        for name in ("minutes", "first", "last", "unknown_time", "contexts", "reasons", "assumed", "deprecated")
    }
    told["parts"] = {key: (facts.records, facts.decoded, facts.rejected) for key, facts in partial.parts.items()}
    told["activity"] = {name: getattr(partial.activity, name) for name in Activity.__slots__}
    told["findings"] = {
        key: sorted(partial.journal.sighting(row) for row in tally.rows) for key, tally in partial.findings.items()
    }
    return told


def test_partials_merge_in_any_order(event: Callable[..., dict[str, Any]], rule: Callable[..., Any]) -> None:
    rules = RuleSet(rules=(rule("r", "verb:get"), rule("s", "user:bo")))
    events = [
        event(number % 7, at=97 * number, user={"username": "ana" if number % 3 else "bo"},
              annotations={"k8s.io/deprecated": "true"} if number % 4 else None)
        for number in range(30)
    ]  # fmt: skip
    data = b"".join(json.dumps(item).encode() + b"\n" + b"{broken\n" * (item is events[3]) for item in events)
    answers = []
    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0)):
        parts = _parts(data, rules, (10, 10, 11))
        total = Partial()
        for number in order:
            total.merge(copy.deepcopy(parts[number]))
        answers.append(_told(total))
    nested = _parts(data, rules, (10, 10, 11))
    nested[1].merge(nested[2])
    nested[0].merge(nested[1])
    assert answers[0] == answers[1] == answers[2] == _told(nested[0])
    assert answers[0]["activity"]["events"] == 30


def test_evidence_that_is_equal_but_not_the_same_stays_what_it_was() -> None:
    total = Partial()
    for user, value in (("ana", 1), ("bo", True)):
        part, key = Partial(), GroupKey("r", None, user, None, None, None, None, None, None, "success", 0)
        evidence = (Evidence("r", "requestObject.on", value),)
        part.findings[key] = Tally(Facts(*[None] * len(Facts._fields)), None, None, b"", evidence, array("I"))
        total.merge(part)
    assert [type(item.value) for tally in total.findings.values() for item in tally.evidence] == [int, bool]
