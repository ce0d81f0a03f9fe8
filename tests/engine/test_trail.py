"""What is told about a log as a whole does not depend on how it was cut, nor on the order of its lines."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kwho.detect.rule import Correlation, Fact, Rule, RuleSet
from kwho.query.parse import parse_query
from kwho.schema.finding import plain
from kwho.schema.result import Result

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # to make a failure smaller takes minutes
CREDENTIAL = "authentication.kubernetes.io/credential-id"
POD = "authentication.kubernetes.io/pod-name"
NODE = "authentication.kubernetes.io/node-name"
DAY = 86_400_000_000
Make = Callable[..., dict[str, Any]]


def _own(name: str, **members: Any) -> Correlation:
    usual: dict[str, Any] = {"id": name, "title": name, "level": "medium", "rules": ("r", "s"), "timespan": 60_000_000}
    return Correlation(**usual | members)


RULES = RuleSet(
    rules=tuple(
        Rule(id=name, title=name, level="low", condition=parse_query(query))
        for name, query in (("r", "verb:get,create"), ("s", "verb:patch"))
    ),
    correlations=(
        *(_own(fact, type="trail", rules=(), fact=fact, timespan=0) for fact in get_args(Fact)),
        _own("new", type="new_value", combination=("userAgent", "source.ip"), timespan=DAY),
        _own("back", type="returning_value", combination=("user.username",), timespan=DAY),
        _own("every", type="value_count", value_field="source.ip", threshold=2, every=True),
        _own("some", type="temporal", at_least=1, group_by=("user.username",)),
    ),
)


@st.composite
def _members(draw: st.DrawFn) -> dict[str, Any]:
    """A request of somebody with a credential, somewhere, on some day and hour."""
    identity, pod = draw(st.sampled_from([("JTI=1", "p"), ("JTI=2", None), ("X509SHA256=a", None), (None, None)]))
    extra = ({CREDENTIAL: [identity]} if identity else {}) | ({POD: [pod], NODE: ["n"]} if pod else {})
    name = draw(st.sampled_from(["system:serviceaccount:a:b", "ana", "system:node:m"]))
    day, hour, minute = draw(st.integers(5, 8)), draw(st.integers(9, 13)), draw(st.integers(0, 59))
    time = f"2026-01-{day:02d}T{hour:02d}:{minute:02d}:00.000001Z"
    ended = draw(st.sampled_from([time, time, f"2026-01-{day:02d}T{hour:02d}:29:59.000000Z"]))
    return {
        "number": draw(st.integers(0, 9)),
        "verb": draw(st.sampled_from(["get", "create", "patch", "watch"])),
        "stage": draw(st.sampled_from(["RequestReceived", "ResponseStarted", "ResponseComplete", "ResponseComplete"])),
        "level": draw(st.sampled_from(["Metadata", "Request"])),
        "user": {"username": name, "groups": ["system:nodes"], "extra": extra},
        "sourceIPs": [draw(st.sampled_from(["10.244.1.7", "10.244.1.8", "203.0.113.9"]))],
        "userAgent": draw(st.sampled_from(["a/1", "b/1"])),
        "requestReceivedTimestamp": time,
        "stageTimestamp": ended,
    }


def _told(result: Result) -> Any:
    return msgspec.to_builtins(
        (result.findings, result.incidents, result.rules, result.blind, result.statistics), enc_hook=plain
    )


def _ids(result: Result) -> set[tuple[str, str]]:
    """What is told, but for where it stands."""
    return {(item.rule.id, item.id) for item in result.findings}


@settings(
    max_examples=40, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    plan=st.lists(_members(), max_size=40), again=st.integers(0, 8), part=st.integers(300, 4_000), chance=st.randoms()
)
def test_any_cut_tells_the_same_and_another_order_claims_the_same(
    plan: list[dict[str, Any]],
    again: int,
    part: int,
    chance: Any,
    event: Make,
    scan: Callable[..., Result],
    tmp_path: Path,
) -> None:
    lines = [json.dumps(event(**members)).encode() + b"\n" for members in plan]
    lines += lines[:again]
    (tmp_path / "audit.log").write_bytes(b"".join(lines))
    whole = scan("audit.log", rules=RULES)
    assert _told(scan("audit.log", part=part, rules=RULES)) == _told(whole)
    (tmp_path / "other.log").write_bytes(b"".join(chance.sample(lines, len(lines))))
    assert _ids(scan("other.log", rules=RULES)) == _ids(whole)
