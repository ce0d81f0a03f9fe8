"""Who acts for others, and where nobody can be told apart."""

from collections.abc import Callable

import pytest

from kwho.link.hubs import Crowd, is_component, is_program, same_hand, shares_an_address
from kwho.link.trace import NOWHERE, Thing, Trace, gathered


@pytest.mark.parametrize(
    ("user", "component", "program"),
    [
        ("system:kube-scheduler", True, False),
        ("system:apiserver", True, False),
        ("system:serviceaccount:kube-system:job-controller", True, True),
        ("system:serviceaccount:shop:web", False, True),
        ("system:node:n-1", False, True),
        ("system:bootstrap:abc", False, False),
        ("system:anonymous", False, False),
        ("ana@example.com", False, False),
        ("kubernetes-admin", False, False),
        (None, False, False),
    ],
)
def test_components_act_for_others(user: str | None, component: bool, program: bool) -> None:
    assert (is_component(user), is_program(user)) == (component, program)


def test_an_address_of_four_is_shared_and_an_unknown_one_too() -> None:
    three, four = (gathered([(f"u{number}", "10.0.0.1") for number in range(many)]) for many in (3, 4))
    assert not shares_an_address("10.0.0.1", three)
    assert shares_an_address("10.0.0.1", four)
    assert shares_an_address(None, three)
    assert not shares_an_address("10.0.0.9", NOWHERE)


def test_places_are_bounded_and_leave_anonymous_callers_out() -> None:
    pairs = [(f"u{number}", "a") for number in range(9)] + [("system:anonymous", "b"), (None, "b"), ("x", None)]
    found = gathered(pairs)
    assert found.users == {"a": frozenset({"u0", "u1", "u2", "u3"})}
    assert found.peers["u8"] == frozenset({"a"})
    assert gathered(pairs[::-1]) == found


def test_one_hand_comes_from_one_address_of_its_own(trace: Callable[..., Trace]) -> None:
    assert same_hand(trace(1), trace(2, "eve"), NOWHERE)
    assert not same_hand(trace(1), trace(2, "eve", peer="10.0.0.8"), NOWHERE)
    assert not same_hand(trace(1, peer=None), trace(2, "eve", peer=None), NOWHERE)


def test_a_crowd_is_counted_by_day(trace: Callable[..., Trace]) -> None:
    day = 86_400_000_000
    few = [trace(number, at=number * day, made=(Thing("pods", "a", str(number)),)) for number in range(5)]
    many = [trace(number, "ana", made=(Thing("pods", "a", str(number)),)) for number in range(5)]
    crowd = Crowd([*few, *many], lambda each: each.made)
    assert not crowd.around(few[0])
    assert crowd.around(many[0])
