"""What one term asks of the value of one field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwho.fields import Value
from kwho.query.ast import Operator, Term
from kwho.query.predicate import address_of, value_test


def holds(
    op: Operator, values: Any, value: Value, kind: str = "text", *, every: bool = False, cased: bool = False
) -> bool:
    wanted = values if isinstance(values, tuple) else (values,)
    return value_test(Term("x", op, wanted, every, cased), kind)(value)


@pytest.mark.parametrize(
    ("op", "wanted", "value", "expected"),
    [
        ("equals", "GET", "get", True),
        ("equals", ("a", "b"), "b", True),
        ("equals", ("a", "b"), "c", False),
        ("equals", "a*", "Abc", True),
        ("equals", "", "", True),
        ("equals", "", None, False),
        ("equals", None, None, True),
        ("equals", None, (), True),
        ("equals", None, [], True),
        ("equals", None, "", False),
        ("equals", ("a", None), None, True),
        ("equals", "5", 5, True),
        ("equals", "true", True, True),
        ("equals", "ß", "SS", True),
        ("equals", "b", ("a", "B"), True),
        ("equals", "b", ["a", None], False),
        ("equals", None, ("a", None), True),
        ("contains", "ADM", "my-admin", True),
        ("contains", ("x", "adm"), "my-admin", True),
        ("contains", "x", 5, False),
        ("startswith", "my", "MY-admin", True),
        ("startswith", "admin", "my-admin", False),
        ("endswith", "min", "my-admin", True),
        ("re", "^[a-c]+$", "abc", True),
        ("re", "^[a-c]+$", "ABC", False),
        ("exists", True, "a", True),
        ("exists", True, "", True),
        ("exists", True, (), False),
        ("exists", False, None, True),
        ("gt", 5, 6, True),
        ("gt", 5, "6", True),
        ("gt", 5, "many", False),
        ("gt", 0, True, False),
        ("gte", 6, 6, True),
        ("lt", 6, 6, False),
        ("lte", 6, (9, 6), True),
        ("cidr", "10.0.0.0/8", "10.9.9.9", True),
        ("cidr", "10.0.0.0/8", "::ffff:10.9.9.9", True),
        ("cidr", "10.0.0.0/8", "::1", False),
        ("cidr", "10.0.0.0/8", "not an address", False),
        ("cidr", ("::1/128", "10.0.0.0/8"), ("x", "::1"), True),
        ("cidr", "10.0.0.0/8", 5, False),
    ],
)
def test_text_fields(op: Operator, wanted: Any, value: Value, expected: bool) -> None:
    assert holds(op, wanted, value) is expected


@pytest.mark.parametrize(
    ("op", "wanted", "value", "expected"),
    [
        ("equals", "system:admin", "SYSTEM:admin", False),
        ("equals", "sys*", "SYS", False),
        ("contains", "A", "a", False),
        ("startswith", "A", "Ab", True),
    ],
)
def test_case_counts_when_the_term_says_so(op: Operator, wanted: Any, value: Value, expected: bool) -> None:
    assert holds(op, wanted, value, cased=True) is expected


@pytest.mark.parametrize(
    ("op", "wanted", "value", "expected"),
    [
        ("equals", 403, 403, True),
        ("equals", 1, True, False),
        ("equals", "4*", 403, True),
        ("equals", ("4??", 500), 200, False),
        ("equals", None, None, True),
        ("equals", 403, 10**40, False),
        ("startswith", "4", 404, True),
        ("re", "^4", 404, True),
        ("gte", 400, 403, True),
    ],
)
def test_integer_fields(op: Operator, wanted: Any, value: Value, expected: bool) -> None:
    assert holds(op, wanted, value, "integer") is expected


def test_boolean_fields_do_not_take_one_for_true() -> None:
    assert holds("equals", True, True, "boolean")
    assert not holds("equals", True, 1, "boolean")
    assert holds("equals", "*", False, "boolean")


def test_times_compare_as_moments_however_they_are_spelled() -> None:
    ten = 1_767_607_200_000_000
    assert holds("equals", ten, "2026-01-05T11:00:00+01:00", "time")
    assert holds("gte", ten, "2026-01-05T10:00:00Z", "time")
    assert not holds("lt", ten, "nonsense", "time")
    assert holds("equals", "2026-*", "2026-01-05T10:00:00Z", "time")
    assert holds("equals", "2026-*", ten, "time")
    assert holds("lt", ten + 1, ten, "time")


def test_addresses_compare_by_meaning() -> None:
    assert holds("equals", "::1", "0:0:0:0:0:0:0:1", "address")
    assert holds("equals", "10.0.0.1", "::ffff:10.0.0.1", "address")
    assert holds("equals", "10.0.*", "10.0.0.1", "address")
    assert not holds("equals", "10.0.0.1", "10.0.0.2", "address")
    assert address_of("1" * 65) is address_of("fe80::1%" + "x" * 70) is None


def test_every_value_must_be_found_when_all_are_required() -> None:
    assert holds("contains", ("a", "b"), ("xa", "xb"), every=True)
    assert not holds("contains", ("a", "b"), ("xa", "xc"), every=True)
    assert holds("equals", ("a", None), ("a", None), every=True)


JSON = st.none() | st.booleans() | st.integers() | st.text(max_size=5)


@given(
    st.sampled_from(["equals", "contains", "re", "cidr", "gt", "exists"]),
    st.sampled_from(["text", "integer", "boolean", "address", "time"]),
    JSON | st.lists(JSON, max_size=3),
)
def test_no_value_breaks_a_test(op: Operator, kind: str, value: Value) -> None:
    wanted = {"gt": 5, "exists": True, "cidr": "::/0", "re": "a"}.get(op, "a")
    assert holds(op, wanted, value, kind) in (True, False)
