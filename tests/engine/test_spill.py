"""Columns that rest in files until the end."""

import os
from pathlib import Path

import pytest

from kwho.engine.spill import Shelf, Spill
from kwho.kernel.columns import PARTITIONS, Columns
from kwho.kernel.partial import PartKey


def columns(mark: int) -> Columns:
    return Columns(tuple(bytes([mark]) * number for number in range(PARTITIONS)), b"table" * mark)


def test_what_was_spilled_is_given_back_piece_by_piece(tmp_path: Path) -> None:
    spill, shelf = Spill(str(tmp_path)), Shelf()
    for mark in range(3):
        shelf.put(PartKey(0, mark), spill.put(columns(mark)))
    shelf.put(PartKey(1, 0), columns(7))
    for key, mark in ((PartKey(0, 2), 2), (PartKey(0, 0), 0), (PartKey(0, 1), 1), (PartKey(1, 0), 7)):
        assert shelf.table(key) == columns(mark).table
        for number in (0, 1, PARTITIONS - 1):
            assert shelf.partition(key, number) == columns(mark).partitions[number]
    shelf.close()


def test_a_spill_that_lost_bytes_is_an_error_that_names_it(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.put(PartKey(0, 0), Spill(str(tmp_path)).put(columns(1)))
    (file,) = tmp_path.iterdir()
    os.truncate(file, 10)
    with pytest.raises(OSError, match=file.name):
        shelf.table(PartKey(0, 0))
    shelf.close()
