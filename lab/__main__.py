"""The lab's command line: `python -m lab build | up | record | observe | mix | list`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lab import binaries, namespace
from lab.cluster import POLICIES
from lab.mix import mix, read, table
from lab.record import Wish, record
from lab.scenarios import every
from lab.semantics import observe, observing
from lab.session import hold, make_plan


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code: 0 well, 1 failed, 2 misused."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options, arguments))
    except (RuntimeError, TimeoutError, ValueError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1


def _build(options: argparse.Namespace, _arguments: list[str]) -> int:
    print(binaries.build(options.kubernetes, jobs=options.jobs))
    return 0


def _up(options: argparse.Namespace, arguments: list[str]) -> int:
    binaries.find(options.kubernetes)
    namespace.enter(arguments)
    return hold(options.kubernetes, options.policy, Path(options.folder) if options.folder else None)


def _record(options: argparse.Namespace, arguments: list[str]) -> int:
    binaries.find(options.kubernetes)
    namespace.enter(arguments)
    wish = Wish(
        options.kubernetes, options.policy, options.seed, options.minutes, tuple(options.scenario or ()), options.tempo
    )
    record(wish, Path(options.out))
    return 0


def _observe(options: argparse.Namespace, arguments: list[str]) -> int:
    binaries.find(options.kubernetes)
    namespace.enter(arguments)
    observe(observing(make_plan(options.kubernetes, "everything")), options.kubernetes, Path(options.out))
    return 0


def _mix(options: argparse.Namespace, _arguments: list[str]) -> int:
    print(table(mix(read(Path(options.recording)))), end="")
    return 0


def _list(_options: argparse.Namespace, _arguments: list[str]) -> int:
    for scenario in every():
        print(f"{scenario.name:34} {scenario.kind:11} {scenario.title}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description=__doc__)
    commands = parser.add_subparsers(required=True)
    build = commands.add_parser("build", help="build the control plane once into the cache")
    build.add_argument("--jobs", type=int, default=2, help="packages compiled at a time")
    build.set_defaults(run=_build)
    up = commands.add_parser("up", help="start a control plane, furnish it, print its kubeconfig, stop with Ctrl-C")
    up.add_argument("--folder", help="keep the state here instead of in a temporary folder")
    up.set_defaults(run=_up)
    recording = commands.add_parser("record", help="play everyday life and scenarios, and write the logs with labels")
    recording.add_argument("--seed", type=int, default=1, help="decides victims, order, tempo and names")
    recording.add_argument("--minutes", type=float, default=5.0, help="how long to play")
    recording.add_argument("--scenario", action="append", help="play only this one (may be repeated)")
    recording.add_argument(
        "--tempo", choices=["burst", "normal", "slow", "mixed"], default="mixed", help="of the scenarios"
    )
    recording.add_argument("--out", required=True, help="folder to write into")
    recording.set_defaults(run=_record)
    observation = commands.add_parser("observe", help="play the acts that show how the API server audits")
    observation.add_argument("--out", required=True, help="folder to write into")
    observation.set_defaults(run=_observe)
    mixing = commands.add_parser("mix", help="show what a recording is made of, beside a published trace")
    mixing.add_argument("recording", help="its folder")
    mixing.set_defaults(run=_mix)
    for command in (build, up, recording, observation):
        command.add_argument(
            "--kubernetes", choices=binaries.VERSIONS, default=binaries.VERSIONS[0], help="the version"
        )
    for command in (up, recording):
        names = sorted(path.stem for path in POLICIES.glob("*.yaml"))
        command.add_argument("--policy", choices=names, default="important", help="the audit policy")
    listing = commands.add_parser("list", help="list the scenarios")
    listing.set_defaults(run=_list)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
