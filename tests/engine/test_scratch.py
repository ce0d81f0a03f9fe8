"""Folders of a run's own: gone at its end, and gone after a kill."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from kwho.engine import scratch
from kwho.engine.scratch import Scratch, sweep

HOLD = "import sys; from kwho.engine.scratch import Scratch; print(Scratch().path, flush=True); sys.stdin.read()"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_a_folder_is_there_until_it_is_closed(place: Path) -> None:
    folder = Scratch()
    Path(folder.path, "x").write_text("x")
    folder.close()
    folder.close()
    assert list(place.iterdir()) == []


def test_a_living_run_keeps_its_folder_and_a_killed_one_does_not(place: Path) -> None:
    command = [sys.executable, "-c", HOLD]
    environment = {**os.environ, "TMPDIR": str(place)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as run:
        assert run.stdout is not None
        folder = Path(run.stdout.readline().decode().strip())
        (folder / "columns-1").write_text("x")
        sweep()
        assert (folder / "columns-1").exists()
        run.kill()
        run.wait()
        sweep()
        assert not folder.exists()


def test_what_is_not_ours_is_left_alone(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = place / "other"
    other.mkdir()
    (other / "lock").touch()
    (place / "kwho-link").symlink_to(other)
    (place / "kwho-without").mkdir()
    for name in ("kwho-linked", "kwho-fifo", "kwho-folder"):
        (place / name).mkdir()
    (place / "kwho-linked" / "lock").symlink_to(other / "lock")
    os.mkfifo(place / "kwho-fifo" / "lock")
    (place / "kwho-folder" / "lock").mkdir()
    (place / "kwho-file").touch()
    before = sorted(place.rglob("*"))
    sweep()
    assert sorted(place.rglob("*")) == before
    (place / "kwho-foreign").mkdir()
    (place / "kwho-foreign" / "lock").touch()
    monkeypatch.setattr(os, "getuid", lambda: -1)
    sweep()
    assert (place / "kwho-foreign").exists()
    monkeypatch.undo()


def test_without_locks_nothing_is_swept(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "kwho-old").mkdir()
    (place / "kwho-old" / "lock").touch()
    monkeypatch.setattr(scratch, "fcntl", None)
    folder = Scratch()
    assert (place / "kwho-old").exists()
    folder.close()
    assert not Path(folder.path).exists()


@pytest.mark.parametrize("name", ["TMPDIR", "TEMP", "TMP"])
def test_a_directory_that_the_user_chose_is_used_or_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", "")
    monkeypatch.setenv(name, str(tmp_path))
    folder = Scratch()
    assert Path(folder.path).parent == tmp_path
    folder.close()
    monkeypatch.setenv(name, str(tmp_path / "gone"))
    with pytest.raises(FileNotFoundError, match=f"{name} names this directory") as failed:
        Scratch()
    assert failed.value.filename == str(tmp_path / "gone")


def test_without_a_choice_the_directory_is_that_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in scratch.NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "system"))
    with pytest.raises(FileNotFoundError, match=r"No such file or directory: '.*system'"):
        Scratch()
    (tmp_path / "system").mkdir()
    folder = Scratch()
    assert Path(folder.path).parent == tmp_path / "system"
    folder.close()
