"""Moments: strict parsing of hostile text."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwho.schema.moment import EARLIEST, LATEST, format_moment, parse_moment


@given(st.integers(EARLIEST, LATEST - 1))
def test_what_is_written_is_read_back(moment: int) -> None:
    text = format_moment(moment)
    assert parse_moment(text) == moment
    assert datetime.fromisoformat(text) == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-05T10:00:00.5Z", "2026-01-05T10:00:00.500Z", "2026-01-05T11:00:00.500000000+01:00",
        "2026-01-05 10:00:00.5 UTC", "2026-01-05t10:00:00.5z", "2026-01-05T05:30:00.5-04:30",
    ],
)  # fmt: skip
def test_every_spelling_of_a_moment_is_the_same(text: str) -> None:
    assert parse_moment(text) == 1_767_607_200_500_000


@pytest.mark.parametrize(
    "text",
    [
        None, "", "now", "2026-01-05T10:00:00", "2026-01-05T10:00:60Z", "2026-01-05T24:00:00Z", "2026-02-30T10:00:00Z",
        "2026-01-05T10:00:00.Z", "2026-01-05T10:00:00+24:00", "2013-12-31T23:59:59.999999Z", "2100-01-01T00:00:00Z",
        "٢٠٢٦-01-05T10:00:00Z", "2026-01-05T10:00:00Z\n", "0000-00-00T00:00:00Z",
    ],
)  # fmt: skip
def test_what_is_no_believable_moment_is_none(text: str | None) -> None:
    assert parse_moment(text) is None


@given(st.text())
def test_no_text_fails(text: str) -> None:
    assert parse_moment(text) is None or EARLIEST <= (parse_moment(text) or 0) < LATEST
