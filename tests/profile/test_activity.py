"""Counts that add up, and stay bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwho.profile import activity as module
from kwho.profile.activity import Activity, Operation, Signature

OPERATION = Operation(
    "get", "ResponseComplete", "Metadata", "pods", "log", None, 200, False, "allow", False, False, False, "success"
)
SIGNATURES = st.builds(
    Signature,
    st.sampled_from([OPERATION, OPERATION._replace(verb="list", answer="failed")]),
    st.sampled_from(["ana", None]),
    st.sampled_from(["a", None]),
    st.sampled_from(["p", None]),
    st.integers(0, 3),
    st.booleans(),
)


def filled(signatures: list[Signature]) -> Activity:
    activity = Activity()
    for signature in signatures:
        activity.add(signature, 1)
    return activity


def told(activity: Activity) -> dict[str, object]:
    return {name: getattr(activity, name) for name in Activity.__slots__}


@given(st.lists(SIGNATURES), st.lists(SIGNATURES))
def test_the_counts_of_parts_add_up_in_any_order(first: list[Signature], second: list[Signature]) -> None:
    one, two = filled(first), filled(second)
    one.merge(filled(second))
    two.merge(filled(first))
    assert told(one) == told(two) == told(filled(first + second))


@given(st.lists(SIGNATURES))
def test_what_was_counted_can_be_taken_back(signatures: list[Signature]) -> None:
    activity = filled(signatures)
    for signature in signatures:
        activity.add(signature, -1)
    assert activity.events == 0
    assert not any(activity.users.values())
    assert not any(activity.hours.values())


def test_names_beyond_the_bound_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    activity = filled([Signature(OPERATION, name, "a", "p", 1, True) for name in "abcab"])
    assert activity.users == {"a": 2, "b": 2}
    assert activity.others == {"users": 1}
    assert activity.events == 5


def test_a_target_names_its_subresource() -> None:
    assert OPERATION.target == "pods/log"
    assert OPERATION._replace(subresource=None).target == "pods"
    assert OPERATION._replace(resource=None, subresource=None).target is None
