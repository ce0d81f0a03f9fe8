"""Values fitted to the type of their field."""

import pytest

from kwho.errors import InvalidQueryError
from kwho.fields import find
from kwho.query.ast import Operator, Scalar
from kwho.query.fit import fit, number_of, spell


@pytest.mark.parametrize(
    ("name", "op", "value", "fitted"),
    [
        ("verb", "equals", "get", "get"),
        ("verb", "equals", 12, "12"),
        ("verb", "equals", True, "true"),
        ("verb", "equals", None, None),
        ("verb", "exists", False, False),
        ("verb", "re", "^g", "^g"),
        ("verb", "fieldref", "user", "user.username"),
        ("responseStatus.code", "equals", "403", 403),
        ("responseStatus.code", "equals", 403, 403),
        ("responseStatus.code", "equals", 403.0, 403),
        ("responseStatus.code", "equals", "4*", "4*"),
        ("responseStatus.code", "equals", "*", "*"),
        ("responseStatus.code", "startswith", 4, "4"),
        ("responseStatus.code", "gte", "400", 400),
        ("responseStatus.code", "gte", 1.5, 1.5),
        ("impersonation", "equals", "TRUE", True),
        ("impersonation", "equals", False, False),
        ("impersonation", "equals", "*", "*"),
        ("source.ip", "cidr", "10.1.2.3/8", "10.0.0.0/8"),
        ("source.ip", "cidr", "::1", "::1/128"),
        ("requestReceivedTimestamp", "gte", "2026-01-05T10:00:00Z", 1_767_607_200_000_000),
        ("requestReceivedTimestamp", "equals", "2026-01-05T10:00:00Z", 1_767_607_200_000_000),
        ("requestReceivedTimestamp", "equals", "2026-*", "2026-*"),
        ("requestReceivedTimestamp", "equals", 5, 5),
        ("requestReceivedTimestamp", "contains", 5, "5"),
    ],
)
def test_a_value_takes_the_form_its_field_has(name: str, op: Operator, value: Scalar, fitted: Scalar) -> None:
    found = fit(find(name), op, value)
    assert (type(found), found) == (type(fitted), fitted)


@pytest.mark.parametrize(
    ("name", "op", "value", "reason"),
    [
        ("responseStatus.code", "equals", "ALLOW", 'is an integer and never equals "ALLOW"'),
        ("responseStatus.code", "equals", "4x", "is an integer"),
        ("responseStatus.code", "equals", True, "is an integer"),
        ("responseStatus.code", "equals", 1.5, "is an integer"),
        ("responseStatus.code", "gte", "many", "is compared with a number"),
        ("responseStatus.code", "gte", True, "is compared with a number"),
        ("impersonation", "equals", "yes", "is true or false"),
        ("impersonation", "equals", 1, "is true or false"),
        ("impersonation", "contains", "true", "is true or false"),
        ("impersonation", "gte", 1, "has no order"),
        ("source.ip", "gte", 1, "has no order"),
        ("source.ip", "cidr", "10.0.0.0/99", "is no address range"),
        ("source.ip", "cidr", 5, "text is needed"),
        ("verb", "exists", "yes", "takes true or false"),
        ("verb", "re", "(", "is refused"),
        ("verb", "re", 5, "text is needed"),
        ("verb", "fieldref", "users", "unknown field"),
        ("verb", "contains", None, "null needs a field"),
    ],
)
def test_a_comparison_that_can_never_hold_is_refused(name: str, op: Operator, value: Scalar, reason: str) -> None:
    with pytest.raises(InvalidQueryError, match=reason):
        fit(find(name), op, value)


def test_a_bare_word_is_text_and_has_no_null_and_no_order() -> None:
    assert fit(None, "contains", 5) == "5"
    with pytest.raises(InvalidQueryError, match="null needs a field"):
        fit(None, "equals", None)
    with pytest.raises(InvalidQueryError, match="a word without a field has no order"):
        fit(None, "gt", 5)


def test_numbers_are_read_from_plain_decimal_text_only() -> None:
    assert number_of("-12") == -12
    assert number_of("1.5") == 1.5
    assert number_of("1e5") is number_of("٣") is number_of("9" * 40) is number_of("") is None


def test_every_scalar_can_be_spelled() -> None:
    assert [spell(value) for value in (True, None, 1.5, "x")] == ["true", "null", "1.5", "x"]
    assert spell(10**5_000).startswith("0x")
