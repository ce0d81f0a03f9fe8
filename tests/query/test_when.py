"""Moments as people write them."""

import pytest

from kwho.errors import InvalidQueryError
from kwho.query.when import parse_when
from kwho.schema.moment import format_moment

NOW = 1_767_607_200_000_000


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-05T10:00:00Z", "2026-01-05T10:00:00.000000Z"),
        ("2026-01-05T10:00:00.5+01:00", "2026-01-05T09:00:00.500000Z"),
        ("2026-01-05", "2026-01-05T00:00:00.000000Z"),
        ("2026-01-05 07:30", "2026-01-05T07:30:00.000000Z"),
        ("2026-01-05T07:30:15.25", "2026-01-05T07:30:15.250000Z"),
        ("now", "2026-01-05T10:00:00.000000Z"),
        ("2h ago", "2026-01-05T08:00:00.000000Z"),
        ("2h", "2026-01-05T08:00:00.000000Z"),
        ("90 minutes ago", "2026-01-05T08:30:00.000000Z"),
        ("1d", "2026-01-04T10:00:00.000000Z"),
        ("1w ago", "2025-12-29T10:00:00.000000Z"),
        ("30s", "2026-01-05T09:59:30.000000Z"),
    ],
)
def test_times_are_read_in_the_forms_people_use(text: str, moment: str) -> None:
    assert format_moment(parse_when(text, NOW)) == moment


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2h from now", "", "1999-01-01", "5y"])
def test_what_is_no_time_is_refused_with_the_forms_that_are(text: str) -> None:
    with pytest.raises(InvalidQueryError, match="is no time; write 2026-01-05"):
        parse_when(text, NOW)


def test_a_relative_time_needs_a_present() -> None:
    with pytest.raises(InvalidQueryError, match="counts from the present"):
        parse_when("2h ago", None)
