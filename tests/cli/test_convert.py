"""`kwho convert`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import Result

from kwho.schema.event import Event

Call = Callable[..., Result]
Make = Callable[..., dict[str, Any]]
Write = Callable[..., Path]


def test_native_events_come_back_the_same(kwho: Call, write: Write, event: Make) -> None:
    bodies = {"requestObject": {"a": [1, {"b": None}], "c": 1e3}, "responseObject": {"é": "\u2028"}}
    events = [event(1), event(2, **bodies), event(2, **bodies), event(3, user={"username": "a\x1b"})]
    found = kwho("convert", write(*events))
    assert found.exit_code == 0
    back = [msgspec.json.decode(line, type=Event) for line in found.stdout_bytes.splitlines()]
    assert [json.loads(line) for line in found.stdout_bytes.splitlines()] == events
    assert len(back) == 4


def test_nothing_is_masked_and_a_file_can_be_written(kwho: Call, write: Write, event: Make, tmp_path: Path) -> None:
    path = write(event(1, requestURI="/x?token=hunter2hunter2"))
    found = kwho("convert", path, "--out", tmp_path / "out.log")
    assert found.exit_code == 0
    assert found.stdout == ""
    assert "hunter2" in (tmp_path / "out.log").read_text()


@pytest.mark.parametrize("form", ["ecs", "ocsf", "csv", "parquet"])
def test_every_form_can_be_written(form: str, kwho: Call, write: Write, event: Make, tmp_path: Path) -> None:
    found = kwho("convert", write(event(1), event(2)), "--format", form, "--out", tmp_path / "out", "--quiet")
    assert found.exit_code == 0
    assert (tmp_path / "out").stat().st_size > 100
    assert found.stderr == ""


def test_only_what_was_chosen_is_converted(kwho: Call, write: Write, event: Make) -> None:
    found = kwho("convert", write(event(1), event(2, verb="list")), "--verb", "list")
    assert [json.loads(line)["verb"] for line in found.stdout.splitlines()] == ["list"]
    assert "1 of 2 events" in found.stderr


def test_a_log_is_never_overwritten_by_itself(kwho: Call, write: Write, event: Make, tmp_path: Path) -> None:
    path = write(event(1))
    before = path.read_bytes()
    (tmp_path / "link").symlink_to(path)
    for out in (path, tmp_path / "link"):
        found = kwho("convert", path, "--out", out)
        assert found.exit_code == 2
        assert path.read_bytes() == before


def test_unreadable_input_is_a_failure(kwho: Call, tmp_path: Path) -> None:
    assert kwho("convert", "/nowhere").exit_code == 3
    assert kwho("convert", "/nowhere", "--out", tmp_path / "no" / "x").exit_code != 0
