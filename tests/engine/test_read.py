"""Events one by one, for search and convert."""

from collections.abc import Callable
from pathlib import Path

from kwho.engine.read import Tallied, chosen, records
from kwho.query.match import compile_node
from kwho.query.parse import parse_query
from kwho.sources import discover

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
    assert len(tallied.troubles) == 1


def test_a_file_that_vanished_is_told(line: Line, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(line(1))
    inputs = list(discover([str(tmp_path)]))
    (tmp_path / "a.log").unlink()
    tallied = Tallied()
    assert list(records(inputs, tallied)) == []
    assert tallied.rejected == {"unreadable": 1}


def test_a_copy_with_a_body_is_shown_when_the_first_had_none(line: Line, tmp_path: Path) -> None:
    body = {"kind": "Pod"}
    poor, rich = line(1), line(1, requestObject=body)
    (tmp_path / "a.log").write_bytes(poor + poor + rich + rich + poor + line(2, requestObject=body) + line(2))
    tallied = Tallied()
    found = chosen(records(list(discover([str(tmp_path)])), tallied), None, tallied)
    assert [record.line for _, record in found] == [1, 3, 6]
    assert (tallied.chosen, tallied.copies, tallied.richer) == (3, 4, 1)
