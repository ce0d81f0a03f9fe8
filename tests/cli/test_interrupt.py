"""Interrupts: held back while there is nothing to show, heeded at once when there is."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from kwho.cli import search
from kwho.cli.interrupt import INTERRUPTS, Interrupts
from kwho.engine import read
from kwho.formats.reader import Reader
from kwho.schema.event import Event
from kwho.schema.record import Record, Rejected
from kwho.views.secrets import mask_event

Call = Callable[..., Result]
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


def test_an_interrupt_ends_a_search_for_more_and_is_noted() -> None:
    def found() -> Generator[int, None, None]:
        yield 1
        interrupt()
        yield 2

    interrupts = Interrupts()
    interrupts.hold()
    assert list(interrupts.heed(found())) == [1]
    assert interrupts.release()


def test_what_was_found_is_made_use_of_before_an_interrupt_is_heeded() -> None:
    interrupts, used = Interrupts(), []
    interrupts.hold()
    for item in interrupts.heed(number for number in range(5)):
        interrupt()
        used.append(item)
    assert used == [0]
    assert interrupts.release()


def test_without_an_interrupt_everything_is_found() -> None:
    interrupts = Interrupts()
    interrupts.hold()
    assert list(interrupts.heed(letter for letter in "abc")) == ["a", "b", "c"]
    assert not interrupts.release()


class Stopped(Reader):
    """An interrupt comes after the first record."""

    def __iter__(self) -> Iterator[Record | Rejected]:
        with closing(super().__iter__()) as records:  # type: ignore[type-var]  # a generator
            yield next(records)
            interrupt()


@pytest.mark.parametrize("words", [("search", "verb:get"), ("convert",)])
def test_an_interrupted_command_tells_what_was_done_so_far_in_the_words_of_a_scan(
    words: tuple[str, ...], kwho: Call, write: Write, event: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "Reader", Stopped)
    paths = write(event(1), event(2)), write(event(3), name="b.log")
    first, second = (path.stat().st_size for path in paths)
    found = kwho(*words, *paths)
    assert (found.exit_code, found.stdout.count("\n")) == (130, 1)
    left = f"{first // 2:,} of {first:,}"
    assert found.stderr.splitlines() == [
        "STOPPED  the scan was stopped before its end; inputs not read to their end: 2 of 2; "
        f"bytes not read: {first // 2 + second:,} of {first + second:,}",
        f"PROBLEM  {paths[0]}  unreadable: the scan was stopped; {left} bytes were not read",
        f"PROBLEM  {paths[1]}  unreadable: the scan was stopped; {second:,} of {second:,} bytes were not read",
        "1 of the first 1 event; no events: 2 unreadable",
    ]
    assert kwho(*words, *paths, "--quiet").stderr == ""


def test_an_interrupt_while_an_event_is_printed_does_not_cut_it(
    kwho: Call, write: Write, event: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(shown: Event) -> Event:
        interrupt()
        return mask_event(shown)

    monkeypatch.setattr(search, "mask_event", interrupted)
    found = kwho("search", "verb:get", write(event(1), event(2)))
    (printed,) = found.stdout.splitlines()
    assert (found.exit_code, json.loads(printed)["event"]["auditID"]) == (130, event(1)["auditID"])


def test_an_interrupt_after_all_was_read_leaves_nothing_to_tell_but_its_code(
    kwho: Call, write: Write, event: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    heed = INTERRUPTS.heed

    def interrupted(found: Any) -> Iterator[Any]:
        yield from heed(found)
        interrupt()

    monkeypatch.setattr(INTERRUPTS, "heed", interrupted)
    found = kwho("search", "verb:get", write(event(1)))
    assert (found.exit_code, found.stderr) == (130, "1 of 1 event\n")


@pytest.mark.usefixtures("interrupted")
def test_rules_that_are_asked_for_on_an_interrupted_log_say_so(kwho: Call, write: Write, event: Make) -> None:
    paths = write(event(1)), write(event(2), name="b.log")
    found = kwho("rules", "blind", *paths)
    assert found.exit_code == 130
    assert found.stdout.startswith("STOPPED  the scan was stopped before its end; what stands here is about the part")
    assert "PROBLEM  1 input could not be read, or not to the end\n" in found.stdout
    assert "b.log  unreadable: the scan was stopped" in found.stderr
    data = json.loads(kwho("rules", "blind", *paths, "--format", "json").stdout)
    assert (data["complete"], data["events"], data["unreadable"]) == (False, 1, 1)
