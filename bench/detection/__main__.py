"""Measures how well kwho detects: `python -m bench.detection [--sigma DIR] [--days N] [--write]`, from the root.

Without `--write` the tables go to standard output and nothing else changes. With it, what was measured is kept in
`tests/data/detection-quality.json`, and the tables in `docs/reference/detection-quality.md` are written anew; what was
not measured this time stays as it was.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from bench.detection.logs import RECORDINGS, Log, days, recordings
from bench.detection.measure import load, save
from bench.detection.page import PAGE, written
from bench.detection.score import Score, rows
from bench.detection.table import tables

from kwho.detect.pack import assemble
from kwho.detect.rule import RuleSet


def main() -> None:
    """Measure what is asked for and print or keep it."""
    options = _options()
    measure = load()
    implemented = rows(assemble([]))
    if options.days:
        measure.days = {log.name: log.measure(implemented) for log in _noted(days(options.days))}
    else:
        measure.recordings = {log.name: log.measure(implemented) for log in _noted(recordings(options.recordings))}
    if options.sigma is not None:
        measure.baseline = _baseline(options.sigma, options.recordings)
    if options.write:
        save(measure)
        PAGE.write_text(written(PAGE.read_text("utf-8"), tables(measure)), encoding="utf-8")
    else:
        print("\n".join(f"{name}\n\n{table}" for name, table in tables(measure).items()))


def _baseline(rules: Path, folder: Path) -> dict[str, Score]:
    """The recordings by rules of others, which name no rows: findings count, steps do not."""
    options = ("--no-pack", "--rules", str(rules))
    return {log.name: _plain(log.measure(rows(RuleSet()), *options)) for log in _noted(recordings(folder))}


def _plain(score: Score) -> Score:
    attacks = {
        name: msgspec.structs.replace(attack, rules=(), steps={}, seconds=None)
        for name, attack in score.attacks.items()
    }
    return msgspec.structs.replace(score, attacks=attacks, missed=())


def _noted(logs: Iterator[Log]) -> Iterator[Log]:
    for log in logs:
        print(log.name, file=sys.stderr)
        yield log


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.detection", description=__doc__)
    parser.add_argument("--recordings", type=Path, default=RECORDINGS, help="a folder of recordings")
    parser.add_argument("--sigma", type=Path, help="a folder of other Sigma rules, measured on the same recordings")
    parser.add_argument(
        "--days", type=int, default=0, help="instead, generated days of so many seeds under each policy"
    )
    parser.add_argument("--write", action="store_true", help="keep what was measured")
    return parser.parse_args()


if __name__ == "__main__":
    main()
