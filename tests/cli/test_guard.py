"""Logs are never written over."""

from pathlib import Path

import click
import pytest

from kwho.cli.guard import spare
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
