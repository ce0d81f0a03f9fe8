"""Compares the start of `kwho --version` with a program of three lines that uses click: `python bench/start.py`."""

import argparse
import sys
import tempfile
from pathlib import Path

from measure import compare

BARE = """\
import click

@click.group()
@click.version_option("0")
def main():
    pass

main()
"""


def main() -> None:
    """Run both in turn and print the medians as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder, "bare.py")
        bare.write_text(BARE)
        commands = {
            "kwho --version": [sys.executable, "-m", "kwho", "--version"],
            "bare click": [sys.executable, str(bare), "--version"],
        }
        results = compare(commands, rounds)
    floor = results["bare click"]
    sys.stdout.write(
        f"median of {rounds} rounds, in turn\n\n| command | wall ms | CPU ms | ratio |\n|---|---|---|---|\n"
    )
    for name, one in results.items():
        ratio = one.wall / floor.wall
        sys.stdout.write(f"| {name} | {one.wall * 1e3:.0f} | {one.cpu * 1e3:.0f} | {ratio:.2f} |\n")


if __name__ == "__main__":
    main()
