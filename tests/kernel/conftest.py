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

HOUR = 3_600


def _event(number: int = 0, at: float = 0, **members: Any) -> dict[str, Any]:
    """An event `at` seconds after ten; a member given as None is left out."""
    hours, rest = divmod(int(at), HOUR)
    time = f"2026-01-05T{10 + hours:02d}:{rest // 60:02d}:{rest % 60:02d}.{round(at % 1 * 1e6):06d}Z"
    made: dict[str, Any] = {
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata",
        "auditID": f"00000000-0000-4000-8000-{number:012d}", "stage": "ResponseComplete",
        "requestURI": f"/api/v1/namespaces/shop/secrets/s{number}", "verb": "get",
        "user": {"username": "ana", "groups": ["system:authenticated"]},
        "sourceIPs": ["10.0.0.7"], "userAgent": "kubectl/v1.34",
        "objectRef": {"resource": "secrets", "namespace": "shop", "name": f"s{number}", "apiVersion": "v1"},
        "responseStatus": {"code": 200},
        "requestReceivedTimestamp": time, "stageTimestamp": time,
        "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": ""},
    }  # fmt: skip
    made |= members
    return {name: value for name, value in made.items() if value is not None}


def _rule(name: str, query: str, **members: Any) -> Rule:
    usual: dict[str, Any] = {"id": name, "title": name.title(), "level": "medium", "condition": parse_query(query)}
    return Rule(**usual | members)


def _scan(*events: dict[str, Any], rules: RuleSet | None = None, query: str = "verb:get", **options: Any) -> Result:
    data = b"".join(json.dumps(event).encode() + b"\n" for event in events)
    return scan_bytes(data, rules or RuleSet(rules=(_rule("r", query),)), **options)


def _correlation(**members: Any) -> Correlation:
    usual: dict[str, Any] = {"id": "c", "title": "Together", "level": "high", "type": "event_count", "rules": ("r",)}
    return Correlation(**usual | {"group_by": ("user.username",), "timespan": 60_000_000, "threshold": 3} | members)


@pytest.fixture(scope="session")
def event() -> Callable[..., dict[str, Any]]:
    return _event


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
def find() -> Callable[..., tuple[Finding, ...]]:
    """The findings in some events."""
    return lambda *events, **options: _scan(*events, **options).findings
