"""A lane is a shorter way to the same answer."""

from collections.abc import Callable, Iterator
from typing import Any, Final
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.detect.pack import assemble
from kwho.detect.rule import Rule, RuleSet
from kwho.engine.memory import scan_bytes
from kwho.kernel import lane, matching
from kwho.sample import generate
from kwho.schema.moment import HOUR, MINUTE
from kwho.schema.result import Result
from kwho.schema.site import Clock, Site

SHIFTED: Final = Site(clock=Clock("Here", ((0, 7 * HOUR + MINUTE), (1_767_616_500_000_000, HOUR // 2))))
"""Clocks there go back in the middle of a quarter, at 12:35 of UTC on the Monday of the events."""


def reads() -> Iterator[dict[str, object]]:
    """Many reads of secrets by few accounts: in and out of order, with claims, other groups, agents and namespaces."""
    for number in range(600):
        second = (number * 37) % 600
        name = f"system:serviceaccount:shop:web-{number % 3}"
        groups = ["system:serviceaccounts", "system:authenticated"] + (["extra"] if number % 7 == 0 else [])
        yield {
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "level": "Metadata",
            "auditID": f"a-{number}",
            "stage": "ResponseStarted" if number % 11 == 0 else "ResponseComplete",
            "requestURI": f"/api/v1/namespaces/ns-{number % 2}/secrets/s-{number % 40}",
            "verb": ("get", "list", "watch", "get")[number % 4],
            "user": {"username": name, "groups": groups},
            "sourceIPs": ["198.51.100.7", "10.0.0.1"] if number % 13 == 0 else ["10.0.0.1"],
            "userAgent": f"agent-{number % 5}",
            "objectRef": {"resource": "secrets", "namespace": f"ns-{number % 2}", "name": f"s-{number % 40}"},
            "responseStatus": {"metadata": {}, "code": 403 if number % 17 == 0 else 200},
            "requestReceivedTimestamp": f"2026-01-05T10:{second // 60:02d}:{second % 60:02d}.000000Z",
            "annotations": {
                "authorization.k8s.io/decision": "forbid" if number % 17 == 0 else "allow",
                "authorization.k8s.io/reason": "",
            },
        }


def scan(log: bytes) -> Result:
    return scan_bytes(log, assemble([]))


@pytest.mark.parametrize("log", ["reads", "sample"])
def test_the_answer_with_lanes_is_the_answer_without(log: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if log == "reads":
        data = b"\n".join(map(msgspec.json.encode, reads()))
    else:
        data = b"".join(line for line, _ in zip(generate(42), range(40_000), strict=False))
    short = scan(data)
    monkeypatch.setattr(matching, "lane_for", lambda *_: None)
    whole = scan(data)
    assert short.findings == whole.findings
    assert len(whole.findings) > 10


@settings(max_examples=60)
@given(
    seconds=st.lists(st.integers(-130, 130).map((1_700).__mul__) | st.none(), min_size=3, max_size=60),
    members=st.sampled_from(
        [
            {"type": "new_value", "combination": ("time.quarter", "time.weekend"), "timespan": 12 * HOUR},
            {"type": "new_value", "combination": ("time.quarter", "user.username"), "timespan": 12 * HOUR},
            {"group_by": ("user.username", "time.weekend"), "timespan": HOUR},
            {"type": "value_count", "value_field": "objectRef.name", "group_by": ("time.quarter",), "timespan": HOUR},
            {"type": "value_count", "value_field": "time.quarter", "timespan": HOUR},
        ]
    ),
    site=st.sampled_from([None, SHIFTED]),
)
def test_what_happens_at_unusual_hours_is_told_with_lanes_as_without(
    seconds: list[int | None],
    members: dict[str, Any],
    site: Site | None,
    event: Callable[..., dict[str, Any]],
    rule: Callable[..., Rule],
    correlation: Callable[..., Any],
) -> None:
    rules = RuleSet(rules=(rule("r", "verb:get"),), correlations=(correlation(threshold=2, **members),))
    unknown = {"requestReceivedTimestamp": "1999"}
    made = [event(number, second or 0, **({} if second else unknown)) for number, second in enumerate(seconds)]
    data = b"\n".join(map(msgspec.json.encode, made))
    short = scan_bytes(data, rules, site=site)
    with patch.object(matching, "lane_for", lambda *_: None):
        assert short == scan_bytes(data, rules, site=site)


def test_one_lane_takes_the_requests_of_all_quarters_of_the_day(
    event: Callable[..., dict[str, Any]], rule: Callable[..., Rule], correlation: Callable[..., Any]
) -> None:
    hours = correlation(type="new_value", combination=("time.quarter", "time.weekend"), timespan=3 * HOUR)
    rules = RuleSet(rules=(rule("r", "verb:get"),), correlations=(hours,))
    data = b"\n".join(msgspec.json.encode(event(number, number * 3_000)) for number in range(40))
    with patch.object(matching, "lane_for", side_effect=lane.lane_for) as opened:
        found = scan_bytes(data, rules).findings
    assert opened.call_count == 1
    told = [(finding.time.first, finding.count) for finding in found if finding.rule.id == "c"]
    assert told == [("2026-01-06T00:10:00.000000Z", 7)]
