"""`kwho search`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Call = Callable[..., Result]
Make = Callable[..., dict[str, Any]]
Write = Callable[..., Path]


def found_ids(found: Result) -> list[str]:
    assert found.exit_code == 0, found.output
    return [json.loads(line)["event"]["auditID"][-2:] for line in found.stdout.splitlines()]


def test_events_that_match_are_printed_once_with_their_position(kwho: Call, write: Write, event: Make) -> None:
    path = write(event(1), event(2, verb="list"), event(2, verb="list"), event(3))
    found = kwho("search", "verb:list", path)
    (line,) = (json.loads(line) for line in found.stdout.splitlines())
    assert (line["type"], line["schema_version"], line["line"], line["index"]) == ("event", 1, 2, 0)
    assert path.read_bytes()[line["offset"] :].startswith(b'{"kind"')
    assert line["event"]["verb"] == "list"
    assert "1 of 4 events, 1 copy left out" in found.stderr


def test_events_without_a_believable_time_are_never_copies(kwho: Call, write: Write, event: Make) -> None:
    path = write(*(event(1, requestReceivedTimestamp=time) for time in ("never", "never", None, None)))
    assert len(found_ids(kwho("search", "verb:get", path))) == 4


def test_query_and_options_hold_together(kwho: Call, write: Write, event: Make) -> None:
    path = write(*(event(number, verb="get" if number % 2 else "list") for number in range(6)))
    assert found_ids(kwho("search", "verb:list", path, "--since", "2026-01-05T10:00:01Z")) == ["02", "04"]
    assert found_ids(kwho("search", "verb:list or verb:get", path, "--where", "name:s1,s2")) == ["01", "02"]
    assert found_ids(kwho("search", "", path, "--limit", "2")) == ["00", "01"]
    assert kwho("search", "", path, "--limit", "2").stderr == "2 of the first 2 events\n"
    assert kwho("search", "", path, "--limit", "9").stderr == "6 of 6 events\n"
    assert kwho("search", "a) or (b", path, "--where", "verb:get").exit_code == 2


@pytest.mark.parametrize("form", ["table", "csv", "ecs", "ocsf"])
def test_secrets_are_masked_unless_revealed(form: str, kwho: Call, write: Write, event: Make) -> None:
    uri = "/api/v1/namespaces/shop/pods/x/exec?command=mysql&command=--password=hunter2hunter2"
    path = write(event(1, requestURI=uri, objectRef=None))
    for words, told in (([], False), (["--reveal"], True)):
        found = kwho("search", "verb:get", path, "--format", form, *words, env={"COLUMNS": "400"})
        assert found.exit_code == 0
        assert ("hunter2" in found.stdout) == told


def test_hostile_text_cannot_steer_a_terminal(kwho: Call, write: Write, event: Make) -> None:
    path = write(event(1, user={"username": "\x1b]0;owned\x07\u202e\x9b"}))
    for form in ("table", "jsonl"):
        found = kwho("search", "verb:get", path, "--format", form)
        assert found.stdout_bytes
        assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(found.stdout)


def test_a_file_without_any_audit_event_is_named(kwho: Call, write: Write, event: Make) -> None:
    paths = write(name="empty.log"), write(name="other.log", tail=b'{"a":1}\n{"a":2}\n'), write(event(1))
    for found in (kwho("search", "verb:get", *paths), kwho("convert", *paths)):
        assert found.exit_code == 0
        assert found.stderr.splitlines()[:2] == [
            f"EMPTY  {paths[0]}: no audit event in it",
            f"EMPTY  {paths[1]}: no audit event among 2 records",
        ]


def test_what_cannot_be_read_is_told(kwho: Call, write: Write, event: Make) -> None:
    found = kwho("search", "verb:get", "/nowhere", write(event(1), tail=b'{"kind":"Event","auditID":"'))
    assert found.exit_code == 3
    assert "PROBLEM  /nowhere  unreadable: no such file or directory\n" in found.stderr
    assert "1 truncated" in found.stderr
    assert len(found.stdout.splitlines()) == 1
    assert kwho("search", "verb:get", "/nowhere", "--quiet").stderr == ""
