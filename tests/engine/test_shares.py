"""One archive that several workers share gives the answer of one worker that has all of it."""

import gzip
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kwho.detect.rule import RuleSet
from kwho.engine import local
from kwho.engine.local import Scan
from kwho.engine.work import Settings, Task
from kwho.schema.finding import plain
from kwho.sources import discover

Line = Callable[..., bytes]
Pool = Callable[[int, bytes], Executor]


class Counted(Executor):
    """Notes the tasks that another executor runs."""

    def __init__(self, inner: Executor, tasks: list[Task]) -> None:
        self._inner = inner
        self._tasks = tasks

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self._tasks += args
        return self._inner.submit(fn, *args, **kwargs)


@pytest.fixture
def shared(
    rules: RuleSet, inline: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Any, list[Task]]]:
    """The answer for one file, mapped by one worker or shared by several, and the tasks that it took."""
    monkeypatch.setattr(local, "SMALL", 0)

    def answer(name: str, *, jobs: int = 1, part: int = 1 << 30) -> tuple[Any, list[Task]]:
        tasks: list[Task] = []

        def pool(workers: int, prepared: bytes) -> Executor:
            return Counted(inline(workers, prepared), tasks)

        inputs = list(discover([str(tmp_path / name)]))
        with Scan(inputs, Settings(rules), jobs=jobs, part=part, pool=pool) as found:
            for _ in found:
                pass
            return msgspec.to_builtins(found.conclude(), enc_hook=plain), tasks

    return answer


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plan=st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["", "", "", "blank", "noise", "long"])), max_size=40),
    jobs=st.integers(2, 4),
    part=st.integers(50, 4_000),
    torn=st.booleans(),
)
def test_shares_of_any_size_give_the_answer_of_the_whole(
    plan: list[tuple[int, str]], jobs: int, part: int, torn: bool, line: Line, shared: Any, tmp_path: Path
) -> None:
    after = {"": b"", "blank": b"\n \n\r\n", "noise": b"{broken\n", "long": b"x" * 5_000 + b"\n"}
    data = gzip.compress(b"".join(line(number) + after[kind] for number, kind in plan))
    (tmp_path / "audit.log.gz").write_bytes(data[:-9] if torn else data)
    whole, _ = shared("audit.log.gz")
    found, tasks = shared("audit.log.gz", jobs=jobs, part=part)
    assert found == whole
    assert [task.share is not None for task in tasks[:jobs]] == [True] * jobs


def test_an_archive_of_lines_is_mapped_once(line: Line, shared: Any, tmp_path: Path) -> None:
    (tmp_path / "audit.log.gz").write_bytes(gzip.compress(b"".join(line(number) for number in range(60))))
    found, tasks = shared("audit.log.gz", jobs=3, part=2_000)
    assert found["input"]["events"] == 60
    assert [task.share.number for task in tasks] == [0, 1, 2]


def test_shares_that_meet_inside_a_record_are_given_up_for_one_worker(
    event: Callable[..., Any], shared: Any, tmp_path: Path
) -> None:
    documents = [msgspec.json.format(msgspec.json.encode(event(number)), indent=2) for number in range(40)]
    (tmp_path / "audit.log.gz").write_bytes(gzip.compress(b"\n".join(documents)))
    whole, _ = shared("audit.log.gz")
    found, tasks = shared("audit.log.gz", jobs=2, part=700)
    assert found == whole
    assert found["input"]["events"] == 40
    assert [task.share is None for task in tasks] == [False, False, True]


def test_the_first_and_the_last_parts_of_a_file_are_smaller(
    line: Line, shared: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "LEAST", 1_000)
    (tmp_path / "audit.log").write_bytes(b"".join(line(number) for number in range(60)))
    size = (tmp_path / "audit.log").stat().st_size
    whole, _ = shared("audit.log")
    found, tasks = shared("audit.log", jobs=3, part=4_000)
    assert found == whole
    sizes = [(task.part.stop or size) - task.part.start for task in tasks]
    largest, least = sizes.index(4_000), max(1_000, size // 24)
    assert sizes[:largest] == sorted(sizes[:largest])
    assert sizes[largest:] == sorted(sizes[largest:], reverse=True)
    assert (sizes[0], sizes[1], sizes[-2], sum(sizes)) == (least, least, least, size)


def test_an_archive_beside_others_of_its_size_is_not_shared(line: Line, shared: Any, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(line(ord(name)), mtime=0))
    _, tasks = shared(".", jobs=2, part=100)
    assert [task.share for task in tasks] == [None, None]
