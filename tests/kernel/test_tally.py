"""Tallies follow their rows to another journal."""

from array import array

from hypothesis import given
from hypothesis import strategies as st

from kwho.kernel.tally import Facts, Tally

LARGEST = (1 << 32) - 1


@given(st.lists(st.integers(0, LARGEST), max_size=9), st.integers(0, LARGEST))
def test_every_row_grows_by_the_same(rows: list[int], base: int) -> None:
    rows = [min(row, LARGEST - base) for row in rows]
    tally = Tally(Facts(*[None] * len(Facts._fields)), None, None, b"", (), array("I", rows))
    tally.shift(base)
    assert list(tally.rows) == [row + base for row in rows]
