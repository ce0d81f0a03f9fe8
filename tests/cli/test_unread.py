"""What cannot be read is told in the same words by every command, and by the exit code."""

import gzip
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Call = Callable[..., Result]
Write = Callable[..., Path]
Make = Callable[..., dict[str, Any]]


@pytest.fixture
def torn(tmp_path: Path, event: Make) -> dict[str, Path]:
    """Files that cannot be read, or not to their end, each beside a good one."""
    lines = "".join(json.dumps(event(number)) + "\n" for number in range(50)).encode()
    packed = gzip.compress(lines, mtime=0)
    contents = {
        "cut.gz": packed[:-40],
        "headless.gz": packed[:12],
        "damaged.gz": packed[:200] + b"\xff" * 40 + packed[240:],
        "followed.gz": packed + b"more",
        "spoilt.gz": gzip.compress(lines + b"{broken\n" * 3 + lines[:200], mtime=0)[:-8] + bytes(8),
        "broken.log": lines + b"{broken\n" + lines[:200],
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    with tarfile.open(tmp_path / "logs.tar", "w") as archive:
        archive.add(tmp_path / "broken.log", "broken.log")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "astray").symlink_to("nothing")
    return {name: tmp_path / name for name in (*contents, "logs.tar", "loop", "astray", "vani\x1bshed")}


def told(found: Result) -> list[str]:
    return [line for line in found.stderr.splitlines() if line.startswith("PROBLEM")]


def line_of(problem: dict[str, Any]) -> str:
    place = f":{problem['line']}:{problem['offset']}" if problem["line"] else ""
    return f"{problem['file']}{place}  {problem['kind']}: {problem['reason']}"


NAMES = (
    "cut.gz",
    "headless.gz",
    "damaged.gz",
    "followed.gz",
    "spoilt.gz",
    "broken.log",
    "logs.tar",
    "loop",
    "astray",
    "vani\x1bshed",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_ledger_is_the_same_in_every_command(
    name: str, torn: dict[str, Path], scanned: Call, kwho: Call, write: Write, event: Make
) -> None:
    paths = (torn[name], write(event(60)))
    scan = scanned(*paths, "--format", "jsonl")
    summary = json.loads(scan.stdout.splitlines()[-1])
    wanted = [f"PROBLEM  {line_of(problem)}".replace("\x1b", "\\x1b") for problem in summary["problems"]]
    lost = {kind: summary["input"][kind] for kind in ("malformed", "truncated", "unreadable")}
    assert wanted
    assert sum(lost.values()) == len(wanted)
    for found in (kwho("search", "verb:get", *paths), kwho("convert", *paths)):
        assert told(found) == wanted
        ending = "; no events: " + ", ".join(f"{count} {kind}" for kind, count in lost.items() if count)
        assert found.stderr.splitlines()[-1].endswith(ending)
        assert found.exit_code == scan.exit_code == (3 if lost["unreadable"] else 0)
    assert told(scan) == (wanted if lost["unreadable"] else [])


def test_why_an_input_ends_early_is_told_before_what_is_broken_in_it_and_in_others(
    torn: dict[str, Path], scanned: Call, kwho: Call, write: Write, event: Make
) -> None:
    paths = (write(event(1), tail=b"{broken\n" * 9), torn["spoilt.gz"], "/nowhere", torn["followed.gz"])
    wanted = ["gzip stream damaged", "no such file or directory", "data after the end of the archive is not gzip"]
    problems = json.loads(scanned(*paths, "--format", "jsonl").stdout.splitlines()[-1])["problems"]
    assert [problem["reason"].rpartition(": ")[2] for problem in problems[:3]] == wanted
    assert {problem["kind"] for problem in problems[3:]} == {"malformed"}
    screen = " ".join(scanned(*paths).stdout.partition("PROBLEM")[2].split())
    assert [screen.index(reason) for reason in wanted] == sorted(screen.index(reason) for reason in wanted)
    assert screen.index(wanted[-1]) < screen.index("malformed")
    for found in (kwho("search", "verb:get", *paths), kwho("convert", *paths)):
        assert [line.rpartition(": ")[2] for line in told(found)[:3]] == wanted


def test_a_sheet_of_one_finding_does_not_hide_what_was_not_read(scanned: Call, write: Write, event: Make) -> None:
    line = ["PROBLEM  /nowhere  unreadable: no such file or directory"]
    assert told(scanned("/nowhere", write(event(1)))) == []
    assert told(scanned("/nowhere", write(event(1)), "--show", "f-")) == line
    assert told(scanned("/nowhere", write(event(1)), "--format", "md")) == line


@pytest.mark.parametrize("words", [("rules", "blind"), ("story", "i-")])
def test_commands_that_scan_tell_it_as_well(words: tuple[str, ...], kwho: Call, write: Write, event: Make) -> None:
    found = kwho(*words, "/nowhere", write(event(1)), "--no-pack")
    assert "PROBLEM  /nowhere  unreadable: no such file or directory\n" in found.stderr
    assert found.exit_code == 3


def test_rules_on_a_log_that_cannot_be_read_have_no_page(kwho: Call, write: Write, event: Make) -> None:
    found = kwho("rules", "blind", "/nowhere")
    assert (found.exit_code, found.stdout) == (3, "EMPTY    nothing was read: nothing can be said about the rules\n")
    data = json.loads(kwho("rules", "blind", "/nowhere", "--format", "json").stdout)
    assert (data["complete"], data["events"], data["unreadable"]) == (True, 0, 1)
    partly = kwho("rules", "blind", "/nowhere", write(event(1)))
    assert partly.stdout.startswith("PROBLEM  1 input could not be read, or not to the end\n")
    assert " on 1 event\n" in partly.stdout


def test_a_story_of_less_than_was_asked_says_so_by_its_exit_code(
    scanned: Call, kwho: Call, own_rules: Path, write: Write, event: Make
) -> None:
    path = write(event(1), event(2))
    answer = scanned(path, "--format", "jsonl").stdout.splitlines()
    (incident,) = (line for line in map(json.loads, answer) if line["type"] == "incident")
    words = ("story", incident["id"], path, "--no-pack", "--rules", own_rules)
    assert kwho(*words).exit_code == 0
    found = kwho(*words, "/nowhere", "--quiet")
    assert (found.exit_code, found.stderr) == (3, "")
    assert found.stdout.partition("next:")[0] == kwho(*words).stdout.partition("next:")[0]


def test_many_problems_are_counted_beyond_the_first(kwho: Call, write: Write, event: Make) -> None:
    found = kwho("search", "verb:get", write(event(1), tail=b"{broken\n" * 9))
    assert len(told(found)) == 6
    assert told(found)[-1] == "PROBLEM  … and 4 more records that could not be read"
    assert found.stderr.splitlines()[-1] == "1 of 1 event; no events: 9 malformed"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(kwho: Call, scanned: Call, write: Write, event: Make) -> None:
    path = write(event(1))
    path.chmod(0)
    for found in (kwho("search", "verb:get", path), scanned(path, "--format", "jsonl")):
        assert found.exit_code == 3
        assert told(found) == [f"PROBLEM  {path}  unreadable: permission denied"]
