"""Runs commands and measures them: wall time, CPU time and memory of all their processes together (Linux).

Commands are compared by running them in turn, A B A B, so that a busy moment hits both; the median is reported.
"""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile
from typing import IO, NamedTuple

PAUSE = 0.05
"""Seconds between two looks at the memory."""


class Run(NamedTuple):
    """One run: seconds on the clock, seconds of CPU (user and system, all processes)."""

    wall: float
    cpu: float


class Measured(NamedTuple):
    """Medians over the rounds, and the highest memory seen in the warm-up."""

    wall: float
    cpu: float
    peak: int


def compare(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Measured]:
    """Every command once with its memory watched (a warm-up that is not timed), then `rounds` times in turn."""
    peaks = {name: peak_memory(command) for name, command in commands.items()}
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(run(command))
    return {
        name: Measured(median(one.wall for one in done), median(one.cpu for one in done), peaks[name])
        for name, done in runs.items()
    }


def run(command: Sequence[str]) -> Run:
    """One run with its output thrown away; a command that fails ends the benchmark."""
    with TemporaryFile() as complaints:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=complaints, env=_as_installed())
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        _insist(process.returncode, command, complaints)
    return Run(wall, usage.ru_utime + usage.ru_stime)


def peak_memory(command: Sequence[str]) -> int:
    """The highest proportional set size, in bytes, of the command and everything it started, seen every 50 ms."""
    peak = 0
    with TemporaryFile() as complaints:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=complaints, env=_as_installed())
        while process.poll() is None:
            peak = max(peak, sum(_memory(pid) for pid in _family(process.pid)))
            time.sleep(PAUSE)
        _insist(process.returncode, command, complaints)
    return peak


def _as_installed() -> dict[str, str]:
    """The environment, but with compiled modules kept, as an installer leaves them; the warm-up makes them."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _insist(code: int, command: Sequence[str], complaints: IO[bytes]) -> None:
    if code:
        complaints.seek(0)
        raise SystemExit(f"{' '.join(command)}: exit {code}\n{complaints.read().decode(errors='replace')[-2_000:]}")


def _family(pid: int) -> list[int]:
    """The process and all its descendants."""
    found = [pid]
    for parent in found:
        try:
            children = [path.read_text() for path in Path(f"/proc/{parent}/task").glob("*/children")]
        except OSError:
            continue
        found += [int(child) for line in children for child in line.split()]
    return found


def _memory(pid: int) -> int:
    """Proportional set size, so that pages shared by workers count once; 0 for a process that is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
