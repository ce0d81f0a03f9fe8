"""Writes a log of so many events, made by the generator of the demo: `python bench/make_log.py 1000000 /tmp/1m.log`.

A name that ends in `.gz` or `.zst` is compressed. Attacks come once in every day of the log.
"""

import argparse
import gzip
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from kwho.sample import generate

CHUNK = 1_000
"""Lines written at once."""


def main() -> None:
    """Write the log and print its size as a Markdown table."""
    options = _options()
    began, size = time.perf_counter(), 0
    with opened(options.path) as write:
        lines = generate(options.seed, events=options.events, attacks=not options.benign, rate=options.rate)
        while chunk := b"".join(islice(lines, CHUNK)):
            size += write(chunk)
    seconds = time.perf_counter() - began
    sys.stdout.write("| events | MB | bytes per event | seconds | events per second |\n|---|---|---|---|---|\n")
    sys.stdout.write(
        f"| {options.events:,} | {size / 1e6:,.0f} | {size / options.events:,.0f} | {seconds:.1f}"
        f" | {options.events / seconds:,.0f} |\n"
    )


@contextmanager
def opened(path: Path) -> Iterator[Callable[[bytes], int]]:
    """How to write to the file, which is compressed as its name says."""
    if path.suffix == ".gz":
        with gzip.open(path, "wb", compresslevel=6) as packed:
            yield packed.write
    elif path.suffix == ".zst":
        from backports import zstd  # noqa: PLC0415  needed by this suffix alone

        with zstd.open(path, "wb") as out:
            yield out.write
    else:
        with path.open("wb") as plain:
            yield plain.write


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events", type=int, help="how many lines")
    parser.add_argument("path", type=Path, help="where to")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--benign", action="store_true", help="ordinary life alone, no attacks")
    parser.add_argument("--rate", type=float, default=20.0, help="requests per second of the cluster (default 20)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
