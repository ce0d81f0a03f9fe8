"""Records that did not become events, in words."""

from kwho.reports.problem import SHOWN, barren_lines, place, problem_line, problem_lines
from kwho.schema.ledger import Problem

BROKEN = Problem("malformed", "not JSON", "audit.log", 17, 23_450)


def test_a_record_is_told_by_file_line_and_byte_and_a_file_by_its_path() -> None:
    assert problem_line(BROKEN) == "audit.log:17:23450  malformed: not JSON"
    assert place(Problem("unreadable", "permission denied", "locked.log", 0, 0)) == "locked.log"


def test_the_rest_is_counted() -> None:
    assert list(problem_lines([], 0)) == []
    assert len(list(problem_lines([BROKEN] * SHOWN, SHOWN))) == SHOWN
    *_, last = problem_lines([BROKEN] * SHOWN, SHOWN + 1)
    assert last == "… and 1 more record that could not be read"
    *_, last = problem_lines([BROKEN] * 900, 1_900)
    assert last == "… and 1,895 more records that could not be read"


def test_files_without_events_are_named_and_the_rest_is_counted() -> None:
    assert list(barren_lines([("empty.log", 0), ("kubelet.log", 8)], 2)) == [
        "empty.log: no audit event in it",
        "kubelet.log: no audit event among 8 records",
    ]
    *_, last = barren_lines([("empty.log", 0)] * 1_000, 1_006)
    assert last == "… and 1,001 more files without any audit event"
