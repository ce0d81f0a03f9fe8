"""Traces in few words, and what linking makes of them."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from kwho.detect.rule import Rule
from kwho.link.incidents import Case, link
from kwho.link.trace import Places, Trace, gathered
from kwho.query.parse import parse_query
from kwho.schema.finding import Citation, Finding, Principal, RuleRef, Source, Span, Target
from kwho.schema.incident import Incident
from kwho.schema.moment import format_moment, parse_moment

START = parse_moment("2026-01-05T10:00:00.000000Z") or 0
MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000


def _rule(name: str, **members: Any) -> Rule:
    return Rule(**{"id": name, "title": name, "level": "medium", "condition": parse_query("verb:get")} | members)


def _trace(number: int, user: str | None = "mallory", at: int = 0, severity: str = "medium", **members: Any) -> Trace:
    """The finding of rule `r{number}` at `at` microseconds after the start; members are those of the trace.

    `rule`, `tags`, `target`, `outcome`, `count`, `detector` and `events` are those of the finding.
    """
    time = START + at
    cited = tuple(
        Citation(f"a-{place}", "ResponseComplete", "audit.log", place, place, 0)
        for place in members.pop("events", (number,))
    )
    name = members.pop("rule", f"r{number}")
    peer = members.setdefault("peer", "10.0.0.7")
    members.setdefault("users", (user,))
    finding = Finding(
        id=f"f-{number:04d}",
        detector=members.pop("detector", "rule"),
        rule=RuleRef(name, name, severity, members.pop("tags", ())),  # type: ignore[arg-type]  # a severity
        title=name,
        severity=severity,  # type: ignore[arg-type]  # a severity
        cluster=None,
        time=Span(format_moment(time), format_moment(time)),
        principal=Principal(user, "human" if user else "anonymous"),
        source=Source(peer),
        target=members.pop("target", Target(resource="secrets", namespace="shop")),
        outcome=members.pop("outcome", "success"),
        count=members.pop("count", len(cited)),
        events=cited,
        events_total=len(cited),
        evidence=(),
    )
    return Trace(finding=finding, first=time, last=time, **members)


def _linked(traces: Iterable[Trace], seen: Iterable[tuple[str, str]] = ()) -> tuple[Incident, ...]:
    """The incidents; `seen` are pairs of user and peer beside those of the traces."""
    traces = list(traces)
    pairs = {(user, trace.peer) for trace in traces for user in trace.users}
    places: Places = gathered([*pairs, *seen])
    names = {trace.finding.rule.id for trace in traces}
    rules = {
        name: _rule(
            name,
            response=(f"Mend {name}.",),
            falsepositives=(f"{name} is planned.",),
            blind_spots=(f"{name} sees little.",),
        )
        for name in names
    }
    return link(traces, Case(rules, places)).incidents


@pytest.fixture(scope="session")
def trace() -> Callable[..., Trace]:
    return _trace


@pytest.fixture(scope="session")
def linked() -> Callable[..., tuple[Incident, ...]]:
    return _linked


@pytest.fixture(scope="session")
def together() -> Callable[..., set[frozenset[str]]]:
    """The ids of the findings of each incident."""
    return lambda traces, seen=(): {frozenset(incident.findings) for incident in _linked(traces, seen)}


@pytest.fixture(scope="session")
def rule() -> Callable[..., Rule]:
    return _rule
