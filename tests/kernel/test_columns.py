"""Keys and signatures of parts, compared at the end."""

from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.kernel.columns import (
    PARTITIONS,
    Copies,
    Partition,
    Parts,
    compare,
    decode_partition,
    encode_partition,
    search,
)
from kwho.kernel.express import among

Event = tuple[int, int, int, bool]
"""Stage (number of its column), key, number of the signature, and whether it has a body."""

EVENTS = st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 5), st.integers(0, 3), st.booleans()), max_size=12)


def encoded(events: list[Event]) -> list[bytes]:
    columns = [[(array("q"), array("I")) for _ in range(PARTITIONS)] for _ in range(4)]
    for stage, key, number, body in events:
        keys, numbers = columns[stage][key & 63]
        keys.append(key)
        numbers.append(number << 1 | body)
    return [encode_partition(pieces) for pieces in zip(*columns, strict=True)]


def compared(*parts: list[Event], started: set[int] | None = None, files: Sequence[int] = ()) -> Copies:
    held = [encoded(part) for part in parts]
    one, other = (
        compare(
            Parts(files or [0] * len(parts), lambda part, number: held[part][number], lambda _, number: f"{number}"),
            started or set(),
            None,
            (),
            way,
        )
        for way in (search, among)
    )
    assert one == other
    return one


@given(EVENTS, EVENTS, st.randoms())
def test_which_copy_counts_depends_on_no_order(one: list[Event], other: list[Event], chance: Any) -> None:
    mixed = [*one, *other]
    chance.shuffle(mixed)
    cut = chance.randint(0, len(mixed))
    found, again = compared(one, other).dropped, compared(mixed[:cut], mixed[cut:]).dropped
    assert found[0] + found[1] == again[0] + again[1]


def test_a_partition_is_read_back() -> None:
    partition = decode_partition(encoded([(0, 64, 3, True), (3, -64, 1, False)])[0])
    assert memoryview(partition.finals).cast("q").tolist() == [64]
    assert memoryview(partition.final_numbers).cast("I").tolist() == [7]
    assert memoryview(partition.rest).cast("q").tolist() == [-64]
    assert partition.started == partition.received == b""


def test_a_partition_without_events_takes_no_room() -> None:
    assert set(encoded([])) == {b""}
    assert decode_partition(b"") == Partition(*[b""] * 8)


def test_of_copies_the_first_with_a_body_stays_else_the_first() -> None:
    assert compared([(0, 1, 0, False)], [(0, 1, 1, False)]).dropped == [Counter(), Counter({1: 1})]
    assert compared([(0, 1, 0, False)], [(0, 1, 1, True)]).dropped == [Counter({0: 1}), Counter()]
    found = compared([(0, 1, 0, True), (0, 1, 0, True)], [(0, 1, 1, False)])
    assert found.dropped == [Counter({0: 1}), Counter({1: 1})]
    assert found.outlived == {1}
    assert compared([(1, 1, 0, False), (1, 1, 0, True)]).outlived == set()


def test_stages_of_one_request_are_no_copies_and_one_request() -> None:
    found = compared([(1, 1, 0, False), (2, 1, 1, False)], [(0, 1, 2, False), (1, 2, 0, False)], started={1})
    assert found.dropped == [Counter(), Counter()]
    assert found.requests == {0: 2}
    assert (found.orphans, found.superseded) == (1, {1})


@settings(max_examples=40)
@given(st.lists(EVENTS, min_size=1, max_size=4))
def test_the_sums_do_not_depend_on_where_the_parts_were_cut(parts: list[list[Event]]) -> None:
    whole = [event for part in parts for event in part]
    cut, joined = compared(*parts, started=set(range(-5, 6))), compared(whole, started=set(range(-5, 6)))
    total: Counter[Any] = sum(cut.dropped, Counter())
    assert total == joined.dropped[0]
    assert total.total() == len(whole) - len({event[:2] for event in whole})
    assert cut.requests[0] == joined.requests[0] == len({key for _, key, _, _ in whole})
    assert (cut.orphans, cut.superseded, cut.outlived) == (joined.orphans, joined.superseded, joined.outlived)


@given(st.lists(EVENTS, min_size=1, max_size=4), st.lists(st.integers(0, 2), min_size=4, max_size=4).map(sorted))
def test_a_request_is_counted_in_the_first_file_that_has_it(parts: list[list[Event]], files: list[int]) -> None:
    seen: set[int] = set()
    expected: Counter[int] = Counter()
    for file, events in zip(files, parts, strict=False):
        keys = {key for _, key, _, _ in events}
        expected[file] += len(keys - seen)
        seen |= keys
    assert compared(*parts, files=files[: len(parts)]).requests == expected


def test_only_the_end_of_a_request_takes_the_place_of_its_beginning() -> None:
    begun, ended, panicked = (2, 1, 0, False), (0, 1, 1, False), (3, 1, 2, False)
    for events, superseded, outlasted in (
        ([begun, ended], {1}, set()),
        ([begun, panicked], set(), {1}),
        ([begun, panicked, ended], {1}, set()),
        ([panicked], set(), set()),
    ):
        found = compared(events, started={1})
        assert (found.superseded, found.outlasted) == (superseded, outlasted)


KEYS = st.lists(st.integers(-3, 3) | st.integers(-(2**63), 2**63 - 1), max_size=200)


@given(KEYS, st.booleans(), KEYS)
def test_keys_are_found_where_they_stand_in_both_ways(keys: list[int], apart: bool, others: list[int]) -> None:
    keys = list(dict.fromkeys(keys)) if apart else keys
    asked = [*others, *keys]
    found = (way(array("q", keys).tobytes(), array("q", asked).tobytes()) for way in (search, among))
    one, other = (None if places is None else list(places) for places in found)
    assert one == other
    assert (one is None) == (len(set(keys)) < len(keys))
    if one is not None:
        assert [keys[place - 1] if place else None for place in one] == [key if key in keys else None for key in asked]


def test_a_request_whose_end_is_in_a_later_file_counts_in_the_first() -> None:
    begun, ended, other = (2, 64, 0, False), (0, 64, 1, False), (0, 128, 1, False)
    found = compared([other], [begun], [ended], files=[0, 1, 2])
    assert found.requests == Counter({0: 1, 1: 1})


def test_what_the_filter_left_out_takes_nobody_s_place() -> None:
    held = encoded([(2, 1, 0, False), (0, 1, 1, False), (2, 2, 1, False), (3, 2, 0, False)])
    for judged, superseded, outlasted in ((b"\1\1", {1}, {2}), (b"\1\0", set(), set()), (b"\0\1", set(), {2})):
        found = compare(Parts([0], lambda _, number: held[number], lambda _, number: number), {1, 2}, [judged])
        assert (found.superseded, found.outlasted) == (superseded, outlasted)
