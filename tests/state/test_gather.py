from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwho.state import gather
from kwho.state.gather import Facts, prune

Make = Callable[..., Any]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "FACTS", 5)


def plain_pod(number: int) -> dict[str, Any]:
    return {"kind": "Pod", "metadata": {"name": f"p{number}"}, "spec": {"hostPID": number % 3 == 0}}


@pytest.fixture(scope="session")
def facts(event: Make, told: Make) -> list[Any]:
    return [
        fact
        for number in range(40)
        for fact in told(event("create", "pods", f"p{number}", requestObject=plain_pod(number)), number)
    ]


def gathered(parts: list[list[Any]]) -> Facts:
    total = Facts()
    for part in parts:
        own = Facts()
        for fact in part:
            own.add(fact)
        total.merge(own)
    return total


@pytest.mark.usefixtures("few")
def test_plain_things_give_way_first(facts: list[Any]) -> None:
    kept = gathered([facts]).told["pods"]
    assert len(kept) == 5
    assert all(fact.fact.content is not None and not fact.fact.content.plain for fact in kept)


@pytest.mark.usefixtures("few")
def test_the_loss_is_counted(facts: list[Any]) -> None:
    assert gathered([facts]).lost() == {"pods": 35}
    assert gathered([facts[:3]]).lost() == {}


@given(st.integers(0, 40), st.integers(0, 40), st.randoms())
def test_what_is_kept_does_not_depend_on_the_cut(facts: list[Any], one: int, two: int, chance: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gather, "FACTS", 5)
        first, last = sorted((one, two))
        parts = [facts[:first], facts[first:last], facts[last:]]
        whole = prune(facts, 5)
        assert prune(gathered(chance.sample(parts, 3)).told.get("pods", []), 5) == whole


@given(st.integers(0, 40), st.randoms())
def test_of_one_thing_the_first_facts_are_kept(facts: list[Any], bound: int, chance: Any) -> None:
    one = facts[0].fact.thing
    mixed = [
        told._replace(fact=msgspec.structs.replace(told.fact, thing=one)) if at % 3 else told
        for at, told in enumerate(facts)
    ]
    kept = prune(chance.sample(mixed, len(mixed)), bound)
    assert len(kept) == min(bound, len(mixed))
    of_one = sorted((told for told in mixed if told.fact.thing == one), key=lambda told: told.order)
    for plain in (False, True):
        alike = [told for told in of_one if told.fact.content.plain is plain]
        inside = sum(told in kept for told in alike)
        assert all(told in kept for told in alike[:inside])


def test_large_facts_have_a_bound_of_their_own(event: Make, told: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "LARGE_FACTS", 2)
    subjects = [{"kind": "User", "name": f"u{number}"} for number in range(200)]
    role = {"rules": [{"apiGroups": [""], "resources": [f"r{number}" for number in range(200)], "verbs": ["get"]}]}
    found = Facts()
    for number in range(9):
        for body, target in (({"subjects": subjects}, "rolebindings"), (role, "roles"), ({}, "roles")):
            for fact in told(event("create", target, f"x{number}", requestObject=body), number):
                found.add(fact)
    assert found.lost() == {"large bindings": 7, "large roles": 7}
    assert {kind: len(kept) <= 9 for kind, kept in found.told.items()} == dict.fromkeys(found.told, True)
    assert len(found.told["roles"]) == 9
