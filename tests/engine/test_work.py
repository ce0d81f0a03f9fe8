"""One part, mapped piece by piece."""

import gc
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kwho.detect.rule import RuleSet
from kwho.engine import work
from kwho.engine.work import Settings, Task
from kwho.query.parse import parse_query
from kwho.schema.result import Result
from kwho.sources import Input, Part, discover


@pytest.mark.parametrize("piece", [1, 7, 10, 11])
def test_pieces_of_any_size_give_the_same_answer(
    piece: int,
    line: Callable[..., bytes],
    scan: Callable[..., Result],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = b"".join(line(number) + b"{broken\n" * (number % 3 == 0) for number in range(15))
    (tmp_path / "audit.log").write_bytes(data)
    whole = scan("audit.log")
    monkeypatch.setattr(work, "PIECE", piece)
    assert scan("audit.log") == whole
    assert scan("audit.log", part=900) == whole


def test_settings_travel_to_a_worker(rules: RuleSet, line: Callable[..., bytes], tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    path.write_bytes(line(1) + line(2, verb="list"))
    settings = Settings(rules, parse_query("verb:list"), "prod", spill=str(tmp_path))
    work.prepare(msgspec.msgpack.encode(settings))
    (found,) = discover([str(path)])
    assert isinstance(found, Input)
    delivered = work.run(Task(0, found, Part(str(path), 0, None)))
    assert isinstance(
        delivered, Path
    )  # what goes through a pipe is short, or a worker that dies leaves half of it there
    (outcome,) = outcomes = work.outcomes_of(delivered)
    assert not delivered.exists()
    assert work.outcomes_of(outcomes) is outcomes
    assert (outcome.start, outcome.end) == (0, path.stat().st_size)
    (facts,) = outcome.partial.parts.values()
    assert (facts.decoded, facts.filtered) == (2, 1)
    assert facts.columns is None
    assert set(outcome.spilled) == set(outcome.partial.parts)
    assert {key.cluster for key in outcome.partial.findings} == {"prod"}


def task(size: int | None, **members: Any) -> Task:
    part = Part("a.log", members.pop("start", 0), members.pop("stop", None))
    return Task(0, Input("a.log", size=size), part, **members)


def test_small_files_in_a_row_are_handed_over_together_and_all_else_by_itself() -> None:
    small, large, half = task(1_000), task(work.TOGETHER), task(work.TOGETHER // 2)
    cut, rest, shared = task(10, stop=5), task(10, start=5), task(10, share=work.Share(0, 2, 100))
    tasks = deque([small, task(0), small, large, small, half, half, cut, rest, shared, small])
    batches = []
    while tasks:
        batches.append(work.together(tasks))
    assert [len(batch) for batch in batches] == [3, 1, 2, 1, 1, 1, 1, 1]
    assert batches[2] == (small, half)


def test_no_more_than_so_many_files_are_handed_over_together() -> None:
    tasks = deque([task(0)] * (work.MANY + 1))
    assert len(work.together(tasks)) == work.MANY
    assert len(tasks) == 1


def test_tasks_that_were_handed_over_together_come_back_in_their_order(
    rules: RuleSet, line: Callable[..., bytes], tmp_path: Path
) -> None:
    for number in range(3):
        (tmp_path / f"{number}.log").write_bytes(line(number) * (number + 1))
    work.prepare(msgspec.msgpack.encode(Settings(rules)))
    inputs = [found for found in discover([str(tmp_path)]) if isinstance(found, Input)]
    delivered = work.run(*(Task(at, found, Part(found.path, 0, None)) for at, found in enumerate(inputs)))
    ends = [outcome.end for outcome in work.outcomes_of(delivered)]
    assert ends == [(number + 1) * len(line(0)) for number in range(3)]


def test_what_was_made_while_the_collector_rested_counts_as_old() -> None:
    with work.uncollected():
        made = [[number] for number in range(1_000)]
        assert not gc.isenabled()
    assert gc.isenabled()
    assert any(each is made for each in gc.get_objects(generation=2))


def test_what_a_host_has_frozen_stays_so() -> None:
    gc.freeze()
    try:
        with work.uncollected():
            pass
        assert gc.get_freeze_count()
    finally:
        gc.unfreeze()
