"""Where credentials were used and what was left unanswered: bounded, and the same for any cut and order."""

import io
import json
from array import array
from collections.abc import Callable
from itertools import islice
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.detect.rule import RuleSet
from kwho.formats.reader import Reader
from kwho.kernel import witness as module
from kwho.kernel.journal import Sighting
from kwho.kernel.judge import Judge
from kwho.kernel.map import Mapper, Place
from kwho.kernel.partial import PartKey
from kwho.kernel.witness import (
    CREDENTIALS,
    HOURS,
    KINDS,
    NODES,
    PEERS,
    UNANSWERED,
    Asked,
    Credential,
    Kind,
    Leap,
    Spot,
    Stretch,
    Ticking,
    Use,
    Witness,
)


def credential(number: int) -> Credential:
    return Credential(None, f"JTI={number}", "u", None, number % 3)


def sighting(offset: int, time: int = 0) -> Sighting:
    return Sighting(time, offset, 1, 0, 0, offset, 0, 1, "s", f"i{offset}")


def asked(offset: int, time: int = 0) -> Asked:
    return Asked(sighting(offset, time), None, "u", "human", None, "patch", (None, "pods", None, None), "/x")


USES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30), st.integers(0, 99)), max_size=80)


def told(*parts: list[tuple[int, int, int]]) -> Witness:
    """The parts, each noted on its own and then merged."""
    whole = Witness()
    for part in parts:
        noted = Witness()
        for number, peer, offset in part:
            noted.use(credential(number), f"p{peer:02d}", Use(sighting(offset), None))
        noted.prune()
        whole.merge(noted)
    return whole


@given(USES, st.integers(0, 80), st.randoms())
def test_any_cut_and_order_remembers_the_same(uses: list[tuple[int, int, int]], cut: int, chance: Any) -> None:
    shuffled = chance.sample(uses, len(uses))
    assert told(uses).uses == told(shuffled[:cut], shuffled[cut:]).uses == told(shuffled[cut:], shuffled[:cut]).uses


@settings(max_examples=5)
@given(st.randoms())
def test_of_many_credentials_the_same_sample_is_kept(chance: Any) -> None:
    module_bound, module.CREDENTIALS = module.CREDENTIALS, 10  # type: ignore[misc]  # a smaller bound for the test
    try:
        uses = [(number, 0, number) for number in range(60)]
        shuffled = chance.sample(uses, len(uses))
        first, second = told(uses), told(shuffled[:20], shuffled[20:])
    finally:
        module.CREDENTIALS = module_bound  # type: ignore[misc]
    assert first.uses == second.uses
    assert len(first.uses) == 10


def test_the_bounds_are_what_they_say() -> None:
    many = Witness()
    for number in range(3 * PEERS):
        many.use(credential(1), f"p{number:02d}", Use(sighting(number), None))
    many.prune()
    assert sorted(many.uses[credential(1)]) == [f"p{number:02d}" for number in range(PEERS)]
    many.asked = {number: asked(number, number) for number in range(UNANSWERED + 5)}
    many.prune()
    assert sorted(many.asked) == list(range(UNANSWERED))
    assert CREDENTIALS >= 10_000


def test_the_first_use_at_a_peer_by_place_is_cited() -> None:
    found = told([(1, 1, 7), (1, 1, 3)], [(1, 1, 5)])
    assert found.uses[credential(1)]["p01"].sighting.offset == 3


def test_what_is_answered_is_forgotten() -> None:
    kept = Witness(asked={number: asked(number) for number in (1, 2, 3)})
    kept.forget([[(array("q", [1]), array("I"))], [(array("q", [3]), array("I"))]])
    assert list(kept.asked) == [2]


IDS = ("JTI=1", "JTI=2", "X509SHA256=a", None)
REQUESTS = st.tuples(
    st.sampled_from(IDS), st.sampled_from(["10.0.0.1", "10.0.0.2", "203.0.113.9"]), st.integers(0, 3), st.booleans()
)


def _events(found: list[tuple[str | None, str, int, bool]], event: Callable[..., Any]) -> list[Any]:
    """Patches with credentials in several hours, each received and, when it says so, answered."""
    made = []
    for number, (identity, ip, hour, answered) in enumerate(found):
        extra = {"authentication.kubernetes.io/credential-id": [identity]} if identity else {}
        extra |= {"authentication.kubernetes.io/pod-name": ["p"]} if identity == "JTI=1" else {}
        user = {"username": "system:serviceaccount:a:b", "extra": extra}
        members = {"user": user, "sourceIPs": [ip], "verb": "patch"}
        made.append(event(number, 3_600 * hour + number, stage="RequestReceived", **members))
        if answered:
            made.append(event(number, 3_600 * hour + number, **members))
    return made


@settings(max_examples=60, deadline=None)
@given(st.lists(REQUESTS, max_size=12), st.lists(st.integers(1, 9), max_size=6))
def test_parts_of_any_size_remember_the_same(
    event: Callable[..., Any], found: list[tuple[str | None, str, int, bool]], sizes: list[int]
) -> None:
    data = b"".join(json.dumps(made).encode() + b"\n" for made in _events(found, event))
    mapper = Mapper(Judge(RuleSet()))

    def mapped(cuts: list[int]) -> Witness:
        reader = iter(Reader(io.BytesIO(data).readline))
        whole = Witness()
        for piece, size in enumerate(cuts):
            whole.merge(mapper.map(islice(reader, size), Place(PartKey(0, 0, piece), "x")).witness)
        return whole

    one, many = mapped([100]), mapped([*sizes, 100])
    assert one.uses == many.uses
    assert one.levels == many.levels
    assert set(one.asked) == {key for key, request in many.asked.items() if key in one.asked}
    lost = sum(not answered for *_, answered in found)
    assert len(one.asked) == lost


def test_an_identity_with_nothing_extra_has_no_credential(scan: Callable[..., Any], event: Callable[..., Any]) -> None:
    empty = [{}, {"authentication.kubernetes.io/credential-id": []}, {"x": ["y"]}, None]
    events = [event(number, user={"username": "ana", "extra": extra}) for number, extra in enumerate(empty)]
    assert scan(*events).input.events == 4


def test_the_edges_of_a_level_are_cited_by_the_first_request_of_their_hours() -> None:
    kind, found = Kind(None, True, "create", "pods"), Witness()
    for hour, offset in ((5, 50), (9, 90), (5, 40), (9, 95), (7, 70)):
        found.record(kind, hour, sighting(offset))
    stretch = found.levels[kind]
    assert (stretch.first, stretch.last, stretch.hours) == (5, 9, frozenset({5, 7, 9}))
    assert (stretch.begun.offset, stretch.ended.offset) == (40, 90)


def test_levels_of_few_kinds_and_hours_are_kept() -> None:
    many = Witness()
    for number in range(KINDS + 5):
        many.record(Kind(None, True, "create", f"r{number:05d}"), number, sighting(number))
    for hour in range(3 * HOURS):
        many.record(Kind(None, True, "create", "r00000"), hour, sighting(hour))
    many.prune()
    assert len(many.levels) == KINDS
    assert sorted(many.levels[Kind(None, True, "create", "r00000")].hours) == list(range(HOURS))


LEAPT = st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 9), st.integers(0, 60)), max_size=90)


@given(LEAPT, st.integers(0, 90), st.randoms())
def test_clocks_are_remembered_the_same_by_any_cut_and_order(
    found: list[tuple[int, int, int]], cut: int, chance: Any
) -> None:
    def leapt(*parts: list[tuple[int, int, int]]) -> dict[Ticking, dict[int, Leap]]:
        whole = Witness()
        for part in parts:
            noted = Witness()
            for took, hour, offset in part:
                noted.leap(Ticking(hour, took < 0, None, "a", None), Leap(took, sighting(offset)))
            noted.prune()
            whole.merge(noted)
        return whole.leaps

    bounds, module.CLOCKS, module.LEAPS = (module.CLOCKS, module.LEAPS), 4, 3  # type: ignore[misc]  # smaller bounds for the test
    try:
        shuffled = chance.sample(found, len(found))
        one, many, turned = leapt(found), leapt(shuffled[:cut], shuffled[cut:]), leapt(shuffled[cut:], shuffled[:cut])
    finally:
        module.CLOCKS, module.LEAPS = bounds  # type: ignore[misc]
    assert one == many == turned
    assert len(one) <= 4
    assert all(len(leaps) <= 3 for leaps in one.values())


HOUSED = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4), st.integers(0, 9), st.integers(0, 60)), max_size=60)


@given(HOUSED, st.integers(0, 60), st.randoms())
def test_kubelets_are_remembered_the_same_by_any_cut_and_order(
    found: list[tuple[int, int, int, int]], cut: int, chance: Any
) -> None:
    def housed(*parts: list[tuple[int, int, int, int]]) -> dict[Spot, dict[str, Stretch]]:
        whole = Witness()
        for part in parts:
            noted = Witness()
            for peer, node, hour, offset in part:
                look = sighting(offset, hour)
                noted.house(Spot(None, f"p{peer}"), f"n{node}", Stretch(hour, hour, frozenset(), look, look))
            noted.prune()
            whole.merge(noted)
        return whole.kubelets

    bound, module.SPOTS = module.SPOTS, 4  # type: ignore[misc]  # a smaller bound for the test
    try:
        shuffled = chance.sample(found, len(found))
        one, many, turned = (
            housed(found),
            housed(shuffled[:cut], shuffled[cut:]),
            housed(shuffled[cut:], shuffled[:cut]),
        )
    finally:
        module.SPOTS = bound  # type: ignore[misc]
    assert one == many == turned
    assert len(one) <= 4
    assert all(len(nodes) <= NODES for nodes in one.values())
