"""Compares `kwho scan` with jq and with bare decoding on one log: `python bench/speed.py /tmp/1m.log`.

The three run in turn, several rounds, after a warm-up in which memory is watched. The log may be plain, `.gz` or
`.zst`; jq gets its bytes through the usual tool then. `--rules-plus-100` adds a run with a hundred more rules.
"""

import argparse
import os
import platform
import shlex
import sys
import tempfile
import uuid
from pathlib import Path

from measure import Measured, compare

HERE = Path(__file__).parent
QUERY = "select(.responseStatus.code==403)"
UNPACK = {".gz": "gzip -dc", ".zst": "zstd -dc"}

VERBS = ("create", "update", "patch", "delete", "get", "list", "watch", "deletecollection")
RESOURCES = ("secrets", "pods", "configmaps", "nodes", "deployments", "daemonsets", "jobs", "serviceaccounts")
SHAPES = (
    "objectRef.namespace: bench-{number}",
    "user.username|startswith: bench-{number}-",
    "userAgent|contains: bench-{number}/",
    "objectRef.name|endswith: -bench-{number}",
    "requestURI|re: bench-{number}/[a-z]+$",
)
RULE = """\
title: Bench rule {number}
id: {id}
status: test
description: Matches nothing; it is here to be evaluated.
logsource:
    product: kubernetes
    service: audit
detection:
    selection:
        verb: {verb}
        objectRef.resource: {resource}
        {shape}
    condition: selection
level: low
"""


def main() -> None:
    """Run the comparison and print it as Markdown."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        scan = [sys.executable, "-m", "kwho", "scan", str(options.log), "--format", "jsonl", "--quiet", *options.scan]
        commands = {"kwho scan": scan}
        if options.rules_plus_100:
            write_rules(Path(folder), 100)
            commands["kwho scan, 100 more rules"] = [*scan, "--rules", folder]
        commands[f"jq '{QUERY}'"] = filtered(options.log)
        commands["decode only"] = [sys.executable, str(HERE / "decode.py"), str(options.log)]
        sys.stdout.write(table(options.log, compare(commands, options.rounds), options.rounds))


def filtered(log: Path) -> list[str]:
    """The jq command, behind a pipe when the log is compressed."""
    if log.suffix not in UNPACK:
        return ["jq", "-c", QUERY, str(log)]
    return ["sh", "-c", f"{UNPACK[log.suffix]} {shlex.quote(str(log))} | jq -c {shlex.quote(QUERY)}"]


def write_rules(folder: Path, count: int) -> None:
    """Rules that look at every kind of field and match nothing."""
    for number in range(count):
        shape = SHAPES[number % len(SHAPES)].format(number=number)
        verb, resource = VERBS[number % len(VERBS)], RESOURCES[number // len(VERBS) % len(RESOURCES)]
        identity = uuid.uuid5(uuid.NAMESPACE_URL, f"bench/{number}")
        text = RULE.format(number=number, id=identity, verb=verb, resource=resource, shape=shape)
        (folder / f"bench_{number}.yaml").write_text(text)


def table(log: Path, results: dict[str, Measured], rounds: int) -> str:
    """The comparison as Markdown: ratios are to jq (wall) and to bare decoding (CPU)."""
    jq = next(result for name, result in results.items() if name.startswith("jq"))
    floor = results["decode only"]
    head = (
        f"{log.name}: {log.stat().st_size / 1e6:,.0f} MB; median of {rounds} rounds, in turn; {os.cpu_count()} CPUs, "
        f"Python {platform.python_version()}\n\n"
        "| command | wall s | CPU s | peak memory MB | times as fast as jq | CPU of decoding |\n"
        "|---|---|---|---|---|---|\n"
    )
    return head + "".join(
        f"| {name} | {one.wall:.2f} | {one.cpu:.2f} | {one.peak / 1e6:.0f} | {jq.wall / one.wall:.2f}"
        f" | {one.cpu / floor.cpu:.2f} |\n"
        for name, one in results.items()
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rules-plus-100", action="store_true", help="add a run with a hundred more rules")
    parser.add_argument("--scan", nargs="*", default=[], metavar="OPTION", help="further options of kwho scan")
    return parser.parse_args()


if __name__ == "__main__":
    main()
