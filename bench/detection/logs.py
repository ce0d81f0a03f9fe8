"""The logs that are measured: recordings of a real API server, and generated days under several audit policies."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from bench.detection.answer import Request, requests, scan
from bench.detection.score import Rows, Score, score
from bench.detection.thin import thinned
from bench.detection.truth import Truth, planted, recorded

from kwho.policy.model import read_policy
from kwho.sample import generate, plants

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
    """The recordings with labels, in order of name; a scan is told the audit policy under which one was made."""
    for path in sorted(folder.glob(f"{name}/labels.jsonl.zst")):
        log = path.with_name("audit.log.zst")
        manifest = msgspec.json.decode(path.with_name("manifest.json").read_bytes())
        found = requests(zstd.decompress(log.read_bytes()).splitlines())
        truth = recorded(zstd.decompress(path.read_bytes()), _parties(found))
        yield Log(path.parent.name, log, truth, found, policy_option(manifest["policy"]))


def day(seed: int, variant: str, *, attacks: bool, hours: float, folder: Path) -> Log:
    """A generated day as a policy of the lab would have recorded it, written into `folder`."""
    path = POLICIES / f"{variant}.yaml"
    policy = read_policy(str(path), path.read_text("utf-8"))
    log = folder / f"{'planted' if attacks else 'quiet'}-{seed}-{variant}.log"
    with log.open("wb") as file:
        file.writelines(thinned(generate(seed, hours=hours, attacks=attacks), policy))
    if not attacks:
        return Log(log.stem, log, Truth((), {}, {}, {}), {}, policy_option(variant))
    with log.open("rb") as file:
        found = requests(file)
    return Log(log.stem, log, planted(plants(seed), _parties(found)), found, policy_option(variant))


def policy_option(variant: str) -> tuple[str, ...]:
    """The options that tell a scan its audit policy."""
    return ("--policy", str(POLICIES / f"{variant}.yaml"))


def _parties(found: dict[str, Request]) -> dict[str, str]:
    return {audit_id: request.party for audit_id, request in found.items()}
