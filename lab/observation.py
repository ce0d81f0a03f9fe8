"""An observation as it was written by `python -m lab observe`: what was done, answered and logged."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Event = dict[str, Any]


@dataclass(frozen=True)
class Observation:
    """What was done, what the server answered, and what the log and the webhook say about it."""

    version: tuple[int, int]
    acts: dict[str, list[tuple[str, int]]]
    refused: list[str]
    files: int
    log: list[Event]
    batches: list[Event]

    def code(self, act: str, number: int = 0) -> int:
        """The HTTP status that the client got for one request of an act."""
        return self.acts[act][number][1]

    def events(self, act: str, number: int = 0) -> list[Event]:
        """The log's events with the id of that request."""
        return [event for event in self.log if event["auditID"] == self.acts[act][number][0]]

    def stages(self, act: str, number: int = 0) -> list[str]:
        """The stages of those events, in the order of the log."""
        return [event["stage"] for event in self.events(act, number)]

    def last(self, act: str, number: int = 0) -> Event:
        """The last of those events."""
        return self.events(act, number)[-1]

    def received(self, act: str, number: int = 0) -> list[Event]:
        """The same events as the webhook got them."""
        items = [item for batch in self.batches for item in batch["items"]]
        return [item for item in items if item["auditID"] == self.acts[act][number][0]]


def load(folder: Path, read: Callable[[Path], str]) -> Observation:
    """Read an observation; `read` gives the text of one of its files, which may lie there compressed."""
    said = json.loads(read(folder / "said.json"))
    major, minor, _ = said["kubernetes"].removeprefix("v").split(".")
    acts = {name: [(str(i), int(code)) for i, code in answers] for name, answers in said["acts"].items()}
    log, batches = (
        [json.loads(line) for line in read(folder / name).splitlines()] for name in ("audit.log", "webhook.jsonl")
    )
    return Observation((int(major), int(minor)), acts, said["refused"], said["files"], log, batches)
