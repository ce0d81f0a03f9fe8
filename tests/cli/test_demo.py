"""`kwho demo`: a log that is kept is an ordinary log, and a place that cannot be written to is a usage error."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from kwho.cli import demo

ONE = b'{"kind":"Event","auditID":"a","verb":"get","stage":"ResponseComplete","requestURI":"/version"}\n'


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "generate", lambda _: iter([ONE]))


def test_the_log_is_kept_where_it_was_asked_for(kwho: Callable[..., Result], tmp_path: Path) -> None:
    path = tmp_path / "kept.log"
    found = kwho("demo", "--keep", str(path), "--quiet")
    assert found.exit_code == 0
    assert "reconciles" in found.stdout
    assert path.read_bytes() == ONE


@pytest.mark.parametrize("place", ["nowhere/kept.log", "."])
def test_a_place_that_cannot_be_written_to_is_a_usage_error(
    kwho: Callable[..., Result], tmp_path: Path, place: str
) -> None:
    found = kwho("demo", "--keep", str(tmp_path / place))
    assert found.exit_code == 2
    assert "--keep" in found.stderr
