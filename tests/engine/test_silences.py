"""Silences of logs that several files hold: those of one log that was cut, and those of several API servers."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kwho.detect.rule import Correlation, Fact, Rule, RuleSet
from kwho.engine.memory import scan_bytes
from kwho.query.parse import parse_query
from kwho.schema.result import Result

Make = Callable[..., dict[str, Any]]
Scan = Callable[..., Result]

LENGTH = 400
"""Minutes of a log."""
SILENT = range(170, 182)


def trail(fact: Fact) -> Correlation:
    return Correlation(id=fact, title=fact, level="low", type="trail", rules=(), group_by=(), timespan=0, fact=fact)


RULES = RuleSet(
    rules=(Rule(id="noted", title="Noted", level="low", condition=parse_query("verb:get resource:secrets")),),
    correlations=(trail("silence"), trail("clock_leapt")),
)


@pytest.fixture
def write(event: Make, tmp_path: Path) -> Callable[..., None]:
    """Write a request a minute but for the silent ones, and watches, as an API server does, cut before some lines."""

    def written(
        name: str,
        silent: range = SILENT,
        watches: Sequence[tuple[int, int]] = (),
        cuts: Sequence[int] = (),
    ) -> None:
        asked = [(minute, 0) for minute in range(LENGTH) if minute not in silent]
        asked += [(start, took) for start, took in watches if start not in silent and start + took < LENGTH]
        lines = [
            json.dumps(
                event(
                    1,
                    60 * minute,
                    auditID=f"{number}",
                    verb="watch" if took else "get",
                    stageTimestamp=ended(minute + took),
                )
            )
            for number, (minute, took) in enumerate(sorted(asked, key=sum))
        ]
        edges = [0, *sorted({cut % len(lines) for cut in cuts} - {0}), len(lines)]
        for at in range(len(edges) - 1):
            path = tmp_path / (f"{name}-{chr(97 + at)}" if cuts else name)
            path.write_text("".join(f"{line}\n" for line in lines[edges[at] : edges[at + 1]]))

    return written


def ended(minute: int) -> str:
    return f"{(datetime(2026, 1, 5, 10, 0, 1) + timedelta(minutes=minute)).isoformat()}.000000Z"


def silences(result: Result) -> list[tuple[str, str, str]]:
    return [(Path(gap.instance or "").name, gap.from_[11:16], gap.to[11:16]) for gap in result.gaps]


def told(result: Result) -> set[str]:
    return {reason for finding in result.findings for reason in finding.reasons if finding.rule.id == "silence"}


def ids(result: Result) -> set[str]:
    return {finding.id for finding in result.findings if finding.rule.id == "silence"}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    watches=st.lists(st.tuples(st.integers(0, LENGTH - 1), st.integers(1, 60)), max_size=200),
    cuts=st.lists(st.integers(1, 600), min_size=1, max_size=6),
)
def test_a_log_that_was_cut_has_the_silences_of_the_whole(
    watches: list[tuple[int, int]], cuts: list[int], write: Callable[..., None], scan: Scan, tmp_path: Path
) -> None:
    for path in tmp_path.iterdir():
        path.unlink()
    write("whole.log", watches=watches)
    whole = scan("whole.log", rules=RULES)
    assert silences(whole) == [("whole.log", "12:50", "13:02")]
    (tmp_path / "whole.log").unlink()
    write("part", watches=watches, cuts=cuts)
    found = scan(rules=RULES)
    assert silences(found) == [("part-a", "12:50", "13:02")]
    assert [Path(name or "").name for name in found.instances] == ["part-a"]
    assert ids(found) == ids(whole)
    assert told(found) == told(whole)
    assert [reason.split(" wrote")[0] for reason in told(whole)] == ["the API server"]


def test_a_busy_log_in_many_small_files_is_one(write: Callable[..., None], scan: Scan) -> None:
    watches = [(minute, 60) for minute in range(LENGTH)]
    write("part", watches=watches, cuts=range(20, 700, 29))
    assert silences(scan(rules=RULES)) == [("part-a", "12:50", "13:02")]


def test_two_servers_are_told_apart_and_the_ids_of_their_silences_by_no_file(
    write: Callable[..., None], scan: Scan, tmp_path: Path
) -> None:
    write("a.log", silent=range(100, 110))
    write("b.log")
    found = scan(rules=RULES)
    assert silences(found) == [("a.log", "11:40", "11:50"), ("b.log", "12:50", "13:02")]
    assert [Path(name or "").name for name in found.instances] == ["a.log", "b.log"]
    assert len(ids(found)) == 2
    assert sorted(reason.split(" wrote")[0] for reason in told(found)) == list(found.instances)
    for name, other in (("a.log", "z.log"), ("b.log", "y.log")):
        (tmp_path / name).rename(tmp_path / other)
    assert ids(scan(rules=RULES)) == ids(found)
    assert ids(scan("y.log", rules=RULES)) < ids(found)


def test_a_story_names_the_server_that_fell_silent_where_files_tell_several(
    write: Callable[..., None], scan: Scan, tmp_path: Path
) -> None:
    grave = RuleSet(rules=tuple(msgspec.structs.replace(rule, level="high") for rule in RULES.rules))
    write("a.log")
    said = "Anything from 2026-01-05T12:50:00.000000Z to 2026-01-05T13:02:00.000000Z: the log is silent"
    assert f"{said}." in scan(rules=grave).incidents[0].unseen
    write("b.log", silent=range(0))
    assert f"{said} ({tmp_path / 'a.log'})." in scan(rules=grave).incidents[0].unseen


def test_a_log_in_memory_has_silences_without_a_name(write: Callable[..., None], tmp_path: Path) -> None:
    write("a.log")
    found = scan_bytes((tmp_path / "a.log").read_bytes(), RULES)
    assert silences(found) == [("", "12:50", "13:02")]
    assert found.instances == (None,)


def test_servers_that_fall_silent_together_are_both_told(write: Callable[..., None], scan: Scan) -> None:
    write("a.log")
    write("b.log", silent=range(170, 190))
    write("c.log", silent=range(LENGTH - 60, LENGTH))
    assert len(scan(rules=RULES).gaps) == len(ids(scan(rules=RULES))) == 3


def test_a_request_through_a_silence_is_found_in_a_log_that_was_cut(
    write: Callable[..., None], scan: Scan, line: Callable[..., bytes], tmp_path: Path
) -> None:
    write("part", cuts=(100, 300))
    with (tmp_path / "part-c").open("ab") as part:
        part.write(line(999, at=60 * 169, verb="list", stageTimestamp=ended(182)))
    leapt = [finding for finding in scan(rules=RULES).findings if finding.rule.id == "clock_leapt"]
    assert [finding.count for finding in leapt] == [1]
    assert "a silence of 12 minutes" in leapt[0].reasons[0]
