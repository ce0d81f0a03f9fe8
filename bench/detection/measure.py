"""All that was measured, kept as a file that tests and documentation read."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import msgspec
from bench.detection.logs import ROOT
from bench.detection.score import Score

KEPT: Final = ROOT / "tests" / "data" / "detection-quality.json"
_SPREAD: Final = 4
"""Levels of the file that have a line for each member."""


class Measure(msgspec.Struct):
    """Scores by log: of the recordings, of the same by the rules of others, and of generated days."""

    recordings: dict[str, Score] = {}
    baseline: dict[str, Score] = {}
    days: dict[str, Score] = {}


def load(path: Path = KEPT) -> Measure:
    """What was measured before; nothing when there is no such file."""
    return msgspec.json.decode(path.read_bytes(), type=Measure) if path.exists() else Measure()


def save(measure: Measure, path: Path = KEPT) -> None:
    """Write it so that a change of one attack is a change of one line."""
    path.write_text(_spread(msgspec.to_builtins(measure), _SPREAD) + "\n", encoding="utf-8")


def worse(before: Score, now: Score) -> list[str]:
    """In words, what a new score lost against an old one: attacks, steps, or silence about honest work."""
    lost = [f"{name} is not found any more" for name in sorted(before.found - now.found)]
    untold = set(now.missed).difference(before.missed)
    lost += [f"a step is not told any more: {name}" for name in sorted(untold)]
    for place, rules in now.false.items():
        known = before.false.get(place, {})
        more = {title: count - known.get(title, 0) for title, count in rules.items()}
        lost += [f"{count} more findings above low in {place}: {title}" for title, count in more.items() if count > 0]
    for place, count in now.false_incidents.items():
        if count > before.false_incidents.get(place, 0):
            lost.append(f"{count - before.false_incidents.get(place, 0)} more incidents in {place}")
    if now.glued > before.glued:
        lost.append(f"{now.glued - before.glued} more incidents hold attacks that have nothing to do with each other")
    return lost + list(_unlinked(before, now))


def _unlinked(before: Score, now: Score) -> Iterable[str]:
    for name, attack in before.attacks.items():
        if attack.incidents and name in now.attacks and not now.attacks[name].incidents:
            yield f"no incident tells {name} any more"


def _spread(value: Any, depth: int) -> str:
    if not depth or not isinstance(value, dict) or not value:
        return msgspec.json.encode(value).decode()
    members = (f"{' ' * (_SPREAD - depth + 1)}{_key(key)}: {_spread(item, depth - 1)}" for key, item in value.items())
    return "{\n" + ",\n".join(members) + "\n" + " " * (_SPREAD - depth) + "}"


def _key(key: str) -> str:
    return msgspec.json.encode(key).decode()
