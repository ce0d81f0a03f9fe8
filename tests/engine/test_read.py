"""Events one by one, for search and convert."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from kwho.engine import read
from kwho.engine.read import Tallied, chosen, records, stop
from kwho.query.match import compile_node
from kwho.query.parse import parse_query
from kwho.sources import Input, discover

Line = Callable[..., bytes]


def test_events_come_in_order_and_the_rest_is_counted(line: Line, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(line(1) + b"{broken\n" + line(2))
    (tmp_path / "b.log").write_bytes(line(1) + line(3, verb="list"))
    tallied = Tallied()
    inputs = list(discover([str(tmp_path / name) for name in ("a.log", "missing", "b.log")]))
    found = list(chosen(records(inputs, tallied), compile_node(parse_query("verb:get")), tallied))
    assert [(Path(file.path).name, record.line) for file, record in found] == [("a.log", 1), ("a.log", 3)]
    assert (tallied.read, tallied.chosen, tallied.copies) == (4, 2, 1)
    assert tallied.rejected == {"malformed": 1, "unreadable": 1}
    (cause,), (broken,) = tallied.causes, tallied.problems
    assert (cause.kind, Path(cause.file).name, cause.line, cause.offset) == ("unreadable", "missing", 0, 0)
    assert (broken.kind, Path(broken.file).name, broken.line, broken.offset) == ("malformed", "a.log", 2, len(line(1)))


def test_what_was_not_read_to_its_end_is_told_as_a_scan_tells_it(line: Line, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(line(1))
    (tmp_path / "b.log").write_bytes(b"{broken\n" + line(2) + line(3))
    (tmp_path / "c.gz").write_bytes(gzip.compress(line(4)))
    size, packed = len(line(2)), (tmp_path / "c.gz").stat().st_size
    paths = [str(tmp_path / name) for name in ("a.log", "b.log", "c.gz", "missing")]
    inputs, tallied = [*discover(paths), Input("-")], Tallied()
    found = records(inputs, tallied)
    assert [next(found)[1].line for _ in range(2)] == [1, 2]
    found.close()
    total = 3 * size + 8 + packed
    told = f"inputs not read to their end: 3 of 5; bytes not read: {size + packed:,} of {total:,}"
    assert stop(inputs, tallied) == told
    assert tallied.rejected == {"malformed": 1, "unreadable": 4}
    assert [problem.reason for problem in tallied.causes] == [
        f"the scan was stopped; {size:,} of {2 * size + 8:,} bytes were not read",
        f"the scan was stopped; {packed:,} of {packed:,} bytes were not read",
        "no such file or directory",
        "the scan was stopped; the rest was not read",
    ]
    assert [(Path(problem.file).name, problem.line) for problem in tallied.problems] == [("b.log", 1)]


def test_of_an_archive_nobody_knows_how_much_was_read(line: Line, tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(line(1) + line(2)))
    inputs, tallied = list(discover([str(tmp_path)])), Tallied()
    found = records(inputs, tallied)
    next(found)
    found.close()
    assert tallied.taken == 0


def test_when_all_is_read_nothing_is_left(line: Line, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(line(1))
    inputs, tallied = list(discover([str(tmp_path)])), Tallied()
    list(records(inputs, tallied))
    assert (stop(inputs, tallied), tallied.rejected) == ("", {})


def test_a_file_that_vanished_is_told(line: Line, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(line(1))
    inputs = list(discover([str(tmp_path)]))
    (tmp_path / "a.log").unlink()
    tallied = Tallied()
    assert list(records(inputs, tallied)) == []
    assert tallied.rejected == {"unreadable": 1}


def test_an_archive_that_is_torn_within_a_record_is_one_record(line: Line, tmp_path: Path) -> None:
    packed = gzip.compress(line(1) + line(2), mtime=0)
    for cut, problems in ((len(packed) - 20, 1), (len(packed) - 8, 1), (len(packed), 0)):
        (tmp_path / "a.log.gz").write_bytes(packed[:cut])
        tallied = Tallied()
        read = list(records(list(discover([str(tmp_path)])), tallied))
        assert len(read) == tallied.read == (2 if cut >= len(packed) - 8 else 1)
        assert len(tallied.causes) == tallied.rejected["truncated"] == problems
        assert tallied.problems == []


def test_positions_of_what_is_lost_are_bounded_and_its_count_is_exact(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "SHOWN_PROBLEMS", 130)
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_bytes(line(1) + b"{broken\n" * 120 + b"I0105 10:00:00.000000       1 main.go:1] up\n")
    tallied = Tallied()
    assert len(list(records(list(discover([str(tmp_path)])), tallied))) == 2
    assert tallied.rejected == {"malformed": 240, "filtered": 2}
    assert [problem.kind for problem in tallied.problems] == ["malformed"] * 130


def test_a_copy_with_a_body_is_shown_when_the_first_had_none(line: Line, tmp_path: Path) -> None:
    body = {"kind": "Pod"}
    poor, rich = line(1), line(1, requestObject=body)
    (tmp_path / "a.log").write_bytes(poor + poor + rich + rich + poor + line(2, requestObject=body) + line(2))
    tallied = Tallied()
    found = chosen(records(list(discover([str(tmp_path)])), tallied), None, tallied)
    assert [record.line for _, record in found] == [1, 3, 6]
    assert (tallied.chosen, tallied.copies, tallied.richer) == (3, 4, 1)
