"""Audit events in few words, a small rule set, and scans of files in parts of any size without processes."""

import json
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from kwho.detect.rule import Correlation, Rule, RuleSet
from kwho.engine import work
from kwho.engine.local import Scan
from kwho.engine.work import Settings
from kwho.query.parse import parse_query
from kwho.schema.result import Result
from kwho.sources import discover

MINUTE = 60_000_000


def _rule(number: int, query: str) -> Rule:
    return Rule(id=f"rule-{number}", title=f"Rule {number}", level="medium", condition=parse_query(query))


RULES = RuleSet(
    rules=(
        _rule(1, "resource:secrets verb:get,list"),
        _rule(2, "verb:watch outcome:open"),
        _rule(3, "code:401"),
        _rule(4, "verb:create"),
        _rule(5, "ua~curl"),
    ),
    correlations=(
        Correlation(
            id="many", title="Many reads", level="high", type="event_count", rules=("rule-1",),
            group_by=("user.username",), timespan=MINUTE, threshold=3,
        ),
        Correlation(
            id="wide", title="Many names", level="high", type="value_count", rules=("rule-1",),
            group_by=("user.username",), timespan=5 * MINUTE, threshold=3, value_field="objectRef.name",
        ),
        Correlation(
            id="chain", title="Read, then made", level="critical", type="temporal_ordered", rules=("rule-1", "rule-4"),
            group_by=("user.username",), timespan=5 * MINUTE,
        ),
    ),
)  # fmt: skip


class Inline(Executor):
    """Runs each task at once, in this process."""

    def __init__(self, jobs: int, settings: bytes) -> None:
        work.prepare(settings)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@pytest.fixture(scope="session")
def line(event: Callable[..., dict[str, Any]]) -> Callable[..., bytes]:
    """One event as a line of the log."""
    return lambda number=0, **members: json.dumps(event(number, **members)).encode() + b"\n"


@pytest.fixture(scope="session")
def rules() -> RuleSet:
    return RULES


@pytest.fixture(scope="session")
def inline() -> type[Inline]:
    return Inline


@pytest.fixture
def scan(tmp_path: Path) -> Callable[..., Result]:
    """The answer for files of the test's folder, whole (`part=0`) or in parts of so many bytes."""

    def answer(*names: str, part: int = 0, rules: RuleSet = RULES, where: str | None = None) -> Result:
        settings = Settings(rules, parse_query(where) if where else None)
        inputs = list(discover([str(tmp_path / name) for name in names or ["."]]))
        pool = Inline if part else None
        with Scan(inputs, settings, part=part or 1 << 30, pool=pool) as found:
            for _ in found:
                pass
            return found.conclude()

    return answer
