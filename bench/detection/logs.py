"""The logs that are measured: recordings of a real API server, and generated days under several audit policies."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from bench.detection.answer import Request, requests, scan
from bench.detection.score import Rows, Score, score
from bench.detection.thin import thinned
from bench.detection.truth import Truth, planted, recorded

from kwho.policy.model import read_policy
from kwho.sample import Plant, generate, plants

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ROOT: Final = Path(__file__).parents[2]
RECORDINGS: Final = ROOT / "tests" / "data" / "recordings"
POLICIES: Final = ROOT / "lab" / "policies"

VARIANTS: Final = ("everything", "important", "gke-like", "metadata")
"""Audit policies of the lab under which generated days are seen."""
PLANTED_HOURS: Final = 3.0
"""All planted attacks are over by then."""


class Log(NamedTuple):
    """One log on disk with its truth, its answered requests, and what its scan is told."""

    name: str
    path: Path
    truth: Truth
    requests: dict[str, Request]
    options: tuple[str, ...]

    def measure(self, implemented: Rows, *options: str) -> Score:
        """Scan and compare."""
        return score(self.truth, scan(self.path, *self.options, *options), implemented, self.requests)


def recordings(folder: Path = RECORDINGS, name: str = "*") -> Iterator[Log]:
    """The recordings with labels, packed or not, by name; a scan is told the audit policy under which one was made."""
    for labels in sorted(folder.glob(f"{name}/labels.jsonl*")):
        log = labels.with_name(labels.name.replace("labels.jsonl", "audit.log"))
        manifest = msgspec.json.decode(labels.with_name("manifest.json").read_bytes())
        found = requests(_unpacked(log).splitlines())
        truth = recorded(_unpacked(labels), _parties(found))
        yield Log(labels.parent.name, log, truth, found, policy_option(manifest["policy"]))


def _unpacked(path: Path) -> bytes:
    data = path.read_bytes()
    return zstd.decompress(data) if path.suffix == ".zst" else data


def days(count: int) -> Iterator[Log]:
    """Generated days of the seeds 1 to `count`, quiet and with attacks, as each policy of the lab would record them.

    A log is gone when the next is asked for.
    """
    for seed in range(1, count + 1):
        for attacks, hours in ((False, 24.0), (True, PLANTED_HOURS)):
            with tempfile.TemporaryDirectory() as folder:
                whole = Path(folder) / "whole.log"
                with whole.open("wb") as file:
                    file.writelines(generate(seed, hours=hours, attacks=attacks))
                for variant in VARIANTS:
                    name = f"{'planted' if attacks else 'quiet'}-{seed}-{variant}"
                    yield day(whole, variant, plants(seed) if attacks else ())._replace(name=name)


def day(whole: Path, variant: str, planted_in_it: tuple[Plant, ...]) -> Log:
    """A generated log as a policy of the lab would have recorded it, written beside it."""
    path = POLICIES / f"{variant}.yaml"
    policy = read_policy(str(path), path.read_text("utf-8"))
    log = whole.with_name("seen.log")
    with whole.open("rb") as lines, log.open("wb") as file:
        file.writelines(thinned(lines, policy))
    with log.open("rb") as lines:
        found = requests(lines) if planted_in_it else {}
    return Log(variant, log, planted(planted_in_it, _parties(found)), found, policy_option(variant))


def policy_option(variant: str) -> tuple[str, ...]:
    """The options that tell a scan its audit policy."""
    return ("--policy", str(POLICIES / f"{variant}.yaml"))


def _parties(found: dict[str, Request]) -> dict[str, str]:
    return {audit_id: request.party for audit_id, request in found.items()}
