"""Workers that share an archive say how far they are."""

from pathlib import Path

from kwho.engine.pace import Pace, ask, tell


def test_what_all_workers_read_is_averaged_and_what_they_mapped_is_added(tmp_path: Path) -> None:
    tell(str(tmp_path), 3, 0, Pace(100, 7))
    tell(str(tmp_path), 3, 1, Pace(50, 4))
    tell(str(tmp_path), 4, 0, Pace(9_000, 9_000))
    assert ask(str(tmp_path), 3, 2) == Pace(75, 11)
    tell(str(tmp_path), 3, 1, Pace(100, 8))
    assert ask(str(tmp_path), 3, 2) == Pace(100, 15)


def test_nothing_said_and_half_of_it_count_as_nothing(tmp_path: Path) -> None:
    tell(str(tmp_path), 0, 0, Pace(40, 2))
    (tmp_path / "pace-0-1").write_text("12")
    (tmp_path / "pace-0-2").write_bytes(b"\xff \xff")
    assert ask(str(tmp_path), 0, 4) == Pace(10, 2)


def test_a_place_that_cannot_be_written_to_is_no_trouble(tmp_path: Path) -> None:
    tell(str(tmp_path / "gone"), 0, 0, Pace(1, 1))
    assert ask(str(tmp_path / "gone"), 0, 1) == Pace(0, 0)
