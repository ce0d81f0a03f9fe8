"""A rule that matches in too many places is told in coarser groups: the same for every order and cut."""

from array import array
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwho.kernel import crowd, matching, partial
from kwho.kernel.crowd import sift, thin
from kwho.kernel.tally import Facts, Findings, GroupKey, LinkKey, Links, Tally
from kwho.schema.finding import Finding

Make = Callable[..., dict[str, Any]]
Find = Callable[..., tuple[Finding, ...]]


def tallies(keys: list[GroupKey], first: int = 0) -> Findings:
    """Each group with one match, numbered from `first` on."""
    found: Findings = {}
    for number, key in enumerate(keys, first):
        tally = Tally(Facts(*[None] * len(Facts._fields)), "n", "/u", number.to_bytes(4, "big"), (), array("I"))
        tally.enter(array("I", [number]), "n", "/u")
        if key in found:
            found[key].merge(tally)
        else:
            found[key] = tally
    return found


def told(found: Findings) -> dict[Any, tuple[int, ...]]:
    return {key: tuple(sorted(tally.rows)) for key, tally in found.items()}


few = st.sampled_from(["a", "b", "c"])
groups = st.builds(
    GroupKey, st.sampled_from(["r", "s"]), few, few, st.none(), few, st.none(), few, st.none(), few,
    st.just("success"), st.integers(1, 3), st.none(), st.just(0),
)  # fmt: skip


@given(st.lists(st.lists(groups, max_size=6), min_size=1, max_size=4), st.integers(1, 5), st.randoms())
def test_any_order_and_cut_gives_the_same_groups(parts: list[list[GroupKey]], most: int, chance: Any) -> None:
    whole = tallies([key for part in parts for key in part])
    thin(whole, most)
    numbered, first = [], 0
    for part in parts:
        numbered.append(tallies(part, first))
        first += len(part)
    chance.shuffle(numbered)
    joined: Findings = {}
    for piece in numbered:
        thin(piece, most)
        for key, tally in piece.items():
            if key in joined:
                joined[key].merge(tally)
            else:
                joined[key] = tally
        thin(joined, most)
    assert told(joined) == told(whole)
    for rule in ("r", "s"):
        assert len([key for key in whole if key.rule == rule]) <= most


def test_only_as_much_is_dropped_as_must_be() -> None:
    base = GroupKey("r", None, "ana", None, "ip", None, "pods", None, "shop", "success", 7)
    spaces = [base._replace(namespace=f"n{number}") for number in range(5)]
    other = base._replace(rule="s")
    found = tallies([*spaces, other])
    thin(found, 4)
    assert set(found) == {base._replace(peer=None, resource=None, namespace=None, crowd=1), other}
    people = tallies([base._replace(user=f"u{number}") for number in range(5)])
    assert thin(people, 4)
    assert not thin(tallies([base, other]), 4)
    assert [(key.user, key.hour, key.crowd) for key in people] == [(None, 7, 2)]
    hours = tallies([base._replace(hour=number + 1) for number in range(5)])
    thin(hours, 4)
    assert [(key.hour, key.crowd) for key in hours] == [(0, 3)]


def test_a_crowded_rule_is_one_finding_that_says_so_and_cites_all(
    event: Make, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((crowd, "MOST"), (matching, "STEP"), (partial, "MOST")):
        monkeypatch.setattr(module, name, 20)
    monkeypatch.setattr(crowd.thin, "__defaults__", (20,))
    usual = {"resource": "secrets", "name": "s", "apiVersion": "v1"}
    log = [event(number, number, objectRef={**usual, "namespace": f"n{number % 70}"}) for number in range(300)]
    (found,) = find(*log)
    assert (found.count, len(found.events)) == (300, 300)
    assert (found.target.namespace, found.source.ip, found.principal.user) == (None, None, "ana")
    assert any("told together" in reason for reason in found.reasons)
    (again,) = find(*log[::-1])
    assert (again.id, again.count) == (found.id, 300)
    alone = find(*log[:10])
    assert {each.target.namespace for each in alone} == {f"n{number}" for number in range(10)}


linked = st.builds(
    LinkKey, st.sampled_from(["c", "d"]), st.sampled_from(["r", "s"]), few, st.tuples(few), st.integers(0, 1)
)


@given(st.lists(st.lists(linked, max_size=8), min_size=1, max_size=4), st.integers(1, 4), st.randoms())
def test_any_order_and_cut_keeps_the_same_groups_of_correlations(
    parts: list[list[LinkKey]], most: int, chance: Any
) -> None:
    def made(keys: list[LinkKey]) -> Links:
        group = GroupKey("r", None, None, None, None, None, None, None, None, "success", 1)
        return {key: tallies([group])[group] for key in keys}

    whole = made([key for part in parts for key in part])
    lost = sift(whole, most)
    chance.shuffle(parts)
    found: Links = {}
    told: set[str] = set()
    for part in parts:
        piece = made(part)
        told |= sift(piece, most)
        found |= piece
        told |= sift(found, most)
    assert found.keys() == whole.keys()
    assert told == lost
    for name in "cd":
        assert len({(key.cluster, key.values) for key in whole if key.correlation == name}) <= most
