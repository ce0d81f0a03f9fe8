"""Scans of files: the ledger, positions, copies across files, worker processes, and what goes wrong with files."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kwho.detect.rule import RuleSet
from kwho.engine.local import Scan
from kwho.engine.pool import deaf
from kwho.engine.work import Settings
from kwho.sample import generate
from kwho.schema.finding import plain
from kwho.schema.result import Result
from kwho.sources import Input, Unreadable, discover

Line = Callable[..., bytes]


def finish(scan: Scan) -> Result:
    with scan:
        for _ in scan:
            pass
        return scan.conclude()


def test_every_position_points_at_the_bytes_of_its_record(
    line: Line, event: Callable[..., Any], scan: Callable[..., Result], tmp_path: Path
) -> None:
    items = {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": [event(7), event(8)]}
    data = (
        line(1)
        + b"\n"
        + json.dumps(event(2), indent=1).encode()
        + b"\n{broken\n"
        + json.dumps(items).encode()
        + b"\n"
        + line(3)
    )
    (tmp_path / "audit.log").write_bytes(data)
    for part in (0, 90):
        found = scan("audit.log", part=part)
        cited = [citation for finding in found.findings for citation in finding.events]
        assert {citation.audit_id for citation in cited} >= {event(number)["auditID"] for number in (1, 2, 3, 7, 8)}
        for citation in cited:
            text, _ = json.JSONDecoder().raw_decode(data.decode()[citation.offset :])
            record = text["items"][citation.index] if "items" in text else text
            assert record["auditID"] == citation.audit_id
            assert data[: citation.offset].count(b"\n") + 1 == citation.line
        (problem,) = found.problems
        assert data[problem.offset :].startswith(b"{broken")
        assert data[: problem.offset].count(b"\n") + 1 == problem.line


def test_the_same_log_under_two_names_counts_once_and_a_hard_link_is_not_read_again(
    line: Line, scan: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "a.log").write_bytes(line(1) + line(2))
    (tmp_path / "b.log").write_bytes(line(1) + line(2))
    os.link(tmp_path / "a.log", tmp_path / "c.log")
    found = scan("a.log", "b.log", "c.log")
    assert [file.counts.duplicates for file in found.files] == [0, 2]
    assert (found.input.events, found.input.requests, found.input.reconciles) == (2, 2, True)
    assert [finding.count for finding in found.findings] == [2]
    assert {citation.file for finding in found.findings for citation in finding.events} == {str(tmp_path / "a.log")}


def test_moved_and_compressed_logs_give_the_same_ids_and_a_later_file_leaves_them_alone(
    line: Line, scan: Callable[..., Result], tmp_path: Path
) -> None:
    data = b"".join(line(number) for number in range(6))
    (tmp_path / "a.log").write_bytes(data)
    (tmp_path / "b.log.gz").write_bytes(gzip.compress(data))
    (tmp_path / "c.log").write_bytes(line(40, user={"username": "cleo"}))
    plain = [finding.id for finding in scan("a.log").findings]
    assert len(plain) > 1
    assert [finding.id for finding in scan("b.log.gz").findings] == plain
    assert set(plain) < {finding.id for finding in scan("a.log", "c.log").findings}


def test_a_torn_archive_is_one_truncated_record_with_its_reason(
    line: Line, scan: Callable[..., Result], tmp_path: Path
) -> None:
    data = gzip.compress(b"".join(line(number, userAgent=os.urandom(40).hex()) for number in range(50)))
    (tmp_path / "audit.log.gz").write_bytes(data[:-900])
    found = scan("audit.log.gz")
    assert found.input.truncated == 1
    assert found.input.reconciles
    assert 0 < found.input.events < 50
    assert sum(found.statistics.reasons.values()) == 1
    assert [problem.kind for problem in found.problems] == ["truncated"]


def test_empty_missing_and_vanished_files_are_told(line: Line, rules: RuleSet, tmp_path: Path) -> None:
    for name in ("empty.log", "gone.log"):
        (tmp_path / name).write_bytes(b"" if name == "empty.log" else line(1))
    inputs = list(discover([str(tmp_path), "/nowhere/at/all"]))
    (tmp_path / "gone.log").unlink()
    found = finish(Scan(inputs, Settings(rules)))
    assert found.complete
    assert [(Path(file.path).name, file.counts.records, file.counts.unreadable) for file in found.files] == [
        ("empty.log", 0, 0), ("gone.log", 1, 1), ("all", 1, 1),
    ]  # fmt: skip
    assert found.input.reconciles
    assert {problem.kind for problem in found.problems} == {"unreadable"}


def test_a_file_cut_short_while_it_is_read_ends_the_scan_and_is_told(
    line: Line, rules: RuleSet, inline: Any, tmp_path: Path
) -> None:
    path = tmp_path / "audit.log"
    path.write_bytes(b"".join(line(number) for number in range(20)))
    inputs = list(discover([str(path)]))

    class Shrinking(inline):  # type: ignore[misc]  # the class is a fixture
        """Cuts the file short before the second part is read."""

        tasks = 0

        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            self.tasks += 1
            if self.tasks == 2:
                path.write_bytes(line(0)[:99])
            future: Future[Any] = super().submit(fn, *args, **kwargs)
            return future

    found = finish(Scan(inputs, Settings(rules), part=600, pool=Shrinking))
    assert found.input.reconciles
    assert found.files[0].counts.unreadable == 1
    assert found.input.events == 1
    assert found.problems[0].reason == "the file became shorter while it was read"


class Poisoned(Executor):
    """Breaks at the third task, as a pool does whose worker was killed."""

    def __init__(self, inner: Executor, times: Iterator[int]) -> None:
        self._inner = inner
        self._breaks = next(times) > 0
        self._tasks = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self._tasks += 1
        if self._breaks and self._tasks > 2:
            future: Future[Any] = Future()
            future.set_exception(BrokenProcessPool("killed"))
            return future
        return self._inner.submit(fn, *args, **kwargs)


@pytest.mark.parametrize("breaks", [1, 2])
def test_a_worker_that_dies_is_replaced_once_and_then_given_up(
    breaks: int,
    line: Line,
    rules: RuleSet,
    inline: Callable[..., Executor],
    scan: Callable[..., Result],
    tmp_path: Path,
) -> None:
    (tmp_path / "audit.log").write_bytes(b"".join(line(number) for number in range(20)))
    times = iter([1] * breaks + [0])
    dying = Scan(
        list(discover([str(tmp_path / "audit.log")])), Settings(rules), part=700,
        pool=lambda jobs, settings: Poisoned(inline(jobs, settings), times),
    )  # fmt: skip
    if breaks == 1:
        assert finish(dying) == scan("audit.log")
    else:
        found = finish(dying)
        assert (found.complete, found.input.unreadable, found.input.reconciles) == (False, 1, True)
        assert "killed twice" in found.problems[0].reason


def test_an_interrupted_scan_tells_what_it_has_and_that_it_is_not_all(
    line: Line, rules: RuleSet, tmp_path: Path
) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(line(ord(name)))
    with Scan(list(discover([str(tmp_path)])), Settings(rules)) as scan:
        for _ in scan:
            break
        found = scan.conclude()
    assert not found.complete
    assert (found.input.events, found.input.unreadable) == (1, 1)
    assert found.input.reconciles
    assert [file.counts.unreadable for file in found.files] == [0, 1]


def test_what_was_in_flight_when_a_scan_was_stopped_is_counted_in_bytes(
    line: Line, rules: RuleSet, inline: Callable[..., Executor], tmp_path: Path
) -> None:
    data = b"".join(line(number) for number in range(30))
    (tmp_path / "a.log").write_bytes(data)
    (tmp_path / "b.log.gz").write_bytes(packed := gzip.compress(data, mtime=0))
    size, whole, part = len(data), len(data) + len(packed), 3_000
    with Scan(list(discover([str(tmp_path)])), Settings(rules), jobs=1, part=part, pool=inline) as scan:
        for progress in scan:
            if progress.done:
                break
        found = scan.conclude()
    assert progress.done % part == 0
    assert [problem.reason for problem in found.problems] == [
        f"the scan was stopped; {size - progress.done:,} of {size:,} bytes were not read",
        f"the scan was stopped; {len(packed):,} of {len(packed):,} bytes were not read",
    ]
    left = f"{whole - progress.done:,} of {whole:,}"
    assert found.notes[0] == f"inputs not read to their end: 2 of 2; bytes not read: {left}"
    assert found.input.reconciles


def test_two_processes_give_the_answer_of_one(rules: RuleSet, tmp_path: Path) -> None:
    path, size = tmp_path / "audit.log", 0
    with path.open("wb") as file:
        for piece in generate(7):
            size += file.write(piece)
            if size > 9 << 20:
                break
    inputs: list[Input | Unreadable] = list(discover([str(path)]))
    alone = finish(Scan(inputs, Settings(rules), jobs=1))
    both = finish(Scan(inputs, Settings(rules), jobs=2, part=3 << 20))
    assert len(alone.findings) > 3
    assert msgspec.to_builtins(both, enc_hook=plain) == msgspec.to_builtins(alone, enc_hook=plain)
    assert not [name for name in os.listdir(tmp_path) if name.startswith("columns")]


def test_workers_hear_no_interrupt_from_their_first_moment_on() -> None:
    script = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    with deaf():
        inside = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    after = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (inside.stdout, after.stdout) == ("True\n", "False\n")
