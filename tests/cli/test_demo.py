"""`kwho demo`."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from kwho.cli import demo as module
from kwho.sample import generate


def test_the_log_is_kept_and_scanned_and_its_stories_told(
    kwho: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def little(seed: int) -> Iterator[bytes]:
        lines = generate(seed)
        for _ in range(300):
            yield next(iter(lines))

    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setattr(module, "generate", little)
    kept = tmp_path / "kept.log"
    found = kwho("demo", "--seed", "5", "--keep", kept)
    assert found.exit_code == 0
    assert "planted:" in found.stderr
    assert "seed 5" in found.stderr
    assert str(kept) in found.stdout
    assert kept.stat().st_size > 1_000
    assert str(kept) in found.stdout.splitlines()[-1]
    once = kwho("demo", "--seed", "5", "--quiet")
    assert once.stdout.splitlines()[-1] == "next: kwho demo --seed 5 --keep demo.log"
    assert str(tmp_path) not in once.stdout
    gone = "the log is gone; kwho demo --seed 5 --keep demo.log keeps it for the other commands\n"
    assert kwho("demo", "--seed", "5").stderr.endswith(gone)
    assert "the log is gone" not in found.stderr


def test_half_a_log_is_not_kept(kwho: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(seed: int) -> Iterator[bytes]:
        yield next(iter(generate(seed)))
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "generate", interrupted)
    kwho("demo", "--keep", tmp_path / "kept.log")
    assert not (tmp_path / "kept.log").exists()
