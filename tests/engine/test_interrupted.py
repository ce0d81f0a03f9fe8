"""An interrupt at any moment of a scan leaves an answer that is true of what it says was read."""

import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from kwho.cli.interrupt import Interrupted, Interrupts
from kwho.detect.rule import RuleSet
from kwho.engine import local, work
from kwho.engine.local import Scan
from kwho.engine.work import Settings
from kwho.kernel import partial, tally
from kwho.schema.result import Result
from kwho.sources import discover

WATCHED = {local.__file__, partial.__file__, tally.__file__}
NEVER = 1_000_000
MOMENTS = 150
LEFT = re.compile(r"bytes not read: ([\d,]+) of")


class Trap:
    """Sends an interrupt when so many lines of the watched modules were run."""

    def __init__(self, lines: int) -> None:
        self.left = lines

    def __call__(self, frame: FrameType, _event: str, _value: Any) -> "Trap | None":
        if frame.f_code.co_filename not in WATCHED:
            return None
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGINT)
        return self


def interrupted(scan: Scan, interrupts: Interrupts, trap: Trap) -> Result:
    """What a scan tells that is interrupted in the trap."""
    interrupts.hold()
    before = sys.gettrace()
    sys.settrace(trap)
    try:
        for _ in scan:
            pass
    except Interrupted:
        pass
    finally:
        sys.settrace(before)
    with scan:
        return scan.conclude()


@pytest.mark.parametrize("pooled", [True, False])
def test_what_was_read_is_counted_whole_and_nothing_else(
    pooled: bool,
    line: Callable[..., bytes],
    rules: RuleSet,
    inline: Callable[..., Executor],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(work, "PIECE", 7)
    lines = [line(number, namespace=f"n{number % 5}") for number in range(60)]
    for name, some in (("a.log", lines[:40]), ("b.log", lines[40:])):
        (tmp_path / name).write_bytes(b"".join(some))
    starts = [sum(map(len, lines[:number])) for number in range(60)]
    inputs, total = list(discover([str(tmp_path)])), sum(map(len, lines))
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    told: set[int] = set()
    moments = [NEVER]
    try:
        while moments:
            trap, interrupts = Trap(moments.pop()), Interrupts()
            pool: dict[str, Any] = {"pool": inline, "part": 3_000} if pooled else {"jobs": 1}
            scan = Scan(inputs, Settings(rules), interruptible=interrupts.open, **pool)
            found = interrupted(scan, interrupts, trap)
            left = LEFT.search(" ".join(found.notes))
            done = total - (int(left[1].replace(",", "")) if left else 0)
            assert found.input.events == sum(start < done for start in starts)
            counts = Counter[str]()
            for finding in found.findings:
                counts[finding.rule.id] += finding.count if finding.detector == "rule" else 0
            assert set(counts.values()) <= {0, found.input.events}
            assert found.input.reconciles
            assert found.complete == (done == total)
            if not told:
                moments = [(NEVER - trap.left) * number // MOMENTS + 1 for number in range(MOMENTS)]
            told.add(done)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert {0, total} <= told
    assert len(told) > 2
