"""The log is the same for a seed, in stage order, and has the shape of a real one."""

from collections import Counter
from itertools import islice, pairwise
from json import loads
from pathlib import Path

import msgspec
import pytest

from kwho.sample import generate, plants
from kwho.sample.log import HOURS
from kwho.schema.event import Event

EVENTS = msgspec.json.Decoder(Event)
SEED = 7


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return list(generate(SEED))


@pytest.fixture(scope="module")
def log(lines: list[bytes]) -> list[Event]:
    return [EVENTS.decode(line) for line in lines]


def share(log: list[Event], of: str) -> dict[object, float]:
    reads = {
        "verb": lambda event: event.verb,
        "stage": lambda event: event.stage,
        "code": lambda event: event.responseStatus.code,
        "resource": lambda event: event.objectRef.resource if event.objectRef else None,
        "subresource": lambda event: event.objectRef.subresource if event.objectRef else None,
    }
    counts = Counter(map(reads[of], log))
    return {value: 100 * count / len(log) for value, count in counts.items()}


def test_the_demo_is_large_enough_to_be_interesting_and_small_enough_to_be_quick(lines: list[bytes]) -> None:
    assert 60_000 <= len(lines) <= 100_000


def test_the_same_seed_gives_the_same_log_and_another_seed_another() -> None:
    first, again, other = (list(islice(generate(seed), 3_000)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_events_bound_the_log_by_its_length_and_begin_it_in_the_same_way(lines: list[bytes]) -> None:
    assert list(generate(SEED, events=5_000)) == lines[:5_000]


def test_hours_bound_the_log_by_its_time(lines: list[bytes]) -> None:
    short = list(generate(SEED, hours=0.25))
    assert short == lines[: len(short)]
    assert len(lines) / 14 < len(short) < len(lines) / 8


def test_lines_stand_in_order_of_their_stage_and_not_of_their_receipt(log: list[Event]) -> None:
    stages = [event.stageTimestamp or "" for event in log]
    assert stages == sorted(stages)
    received = [event.requestReceivedTimestamp or "" for event in log]
    disorder = sum(earlier > later for earlier, later in pairwise(received)) / len(received)
    assert 0.08 < disorder < 0.25


def test_no_line_has_a_key_twice(lines: list[bytes]) -> None:
    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        assert len(set(keys)) == len(keys)
        return dict(pairs)

    for line in lines[::7]:
        loads(line, object_pairs_hook=unique)


def test_every_line_is_a_whole_event(log: list[Event]) -> None:
    for event in log:
        assert event.apiVersion == "audit.k8s.io/v1"
        assert event.user is not None
        assert event.auditID
        assert event.requestURI
        assert event.responseStatus


@pytest.mark.parametrize(
    ("of", "value", "least", "most"),
    [
        ("verb", "get", 50, 80),
        ("verb", "update", 7, 26),
        ("verb", "list", 2, 8),
        ("verb", "create", 2.5, 8),
        ("verb", "watch", 1.5, 5),
        ("verb", "delete", 0.5, 4),
        ("verb", "patch", 1, 4),
        ("stage", "ResponseStarted", 0.5, 4),
        ("code", 200, 87, 94),
        ("code", 201, 2.5, 7),
        ("code", 404, 2.5, 6),
        ("code", 403, 0.1, 0.8),
        ("code", 409, 0.2, 1),
        ("resource", "secrets", 3, 9),
        ("resource", "pods", 2, 6),
        ("resource", "events", 1, 4),
        ("resource", None, 20, 65),
        ("subresource", "status", 1.5, 6),
    ],
)
def test_the_shares_are_near_those_of_a_real_cluster(
    log: list[Event], of: str, value: object, least: float, most: float
) -> None:
    assert least <= share(log, of)[value] <= most


def test_lines_without_bodies_have_the_size_of_real_ones(lines: list[bytes], log: list[Event]) -> None:
    sizes = sorted(len(line) for line, event in zip(lines, log, strict=True) if event.level == "Metadata")
    assert 950 <= sum(sizes) / len(sizes) <= 1_250
    assert sizes[len(sizes) // 20] >= 600
    assert sizes[-len(sizes) // 20] <= 1_700


def test_repeated_ids_are_streams_only(log: list[Event]) -> None:
    ids = Counter(event.auditID for event in log)
    assert max(ids.values()) == 2
    repeated = [event for event in log if ids[event.auditID] == 2]
    kinds = {
        event.verb if event.verb == "watch" else (event.objectRef and event.objectRef.subresource) for event in repeated
    }
    assert kinds == {"watch", "exec", "portforward", "log"}


def test_everything_planted_is_in_the_log(log: list[Event]) -> None:
    ids = {event.auditID for event in log}
    for plant in plants(SEED):
        assert set(plant.audit_ids) <= ids


def test_without_attacks_nothing_planted_is_in_the_log() -> None:
    ids = {EVENTS.decode(line).auditID for line in generate(SEED, hours=0.5, attacks=False)}
    assert ids.isdisjoint(audit_id for plant in plants(SEED) for audit_id in plant.audit_ids)


def test_plants_of_further_days_are_other_requests() -> None:
    assert len(plants(SEED, days=2)) == 2 * len(plants(SEED))
    assert HOURS * 60 > 112


def test_a_busier_cluster_writes_more(lines: list[bytes]) -> None:
    busy = sum(1 for _ in generate(SEED, hours=0.2, rate=40))
    assert busy == pytest.approx(40 * 0.2 * 3600, rel=0.2)


def test_the_program_of_the_tutorial_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    tutorial = Path(__file__).parents[2] / "docs" / "tutorials" / "demo.md"
    program = tutorial.read_text().partition("```python\n")[2].partition("```")[0]
    exec(compile(program, str(tutorial), "exec"), {})
    assert (tmp_path / "demo.log").stat().st_size > 50_000_000
    assert "stolen-token attack" in capsys.readouterr().out
