"""A small log, a small rule folder, and the command line as users call it."""

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kwho.cli import root

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


def _event(number: int = 0, **members: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata",
        "auditID": f"00000000-0000-4000-8000-{number:012d}", "stage": "ResponseComplete",
        "requestURI": f"/api/v1/namespaces/shop/secrets/s{number}", "verb": "get",
        "user": {"username": "ana", "groups": ["system:authenticated"]},
        "sourceIPs": ["10.0.0.7"], "userAgent": "kubectl/v1.34",
        "objectRef": {"resource": "secrets", "namespace": "shop", "name": f"s{number}", "apiVersion": "v1"},
        "responseStatus": {"code": 200},
        "requestReceivedTimestamp": f"2026-01-05T10:00:{number:02d}.000000Z",
        "stageTimestamp": f"2026-01-05T10:00:{number:02d}.000100Z",
        "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": ""},
    }  # fmt: skip
    return made | members


@pytest.fixture(scope="session")
def event() -> Callable[..., dict[str, Any]]:
    return _event


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
