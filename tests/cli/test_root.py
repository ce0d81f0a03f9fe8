"""The command line as a process: codes, closed pipes, what is imported, what is said of an error of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import Result

from kwho import __version__, cli
from kwho.cli import COMMANDS, run

Make = Callable[..., dict[str, Any]]
Write = Callable[..., Path]


def process(*words: object, **options: Any) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "kwho", *(str(word) for word in words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def exit_code(monkeypatch: pytest.MonkeyPatch, *words: object) -> object:
    monkeypatch.setattr(sys, "argv", ["kwho", *(str(word) for word in words)])
    with pytest.raises(SystemExit) as stop:
        run()
    return stop.value.code


def test_every_command_is_listed_and_has_help(kwho: Callable[..., Result]) -> None:
    found = kwho("--help")
    for name, line in COMMANDS.items():
        assert f"{name} " in found.stdout
        assert line in found.stdout
        assert kwho(name, "--help").exit_code == 0
    assert kwho("nothing").exit_code == 2


def test_a_word_that_is_no_command_gets_a_suggestion_that_fits(
    kwho: Callable[..., Result], write: Write, event: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write(event(1), name="my audit.log").parent)
    for word, meant in (
        ("scna", "`kwho scan …`"),
        ("my audit.log", "`kwho scan 'my audit.log'`"),
        ("whatever", "`kwho scan PATH`"),
    ):
        found = kwho(word)
        assert found.exit_code == 2
        assert f"did you mean {meant}?" in found.output
    assert "\x1b" not in kwho("a\x1b[2J").output


def test_the_version_is_told_without_loading_anything_heavy() -> None:
    script = (
        "import sys\nfrom kwho.cli import root\n"
        "try:\n    root(['--version'])\nfinally:\n    print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout == f"kwho {__version__}\n"
    loaded = set(found.stderr.split())
    assert "click" in loaded
    heavy = ("rich", "msgspec", "sigma", "yaml", "re2", "cryptography", "pyarrow", "multiprocessing")
    assert not loaded.intersection(heavy)
    assert {name for name in loaded if name.startswith("kwho.")} == {"kwho.cli", "kwho.cli.codes", "kwho.cli.interrupt"}


def test_codes_reach_the_shell(monkeypatch: pytest.MonkeyPatch, write: Write, event: Make, own_rules: Path) -> None:
    words = ("scan", "--no-pack", "--rules", own_rules, "--quiet", "--format", "jsonl")
    assert exit_code(monkeypatch, *words, write(event(1))) in (0, None)
    assert exit_code(monkeypatch, *words, write(event(1)), "--fail-on", "low") == 1
    assert exit_code(monkeypatch, *words, write(event(1)), "--where", "((") == 2
    assert exit_code(monkeypatch, *words, "/nowhere") == 3
    assert exit_code(monkeypatch, *words, write(event(1)), "--out", "json=/nowhere/x") == 2
    assert exit_code(monkeypatch, *words, write(event(1)), "--out", "json=/dev/full") == 70
    assert exit_code(monkeypatch, "--version") in (0, None)


@pytest.mark.parametrize(
    ("error", "code"), [(ZeroDivisionError("odd"), 70), (KeyboardInterrupt(), 130), (click.Abort(), 130)], ids=repr
)
def test_errors_of_its_own_and_interrupts_have_codes(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(self: object, context: object, name: str) -> click.Command:
        raise error

    monkeypatch.setattr(cli.Lazy, "get_command", broken)
    assert exit_code(monkeypatch, "scan", "x") == code
    told = capsys.readouterr().err
    assert ("odd" in told, "interrupted" in told) == (code == 70, code == 130)


def test_a_reader_that_leaves_early_is_no_error(write: Write, event: Make) -> None:
    path = write(*(event(number % 60, auditID=f"id-{number}") for number in range(4_000)))
    command = [sys.executable, "-m", "kwho", "convert", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as started:
        assert started.stdout is not None
        assert started.stderr is not None
        os.read(started.stdout.fileno(), 10)
        started.stdout.close()
        said = started.stderr.read()
        assert started.wait() == 0
    assert said == b""


def test_the_process_prints_data_and_nothing_else(write: Write, event: Make, own_rules: Path) -> None:
    found = process("scan", "--no-pack", "--rules", own_rules, "--format", "jsonl", "--quiet", write(event(1)))
    assert (found.returncode, found.stderr) == (0, "")
    assert [line[:8] for line in found.stdout.splitlines()] == ['{"type":'] * 3


@pytest.mark.skipif(sys.platform == "win32", reason="the shell closes it")
def test_a_closed_standard_output_is_no_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "audit.log").write_bytes(b"{}\n")
    for closed in (">&-", "2>&-"):
        command = f'exec "{sys.executable}" -m kwho scan "{tmp_path}/audit.log" --no-pack --format jsonl {closed}'
        done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, timeout=60, check=False)
        assert done.returncode == 0
        assert b"Traceback" not in done.stderr
