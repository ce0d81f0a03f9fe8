"""Logs are never written over, and what cannot be written is said at once."""

import os
from pathlib import Path

import click
import pytest

from kwho.cli.guard import prepare, spare
from kwho.sources import discover


def test_a_file_that_is_read_is_spared_under_every_name(tmp_path: Path) -> None:
    log, other = tmp_path / "audit.log", tmp_path / "other"
    log.write_text("x")
    other.write_text("y")
    (tmp_path / "link").symlink_to(log)
    (tmp_path / "hard").hardlink_to(log)
    inputs = list(discover([str(log), "/nowhere", "-"]))
    for name in ("audit.log", "link", "hard"):
        with pytest.raises(click.UsageError, match=name):
            spare(inputs, [other, tmp_path / name])
    spare(inputs, [other, tmp_path / "new", Path("/nowhere/x")])


def test_what_cannot_be_written_is_refused_and_nothing_is_touched(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_text("x")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    for out, why in (
        (tmp_path / "missing" / "x", "there is no folder"),
        (old / "x", "there is no folder"),
        (tmp_path, "is a directory"),
        (tmp_path / "circle", "circle"),
        (tmp_path / ("n" * 300), "too long"),
        (tmp_path / "a\0b", "null"),
    ):
        with pytest.raises(click.UsageError, match=why):
            prepare([], [out])
    prepare([], [old, tmp_path / "new", Path("/dev/null"), Path("/dev/null")])
    assert (old.read_text(), (tmp_path / "new").exists()) == ("x", False)


@pytest.mark.skipif(os.geteuid() == 0, reason="everything may be written by root")
def test_what_may_not_be_written_is_refused(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(0o500)
    with pytest.raises(click.UsageError, match="nothing may be written"):
        prepare([], [closed / "x"])


def test_two_outputs_never_go_to_one_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "new")
    with pytest.raises(click.UsageError, match="two outputs"):
        prepare([], [tmp_path / "new", tmp_path / "link"])
