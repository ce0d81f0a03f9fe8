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
from kwho.kernel.tally import CITED, MIXED, Facts, Sighting, Tally, keep, prune
from kwho.profile.activity import Activity
from kwho.schema.result import Slow

VALUES = st.sampled_from(["a", "b", None, MIXED])
FACTS = st.builds(Facts, *[VALUES] * len(Facts._fields))


def sightings() -> st.SearchStrategy[list[Sighting]]:
    """Looks at requests: the time of a request is the same in all looks at it, and no two looks stand in one place."""
    looks = st.tuples(st.integers(0, 8), st.integers(0, 3), st.integers(0, 200))
    return st.lists(looks, max_size=30, unique_by=lambda look: look[2]).map(
        lambda found: [
            Sighting(key // 3, key, rank, offset % 3, 0, offset, 0, 1, "s", "i") for key, rank, offset in found
        ]
    )


@given(FACTS, FACTS, FACTS)
def test_facts_merge_in_any_order(a: Facts, b: Facts, c: Facts) -> None:
    assert a.merge(b) == b.merge(a)
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(a) == a


@given(sightings(), st.integers(0, 30), st.randoms())
def test_citations_are_the_same_whatever_was_pruned_before(found: list[Sighting], cut: int, chance: Any) -> None:
    shuffled = chance.sample(found, len(found))
    assert prune(prune(shuffled[:cut]) + prune(shuffled[cut:])) == prune(found)
    assert prune(prune(found)) == prune(found)


def test_at_most_a_thousand_citations_are_kept_and_the_best_look_at_each_request() -> None:
    many = [Sighting(time, time, 1, 0, 0, time, 0, 1, None, None) for time in range(3 * CITED)]
    assert [sighting.time for sighting in prune(many)] == [*range(CITED), *range(2 * CITED, 3 * CITED)]
    poor, rich = many[0], many[0]._replace(rank=0, offset=9)
    assert prune([poor, rich]) == prune([rich, poor]) == [rich]


@given(st.sets(st.text(max_size=2), max_size=40), st.integers(0, 40))
def test_the_smallest_values_are_kept_and_one_more_tells_of_others(values: set[str], cut: int) -> None:
    listed = list(values)
    first: list[str] = []
    second: list[str] = []
    for found in listed[:cut]:
        keep(first, found)
    for found in (*listed[cut:], *listed[:1]):
        keep(second, found)
    for found in second:
        keep(first, found)
    assert first == sorted(values)[:11]


@settings(max_examples=50)
@given(st.lists(sightings(), min_size=3, max_size=3, unique_by=repr), st.lists(FACTS, min_size=3, max_size=3))
def test_tallies_merge_in_any_order(found: list[list[Sighting]], facts: list[Facts]) -> None:
    def tallies() -> Iterator[Tally]:
        for number, (looks, fact) in enumerate(zip(found, facts, strict=True)):
            tally = Tally(fact, f"n{number % 2}", "u", (number,), ())
            for look in looks:
                tally.add(look._replace(file=number), number, look.key)
                keep(tally.names, str(look.offset))
            yield tally

    def told(tally: Tally) -> object:
        matches = sorted(zip(tally.times, tally.keys, tally.flags, tally.values, strict=True))
        return tally.facts, tally.name, tally.uri, tally.evidence_at, matches, prune(tally.cited), tally.names

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


def test_a_tally_of_many_matches_holds_few_positions() -> None:
    tally = Tally(Facts(*[None] * len(Facts._fields)), None, None, (0,), ())
    for number in range(20 * CITED):
        tally.add(Sighting(number, number, 0, 0, 0, number, 0, 1, None, None), 0)
    assert len(tally.cited) <= 8 * CITED + 1
    assert tally.keys == array("q", range(20 * CITED))


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
    told["findings"] = {key: (sorted(tally.keys), prune(tally.cited)) for key, tally in partial.findings.items()}
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
