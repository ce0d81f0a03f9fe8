"""Programs end when they are told, and say why when they end by themselves."""

import os
from pathlib import Path

import pytest
from lab.process import Program, wait_for


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_stopped_program_is_gone(tmp_path: Path) -> None:
    program = Program("sleeper", ["sleep", "60"], tmp_path)
    assert alive(program.pid)
    program.stop()
    assert not alive(program.pid)
    program.stop()


def test_a_program_that_does_not_listen_is_ended_by_force(tmp_path: Path) -> None:
    program = Program("deaf", ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"], tmp_path)
    wait_for("trap", lambda: b"ready" in program.output.read_bytes(), 5, pause=0.01)
    program.stop(patience=0.1)
    assert not alive(program.pid)


def test_its_last_words_are_told(tmp_path: Path) -> None:
    program = Program("loser", ["sh", "-c", "echo no such flag; exit 3"], tmp_path)
    with pytest.raises(RuntimeError, match=r"loser ended with 3:\nno such flag"):
        wait_for("anything", lambda: False, 5, program, pause=0.01)


def test_waiting_ends(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError, match="the moon: not ready"):
        wait_for("the moon", lambda: False, 0.02, pause=0.01)


def test_a_crash_is_at_once(tmp_path: Path) -> None:
    program = Program("sleeper", ["sleep", "60"], tmp_path)
    program.kill()
    assert not alive(program.pid)
