"""Rule files in few words."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent

import pytest

HEAD = """\
title: {title}
id: 00000000-0000-4000-8000-{number:012d}
name: rule-{number}
logsource: {{product: kubernetes, service: audit}}
"""


def _rule(detection: str, number: int = 1, title: str = "A rule", more: str = "") -> str:
    body = indent(dedent(detection).strip(), "  ")
    return HEAD.format(title=title, number=number) + "detection:\n" + body + "\n" + dedent(more)


def _correlation(correlation: str, number: int = 9, more: str = "") -> str:
    body = indent(dedent(correlation).strip(), "  ")
    head = f"title: Together\nid: 00000000-0000-4000-8000-{number:012d}\nname: rule-{number}\n"
    return head + "correlation:\n" + body + "\n" + dedent(more)


@pytest.fixture(scope="session")
def write_rule() -> Callable[..., str]:
    """A Sigma rule around a detection."""
    return _rule


@pytest.fixture(scope="session")
def write_correlation() -> Callable[..., str]:
    """A Sigma correlation around its section."""
    return _correlation


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
