"""Play everyday life and scenarios for some minutes, and write the logs, the labels and a manifest."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
import re
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, get_args

from lab import life
from lab.cluster import remove
from lab.consequences import consequences
from lab.laboratory import Laboratory
from lab.ownership import Ownership
from lab.scenarios import every
from lab.session import copy_logs, make_plan, session, stop_on_signals
from lab.story import Label, Scenario, Stage, Tempo

_PROVISIONING: Final = Scenario("provisioning", "The organisation is set up", "confounder", "", (), lambda _stage: None)
_AUDIT_ID: Final = re.compile(rb'"auditID":"((?:[^"\\]|\\.)*)"')
_AT_ONCE: Final = 3  # scenarios that may run side by side


@dataclass(frozen=True)
class Wish:
    """What to record."""

    kubernetes: str
    policy: str
    seed: int
    minutes: float
    scenarios: tuple[str, ...] = ()
    tempo: str = "mixed"


def record(wish: Wish, target: Path) -> None:
    """Record audit.log, webhook.jsonl, labels.jsonl and manifest.json; raises when a scenario cannot be played."""
    target.mkdir(parents=True, exist_ok=True)
    chosen = _chosen(wish)
    end = stop_on_signals()
    place = Path(tempfile.mkdtemp(prefix="lab-"))
    setup, ownership = _Setup(), Ownership()
    try:
        with session(make_plan(wish.kubernetes, wish.policy), place, setup.note) as lab:
            labels = [setup.label()]
            watching = threading.Event()
            ownership.watch(lab.dashboard, watching)
            stages, failures = _play(lab, wish, chosen, end)
            watching.set()
            lab.plane.flush()
        copy_logs(lab.plane, target)
    finally:
        remove(place)
    for stage in stages:
        labels += stage.labels
    labels += consequences(target / "audit.log", stages, ownership)
    recorded = frozenset(audit_ids(target / "audit.log"))
    final = [label.without(recorded) for label in labels if label.audit_ids]
    (target / "labels.jsonl").write_text("".join(label.line() + "\n" for label in final), encoding="utf-8")
    _write_manifest(wish, target, final, failures)
    if failures:
        raise RuntimeError("these scenarios could not be played to their end:\n" + "\n".join(failures))


def audit_ids(path: Path) -> Iterator[str]:
    """The audit ids of a log file, one for every line that has one."""
    with path.open("rb") as file:
        for line in file:
            if found := _AUDIT_ID.search(line):
                yield json.loads(b'"' + found[1] + b'"')


class _Setup:
    """Collects the requests that furnish the organisation."""

    def __init__(self) -> None:
        self._begin = _now()
        self._ids: list[str] = []

    def note(self, audit_id: str) -> None:
        self._ids.append(audit_id)

    def label(self) -> Label:
        name = _PROVISIONING.name
        return Label(
            name, "create everything", "confounder", "kubernetes-admin", "", (), self._begin, _now(), tuple(self._ids)
        )


def _chosen(wish: Wish) -> list[Scenario]:
    known = {scenario.name: scenario for scenario in every()}
    if unknown := [name for name in wish.scenarios if name not in known]:
        raise ValueError(f"unknown scenario {', '.join(unknown)}; `python -m lab list` names all")
    minor = int(wish.kubernetes.split(".")[1])
    wanted = [known[name] for name in wish.scenarios] or list(known.values())
    return [scenario for scenario in wanted if scenario.since[1] <= minor]


def _play(lab: Laboratory, wish: Wish, chosen: list[Scenario], end: threading.Event) -> tuple[list[Stage], list[str]]:
    chance = random.Random(f"{wish.seed}:{wish.policy}:{wish.kubernetes}")
    chance.shuffle(chosen)
    stop = threading.Event()
    living = life.start(lab, stop, wish.seed, wish.minutes)
    begin = time.monotonic()
    length = wish.minutes * 60
    stages: list[Stage] = []
    running: list[threading.Thread] = []
    failures: list[str] = []
    for number, scenario in enumerate(chosen):
        due = begin + length * (0.1 + 0.8 * number / max(len(chosen), 1))
        while (time.monotonic() < due or sum(t.is_alive() for t in running) >= _AT_ONCE) and not end.is_set():
            time.sleep(0.1)
        if end.is_set():
            break
        stage = Stage(lab, scenario, f"{wish.seed}:{scenario.name}", _tempo(wish, chance))
        stages.append(stage)
        thread = threading.Thread(target=_perform, args=(stage, failures), name=scenario.name, daemon=True)
        thread.start()
        running.append(thread)
    for thread in running:
        thread.join(180)
    while time.monotonic() < begin + length and not end.is_set():
        time.sleep(0.1)
    stop.set()
    for thread in living:
        thread.join(30)
    if end.is_set():
        failures.append("recording: ended before its time")
    return stages, failures


def _perform(stage: Stage, failures: list[str]) -> None:
    print(f"{_now()} {stage.scenario.name} ({stage.tempo})", file=sys.stderr, flush=True)
    try:
        stage.scenario.play(stage)
    except Exception:  # noqa: BLE001 - one scenario of an open set must not end the others; the run fails at its end
        failures.append(f"{stage.scenario.name}:\n{traceback.format_exc()}")


def _tempo(wish: Wish, chance: random.Random) -> Tempo:
    tempos = get_args(Tempo)
    return chance.choice(tempos) if wish.tempo == "mixed" else next(t for t in tempos if t == wish.tempo)


def _write_manifest(wish: Wish, target: Path, labels: Sequence[Label], failures: list[str]) -> None:
    kinds = Counter(label.kind for label in labels)
    files = ("audit.log", "webhook.jsonl", "labels.jsonl")
    manifest: dict[str, Any] = {
        **asdict(wish),
        "recorded": _now(),
        "played": sorted({label.scenario for label in labels}),
        "failed": [failure.partition(":")[0] for failure in failures],
        "labels": dict(sorted(kinds.items())),
        "events": sum(1 for _ in (target / "audit.log").open("rb")),
        "batches": sum(1 for _ in (target / "webhook.jsonl").open("rb")),
        "sha256": {name: hashlib.sha256((target / name).read_bytes()).hexdigest() for name in files},
    }
    (target / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
