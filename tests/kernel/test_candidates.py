"""Candidates are kept within bounds, the same ones for every cut."""

import pickle
from array import array
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwho.kernel import candidates
from kwho.kernel.candidates import Candidates, Pending
from kwho.kernel.journal import Sighting
from kwho.kernel.tally import Facts, GroupKey, Tally
from kwho.state.fact import Actor, Fact, Thing, Told

KEY = GroupKey("r", None, None, None, None, None, None, None, None, "success", 0)


def tally(row: int, offset: int = 0) -> Tally:
    return Tally(Facts(*[None] * len(Facts._fields)), None, None, bytes([offset]), (), array("I", [row]))


def test_a_tally_travels_whole() -> None:
    full = tally(1, 2)
    full.enter(array("I", [7]), "name", "/uri", "value")
    full.mark([("verb", "get")])
    assert pickle.loads(pickle.dumps(full)) == full


def told(found: Candidates) -> Any:
    return {place: sorted(one.rows) for place, (_, one) in found.held.get("r", {}).items()}, found.beyond


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(0, 60), st.integers(0, 60), st.randoms())
def test_what_is_kept_does_not_depend_on_the_cut(times: list[int], one: int, two: int, chance: Any) -> None:
    first, last = sorted((one, two))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "CANDIDATES", 5)
        answers = []
        for cut in (((0, len(times)),), ((0, first), (first, last), (last, len(times)))):
            parts = [times[start:stop] for start, stop in cut]
            total = Candidates()
            for part in chance.sample(parts, len(parts)):
                own = Candidates()
                for number, time in enumerate(part):
                    own.add((time, time), KEY, tally(time, number))
                total.merge(own)
            answers.append(told(total))
        kept = sorted(set(times))[:5]
        assert [place[0] for place in sorted(answers[1][0])] == kept
        assert sorted(answers[0][0])[:5] == sorted(answers[1][0])


def test_two_looks_at_a_request_are_one_candidate_in_the_group_of_the_better() -> None:
    found = Candidates()
    better = KEY._replace(answer="refused")
    found.add((7, 7), KEY, tally(7, offset=9))
    found.add((7, 7), better, tally(8, offset=1))
    [(key, one)] = found.held["r"].values()
    assert key == better
    assert one.rows == array("I", [7, 8])


def test_what_is_pending_says_what_it_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "CANDIDATES", 2)
    found, other = Pending(), Pending()
    for time in range(9):
        found.candidates.add((time, time), KEY, tally(time))
    fact = Fact(Thing("pods", None, "shop", "web"), "gone", Actor("ana"))
    for key, rank in ((1, 3), (2, 1)):
        found.facts.add(Told(fact, Sighting(7, key, rank, 0, 0, key, 0, 1, None, None)))
    other.merge(found)
    assert list(other.notes()) == ["requests beyond the 2 of one rule that are settled by the state: 7"]
    assert other.started() == {1}


def test_what_was_lost_is_told_whatever_becomes_of_what_was_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "CANDIDATES", 2)
    found = Pending()
    found.merge(_pending(9))
    first, second = found.candidates.tallies()
    first.merge(second)
    assert list(found.notes()) == ["requests beyond the 2 of one rule that are settled by the state: 7"]


def _pending(count: int) -> Pending:
    found = Pending()
    for time in range(count):
        found.candidates.add((time, time), KEY, tally(time))
    return found
