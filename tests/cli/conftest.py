"""A small log, a small rule folder, and the command line as users call it."""

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kwho.cli import draw, root
from kwho.cli.interrupt import Interrupted

RULE = """\
title: Secrets read
id: 22222222-0000-4000-8000-000000000000
name: secrets-read
logsource: {product: kubernetes, service: audit}
tags: [attack.t1552]
detection:
  read: {verb: [get, list], resource: secrets}
  condition: read
level: medium
kwho:
  detections: [E01]
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write events, one a line, to a file of the test's folder."""

    def written(*events: dict[str, Any], name: str = "audit.log", tail: bytes = b"") -> Path:
        path = tmp_path / name
        path.write_bytes(b"".join(json.dumps(event).encode() + b"\n" for event in events) + tail)
        return path

    return written


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """What a command does with signals ends with the test."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def own_rules(tmp_path: Path) -> Path:
    folder = tmp_path / "own-rules"
    folder.mkdir()
    (folder / "secrets.yaml").write_text(RULE)
    return folder


@pytest.fixture
def kwho(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Call the command line."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return lambda *words, **options: CliRunner().invoke(root, [str(word) for word in words], **options)


@pytest.fixture
def scanned(kwho: Callable[..., Result], own_rules: Path) -> Callable[..., Result]:
    """`kwho scan` with one rule of the test's own instead of the pack."""
    return lambda *words, **options: kwho("scan", "--no-pack", "--rules", own_rules, *words, **options)


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads through a scan is interrupted when the first piece of it is done."""

    def drawn(scan: Any, *, quiet: bool) -> Iterator[None]:
        for _ in scan:
            yield
            raise Interrupted

    monkeypatch.setattr(draw, "drawn", drawn)
