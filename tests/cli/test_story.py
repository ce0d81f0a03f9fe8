import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from kwho.cli import draw
from kwho.cli.interrupt import Interrupted

Call = Callable[..., Result]
Write = Callable[..., Path]
Make = Callable[..., dict[str, Any]]


@pytest.fixture
def saved(scanned: Call, write: Write, event: Make, tmp_path: Path) -> Path:
    """The answer about two people who read secrets."""
    other = event(2, user={"username": "bo\x1b[31m", "groups": []}, sourceIPs=["10.0.0.8"])
    found = scanned(write(event(1), other), "--format", "jsonl")
    path = tmp_path / "result.jsonl"
    path.write_text(found.stdout)
    return path


def ids(saved: Path) -> dict[str, str]:
    incidents = (json.loads(line) for line in saved.read_text().splitlines())
    return {item["principals"][0][:3]: item["id"] for item in incidents if item["type"] == "incident"}


def test_the_logs_and_the_saved_answer_tell_the_same(kwho: Call, saved: Path, own_rules: Path, tmp_path: Path) -> None:
    wanted = ids(saved)["ana"]
    words = ("--format", "json", "--quiet")
    scanned = kwho("story", wanted, tmp_path / "audit.log", "--no-pack", "--rules", own_rules, *words)
    told = kwho("story", wanted[:6], "--from", saved, *words)
    assert told.exit_code == scanned.exit_code == 0
    assert told.stdout == scanned.stdout
    assert json.loads(told.stdout)["id"] == wanted


@pytest.mark.parametrize("words", [(), ("--format", "md")])
def test_a_story_names_steps_proof_and_reasons(kwho: Call, saved: Path, words: tuple[str, ...]) -> None:
    found = kwho("story", ids(saved)["bo\x1b"].removeprefix("i-"), "--from", saved, *words)
    assert found.exit_code == 0
    assert "2026-01-05 10:00:02Z" in found.stdout
    assert "read secrets s2 in shop: Secrets read" in found.stdout
    assert "audit.log:2:" in "".join(found.stdout.split())  # paths are cut where the screen ends
    assert "What happened before" in found.stdout
    assert "bo\\x1b[31m" in found.stdout
    assert "\x1b" not in found.stdout


def test_an_id_that_fits_none_or_several_is_answered_with_the_ids_there_are(kwho: Call, saved: Path) -> None:
    for wanted, why in (
        ("i-", "2 incidents have an id that begins so"),
        ("zz", "no incident has an id that begins so"),
    ):
        found = kwho("story", wanted, "--from", saved)
        assert found.exit_code == 2
        assert why in found.stderr
        assert all(name in found.stderr for name in ids(saved).values())
        assert "\x1b" not in found.stderr


def test_without_an_incident_there_is_no_story(kwho: Call, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text('{"type":"summary"}\n\n')
    found = kwho("story", "i-1", "--from", empty)
    assert found.exit_code == 2
    assert "there is no incident" in found.stderr


def test_what_is_no_answer_is_refused_with_the_line(kwho: Call, saved: Path) -> None:
    summary = saved.read_text().splitlines()[-1]
    for junk in ("{\x1b", '{"a":1}', '{"type":"incident"}', "[]"):
        saved.write_text(f"{summary}\n{junk}\n")
        found = kwho("story", "i-1", "--from", saved)
        assert found.exit_code == 2
        assert f"{saved}:2: not a line of kwho scan --format jsonl" in found.stderr
        assert "\x1b" not in found.stderr


def test_either_logs_or_a_saved_answer(kwho: Call, saved: Path) -> None:
    assert kwho("story", "i-1").exit_code == 2
    assert kwho("story", "i-1", saved, "--from", saved).exit_code == 2
    assert "No such file" in kwho("story", "i-1", "--from", saved.parent / "nowhere").stderr


@pytest.mark.usefixtures("interrupted")
def test_an_interrupted_story_tells_what_was_found_so_far(
    kwho: Call, saved: Path, own_rules: Path, tmp_path: Path, write: Write, event: Make
) -> None:
    paths = (tmp_path / "audit.log", write(event(3), name="b.log"), "--no-pack", "--rules", own_rules)
    wanted = ids(saved)["ana"]
    shown = kwho("story", wanted, *paths)
    assert (shown.exit_code, shown.stdout.count("STOPPED"), shown.stdout.count(wanted)) == (130, 1, 1)
    assert "b.log  unreadable: the scan was stopped" in shown.stderr
    assert kwho("story", wanted, *paths, "--format", "md").stdout.startswith("**The scan was stopped before its end.**")
    assert json.loads(kwho("story", wanted, *paths, "--format", "json", "--quiet").stdout)["id"] == wanted
    missed = kwho("story", "i-zz", *paths)
    assert (missed.exit_code, missed.stdout) == (130, "")
    assert "STOPPED  the scan was stopped before its end\ni-zz: no incident so far has an id" in missed.stderr
    assert all(name in missed.stderr for name in ids(saved).values())


def test_a_story_that_is_stopped_at_once_does_not_speak_of_what_was_read(
    kwho: Call, write: Write, event: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(scan: Any, *, quiet: bool) -> Iterator[None]:
        raise Interrupted

    monkeypatch.setattr(draw, "drawn", interrupted)
    found = kwho("story", "i-1", write(event(1)), "--no-pack")
    assert (found.exit_code, found.stdout) == (130, "")
    assert found.stderr.splitlines()[1:] == [
        "STOPPED  the scan was stopped before its end",
        "there is no incident so far: nothing was read, so nothing could be found",
    ]
