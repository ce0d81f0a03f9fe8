"""The options that decide an answer are one list, and a screen that proposes a command repeats them."""

import codecs
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import Result

from kwho.cli import judge, select
from kwho.cli.judge import DECIDING, spelled
from kwho.cli.rules import blind_rules, show_rule
from kwho.cli.scan import command as scan
from kwho.cli.story import command as story
from kwho.reports.command import Asked

Call = Callable[..., Result]
Write = Callable[..., Path]
Make = Callable[..., dict[str, Any]]

NOW = 1_767_607_200_000_000
GIVES = {"form", "outs", "min_severity", "fail_on", "jobs", "show", "strict", "require_complete", "reveal", "quiet"}
"""What changes how `scan` gives its answer, and not the answer."""


def names(command: click.Command) -> set[str]:
    return {option.name or "" for option in command.params if isinstance(option, click.Option)}


def test_every_option_of_a_scan_decides_the_answer_or_does_not() -> None:
    assert names(scan) == DECIDING | GIVES
    assert not DECIDING & GIVES


def test_a_story_takes_all_that_decides_what_is_found() -> None:
    assert names(story) - {"saved"} == (DECIDING - {"policy", "show_excluded"}) | (
        GIVES & {"form", "jobs", "reveal", "quiet"}
    )


@pytest.mark.parametrize(
    ("command", "propose"), [(blind_rules, Asked.blind), (show_rule, lambda asked: asked.rule("x"))]
)
def test_other_commands_are_given_the_options_that_they_know(
    command: click.Command, propose: Callable[[Asked], str]
) -> None:
    every = tuple((option.opts[0], None) for option in scan.params if option.name in DECIDING)
    told = set(re.findall(r"--[a-z-]+", propose(Asked(("a",), every))))
    known = {name for option in command.params for name in option.opts}
    assert told == known & {name for name, _ in every}


def test_options_are_spelled_as_they_were_typed_and_times_in_full() -> None:
    words = [
        "a.log",
        "--since",
        "2h ago",
        "--until",
        "2026-01-06",
        "--where",
        'time>="1h ago"',
        "--verb",
        "get",
        "--verb",
        "-list",
        "--no-pack",
        "-q",
    ]
    with scan.make_context("scan", [*words, "--site", "my site.yaml"]) as ctx:
        told = [*spelled(ctx, NOW)]
    assert told == [
        ("--where", 'requestReceivedTimestamp>="2026-01-05T09:00:00.000000Z"'),
        ("--since", "2026-01-05T08:00:00.000000Z"),
        ("--until", "2026-01-06"),
        ("--verb", "get"),
        ("--verb", "-list"),
        ("--site", "my site.yaml"),
        ("--no-pack", None),
    ]


def split(line: str) -> list[str]:
    """The words of a command as bash reads them."""
    words = re.findall(r"\$'[^']*'|'[^']*'|\S+", line)
    return [
        codecs.escape_decode(word[2:-1].encode())[0].decode("utf-8", "surrogateescape")
        if word.startswith("$'")
        else "".join(shlex.split(word))
        for word in words
    ]


def test_the_proposed_commands_find_what_the_screen_told(
    kwho: Call, own_rules: Path, write: Write, event: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(select, "present", lambda: NOW)
    monkeypatch.setattr(judge, "present", lambda: NOW)
    other = event(2, user={"username": "bo", "groups": []}, sourceIPs=["10.0.0.8"])
    log = write(event(1), other, name="a log\x1b[31m; touch 'pwned.log")
    words = ("--no-pack", "--rules", own_rules, "--cluster", "$(touch pwned)\nb", "--user", "ana*", "--since", "1d ago")
    told = kwho("scan", log, *words)
    assert told.exit_code == 0
    assert "\x1b" not in told.stdout
    begin = told.stdout.index("next: ") + 6
    *commands, unsaid = (line.strip() for line in told.stdout[begin:].splitlines())
    assert unsaid == "PATH and OPTIONS: as given to this scan"  # among the incidents, on a screen as narrow as this
    assert [command.split()[:2] for command in commands] == [["kwho", "story"], ["kwho", "scan"]]
    for command in commands:
        found = kwho(*split(command)[1:])
        assert found.exit_code == 0, found.output
        assert "ana" in found.stdout
        assert "bo" not in re.findall(r"\w+", found.stdout)


def test_a_story_is_found_by_the_options_that_a_scan_was_given(
    kwho: Call, own_rules: Path, write: Write, event: Make
) -> None:
    other = event(2, user={"username": "bo", "groups": []}, sourceIPs=["10.0.0.8"])
    log = write(event(1), other)
    rules = ("--no-pack", "--rules", own_rules)
    whole, part = (kwho("scan", log, *rules, "--format", "json", *more) for more in ((), ("--where", "user:bo")))
    one, two = (json.loads(found.stdout)["incidents"] for found in (whole, part))
    assert (len(one), len(two)) == (2, 1)
    assert kwho("story", two[0]["id"], log, *rules, "--where", "user:bo").exit_code == 0
    gone = kwho("story", "i-0000", log, *rules, "--where", "user:nobody")
    assert gone.exit_code == 2
    assert "there is no incident: no event is as asked, 2 others left out" in gone.stderr


def test_a_saved_answer_takes_no_option_that_would_change_it(kwho: Call, tmp_path: Path) -> None:
    found = kwho("story", "i-1", "--from", tmp_path / "answer.jsonl", "--cluster", "a")
    assert found.exit_code == 2
    assert "--cluster decides what a scan finds; with --from nothing is scanned" in found.stderr
