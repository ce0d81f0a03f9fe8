"""Audit events, rules and correlations in few words, and their answer."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from kwho.detect.rule import Correlation, Rule, RuleSet
from kwho.engine.memory import scan_bytes
from kwho.query.parse import parse_query
from kwho.schema.finding import Finding
from kwho.schema.result import Result

Make = Callable[..., dict[str, Any]]


def _rule(name: str, query: str, **members: Any) -> Rule:
    usual: dict[str, Any] = {"id": name, "title": name.title(), "level": "medium", "condition": parse_query(query)}
    return Rule(**usual | members)


def _scan(*events: dict[str, Any], rules: RuleSet | None = None, query: str = "verb:get", **options: Any) -> Result:
    data = b"".join(json.dumps(event).encode() + b"\n" for event in events)
    return scan_bytes(data, rules or RuleSet(rules=(_rule("r", query),)), **options)


def _scan_written(*events: dict[str, Any], rules: RuleSet) -> Result:
    data = b"".join(json.dumps(event, separators=(",", ":")).encode() + b"\n" for event in events)
    return scan_bytes(data, rules)


def _correlation(**members: Any) -> Correlation:
    usual: dict[str, Any] = {"id": "c", "title": "Together", "level": "high", "type": "event_count", "rules": ("r",)}
    return Correlation(**usual | {"group_by": ("user.username",), "timespan": 60_000_000, "threshold": 3} | members)


@pytest.fixture(scope="session")
def event(event: Make) -> Make:
    """One event as everywhere, but at ten sharp unless `at` says otherwise."""

    def made(number: int = 0, at: float = 0, **members: Any) -> dict[str, Any]:
        return event(number, at, **members)

    return made


@pytest.fixture(scope="session")
def rule() -> Callable[..., Rule]:
    return _rule


@pytest.fixture(scope="session")
def correlation() -> Callable[..., Correlation]:
    return _correlation


@pytest.fixture(scope="session")
def scan() -> Callable[..., Result]:
    """The answer for some events, by one rule for `query` or by `rules`."""
    return _scan


@pytest.fixture(scope="session")
def scan_written() -> Callable[..., Result]:
    """The answer for events on lines as API servers write them, which are known by their shape once a few were read."""
    return _scan_written


@pytest.fixture(scope="session")
def find() -> Callable[..., tuple[Finding, ...]]:
    """The findings in some events."""
    return lambda *events, **options: _scan(*events, **options).findings
