"""One part, mapped piece by piece."""

import gc
from collections.abc import Callable
from pathlib import Path

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
    outcome = work.outcome_of(delivered)
    assert not delivered.exists()
    assert work.outcome_of(outcome) is outcome
    assert (outcome.start, outcome.end) == (0, path.stat().st_size)
    (facts,) = outcome.partial.parts.values()
    assert (facts.decoded, facts.filtered) == (2, 1)
    assert facts.columns is None
    assert set(outcome.spilled) == set(outcome.partial.parts)
    assert {key.cluster for key in outcome.partial.findings} == {"prod"}


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
