"""Interrupts: held back while there is nothing to show, heeded at once when there is."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kwho.cli.interrupt import Interrupts

Make = Callable[..., dict[str, Any]]
Write = Callable[..., Path]

EARLY = """
import os, signal, sys
from kwho.__main__ import main
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
os.kill(os.getpid(), signal.SIGINT)
main()
"""


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_what_is_held_is_told_once() -> None:
    interrupts = Interrupts()
    interrupts.hold()
    interrupt()
    interrupts.hold()
    assert interrupts.release()
    assert not interrupts.release()


def test_a_second_interrupt_does_not_wait() -> None:
    interrupts = Interrupts()
    interrupts.hold()
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        interrupt()


def test_released_interrupts_raise_and_ignored_ones_do_not() -> None:
    interrupts = Interrupts()
    assert not interrupts.release()
    for number in (signal.SIGINT, signal.SIGTERM):
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    interrupts.ignore()
    interrupt()


def test_another_thread_changes_nothing() -> None:
    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=Interrupts().hold)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(("words", "lines"), [(("scan", "--format", "jsonl"), 1), (("search", "verb:get"), 0)])
def test_an_interrupt_before_any_reading_is_heeded_as_soon_as_it_can_be_told(
    words: tuple[str, ...], lines: int, write: Write, event: Make
) -> None:
    command = [sys.executable, "-c", EARLY, *words, str(write(event(1)))]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, len(told)) == (130, lines)
    assert b"Traceback" not in done.stderr
    if lines:
        assert (told[0]["type"], told[0]["complete"], told[0]["input"]["unreadable"]) == ("summary", False, 1)


LATE = """
import os, signal, sys
from kwho.outputs.jsonl import Jsonl
render = Jsonl.render
def interrupted(self, document):
    os.kill(os.getpid(), signal.SIGINT)
    yield from render(self, document)
Jsonl.render = interrupted
from kwho.__main__ import main
main()
"""


def test_an_interrupt_while_the_answer_is_printed_does_not_cut_it(write: Write, event: Make) -> None:
    command = [sys.executable, "-c", LATE, "scan", str(write(event(1), event(2))), "--format", "jsonl"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    summary = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, done.stderr) == (130, b"")
    assert (summary["type"], summary["complete"], summary["input"]["events"]) == ("summary", True, 2)
