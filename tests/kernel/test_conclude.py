"""What is said of a whole log: the ledger, the span, the gaps, the statistics, the health of the rules."""

from collections.abc import Callable
from typing import Any

import pytest

from kwho.detect.rule import Needs, Refused, RuleSet
from kwho.engine.memory import scan_bytes
from kwho.engine.spill import Shelf
from kwho.kernel.conclude import Inquiry, conclude
from kwho.kernel.partial import Partial
from kwho.link import incidents
from kwho.query.parse import parse_query
from kwho.schema.result import Result

Make = Callable[..., dict[str, Any]]
Scan = Callable[..., Result]


def test_an_empty_log_has_an_answer_too(rule: Callable[..., Any]) -> None:
    for data in (b"", b"\n\n", b"   "):
        found = scan_bytes(data, RuleSet(rules=(rule("r", "verb:get"),)))
        assert (found.input.records, found.findings, found.span.first) == (0, (), None)
        assert found.input.reconciles
        assert found.complete


def test_what_is_not_told_of_incidents_is_counted(
    event: Make, scan: Scan, rule: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [event(number, user={"username": f"u{number}"}, sourceIPs=[f"10.0.0.{number}"]) for number in range(3)]
    rules = RuleSet(rules=(rule("r", "verb:get", level="high"),))
    assert scan(*asked, rules=rules).notes == ()
    monkeypatch.setattr(incidents, "MOST", 2)
    monkeypatch.setattr(incidents, "TOLD", 1)
    assert scan(*asked, rules=rules).notes == (
        "incidents beyond the 1 gravest, told by their findings alone: 1",
        "findings beyond the gravest that can be linked, which stand for themselves: 1",
    )


def test_every_stage_is_an_event_and_every_request_is_counted_once(event: Make, scan: Scan) -> None:
    stages = [event(1, stage=stage) for stage in ("RequestReceived", "ResponseStarted", "ResponseComplete")]
    found = scan(*stages, event(2, stage="RequestReceived"), event(3, stage="Panic"))
    assert (found.input.events, found.input.requests, found.statistics.orphans) == (5, 3, 1)


def test_the_user_s_filter_is_counted_and_copies_are_removed_first(event: Make, scan: Scan) -> None:
    found = scan(event(1), event(1), event(2, verb="list"), event(2, verb="list"), where=parse_query("verb:get"))
    counts = found.input
    assert (counts.records, counts.events, counts.duplicates, counts.filtered_by) == (4, 1, 2, {"user": 1})
    assert counts.requests == 1
    assert counts.reconciles
    assert [talker.name for talker in found.statistics.verbs] == ["get"]


def test_what_was_filtered_out_is_neither_slow_nor_deprecated(event: Make, scan: Scan) -> None:
    slow = event(1, stageTimestamp="2026-01-05T10:00:09.000000Z", annotations={"k8s.io/deprecated": "true"})
    assert scan(slow).statistics.slow == scan(slow).statistics.deprecated == 1
    found = scan(slow, where=parse_query("verb:list")).statistics
    assert (found.slow, found.deprecated, found.slowest) == (0, 0, ())


@pytest.mark.parametrize(
    ("change", "slow"),
    [
        ({}, 1),
        ({"annotations": None}, 1),
        ({"annotations": {"mutation.webhook.admission.k8s.io/round_0_index_0": "{}"}}, 1),
        ({"annotations": {"apiserver.latency.k8s.io/total": "9s"}}, 1),
        ({"stageTimestamp": "2026-01-05T10:00:00.999999Z"}, 0),
        ({"stageTimestamp": "2026-01-05T10:00:01.000000Z"}, 1),
        ({"stageTimestamp": None}, 0),
        ({"verb": "watch"}, 0),
        ({"stage": "ResponseStarted"}, 0),
        ({"objectRef": {"resource": "pods", "subresource": "exec"}}, 0),
        ({"requestReceivedTimestamp": "never"}, 0),
    ],
    ids=str,
)
def test_ordinary_requests_are_slow_from_a_second_on(
    change: dict[str, Any], slow: int, event: Make, scan: Scan
) -> None:
    usual = {"stageTimestamp": "2026-01-05T10:00:09.000000Z"}
    found = scan(event(1, **usual | change), event(1, **usual | change)).statistics
    assert found.slow == slow
    assert len(found.slowest) == slow


def test_throttled_and_deprecated_requests_are_counted(event: Make, scan: Scan) -> None:
    old = {"k8s.io/deprecated": "true", "k8s.io/removed-release": "1.25"}
    found = scan(
        event(1, responseStatus={"code": 429}), event(2, annotations=old), event(2, annotations=old), event(3)
    ).statistics
    assert (found.throttled, found.deprecated) == (1, 1)
    assert [talker.name for talker in found.deprecated_apis] == ["core/v1/secrets"]


@pytest.mark.parametrize(
    "time",
    [
        "2013-12-31T23:59:59.999999Z", "2100-01-01T00:00:00.000000Z", "2026-01-05T10:00:00.00000xZ",
        "2026-01-05T10:00:00.٠٠٠٠٠٠Z", "2026-01-05T10:00:00.000000 ", "2026-02-30T10:00:00.000000Z", "",
        "\x1b[0m", None,
    ],
)  # fmt: skip
def test_unbelievable_times_stay_outside_the_span_and_are_counted(time: str | None, event: Make, scan: Scan) -> None:
    for events in ([event(1), event(2, requestReceivedTimestamp=time)], [event(2, requestReceivedTimestamp=time)]):
        found = scan(*events)
        assert found.statistics.unknown_time == 1
        assert (found.span.first, found.span.last) == ((event(1)["requestReceivedTimestamp"],) * 2 if len(events) == 2
                                                       else (None, None))  # fmt: skip
        assert any("without a believable time" in note for note in found.notes)
        assert sum(finding.count for finding in found.findings) == len(events)


def test_every_spelling_of_a_time_is_the_same_moment(event: Make, scan: Scan) -> None:
    spelled = ("2026-01-05T10:00:00.5Z", "2026-01-05T11:00:00.50+01:00", "2026-01-05t10:00:00.500000000z")
    for time in spelled:
        found = scan(event(1, requestReceivedTimestamp=time), event(2, at=0.2), event(3, at=0.4))
        assert (found.span.first, found.span.last) == ("2026-01-05T10:00:00.200000Z", "2026-01-05T10:00:00.500000Z")
        assert len(found.statistics.activity) == 1


def test_a_lonely_event_far_from_all_others_is_noted(event: Make, scan: Scan) -> None:
    usual = [event(number, at=number) for number in range(2_000)]
    assert not any("alone" in note for note in scan(*usual).notes)
    found = scan(*usual, event(9_999, requestReceivedTimestamp="2019-01-05T10:00:00.000000Z"))
    assert any("alone before" in note for note in found.notes)


def test_a_silence_is_a_gap_of_its_server(event: Make, scan: Scan) -> None:
    minutes = [*range(20), *range(40, 60)]
    found = scan(*(event(number, at=60 * minute) for number, minute in enumerate(minutes)))
    (gap,) = found.gaps
    assert (gap.from_, gap.to) == ("2026-01-05T10:20:00.000000Z", "2026-01-05T10:40:00.000000Z")


def test_gaps_are_told_in_order_of_time() -> None:
    spoken = {"a": {*range(40), *range(60, 90)}, "b": {*range(10), *range(30, 90)}}
    partial = Partial(minutes={name: {30_000_000 + minute for minute in found} for name, found in spoken.items()})
    found = conclude(partial, Inquiry(RuleSet(), [], Shelf(), True))
    assert [gap.instance for gap in found.gaps] == ["b", "a"]


def test_the_states_of_the_rules_sum_to_the_rules_loaded(
    event: Make, scan: Scan, rule: Callable[..., Any], correlation: Callable[..., Any]
) -> None:
    bodies = Needs(level="Request", verbs=("create",), resources=("pods",))
    rules = RuleSet(
        rules=(
            rule("r", "verb:get", needs=Needs(verbs=("get",))),
            rule("body", "verb:create pod.privileged:true", needs=bodies),
            rule("started", "code:401", needs=Needs(stage="ResponseStarted")),
        ),
        correlations=(correlation(),),
        refused=(Refused("x", "X", "x.yaml", "never"),),
    )
    pods = [event(number, verb="create", objectRef={"resource": "pods"}) for number in range(25)]
    found = scan(event(99), *pods, rules=rules)
    health = found.rules
    assert (health.active, health.blind, health.unknown, health.invalid) == (2, 1, 1, 1)
    assert [blind.rule for blind in found.blind] == ["body"]
    assert found.unknown == ("started",)
    assert scan(event(99), *pods, rules=rules, expected=lambda needs: True).rules.active == 4


def test_health_is_that_of_the_whole_log_whatever_the_user_judges(
    event: Make, scan: Scan, rule: Callable[..., Any]
) -> None:
    bodies = Needs(level="Request", verbs=("create",), resources=("pods",))
    dark = rule("body", "verb:create pod.privileged:true", needs=bodies)
    rules = RuleSet(rules=(dark, rule("reads", "verb:get", needs=Needs())))
    created = {"verb": "create", "objectRef": {"resource": "pods"}, "level": "Request"}
    log = [event(1), event(1), event(2, stage="ResponseStarted", verb="watch", sourceIPs=None)]
    log += [event(number, **created) for number in range(10, 35)]

    def told(*events: dict[str, Any], where: str | None = None) -> tuple[Any, ...]:
        found = scan(*events, rules=rules, where=parse_query(where) if where else None)
        return found.rules, found.blind, found.unknown, found.statistics.policy

    assert [blind.rule for blind in told(*log)[1]] == ["body"]
    for where in ("verb:get", "verb:create", "verb:delete"):
        assert told(*log, where=where) == told(*log)
    copies = [event(number, **created) for number in range(10, 20) for _ in range(3)]
    assert told(*copies, where="verb:get") == told(*copies)
    assert told(*copies)[1] == ()
    seen = [*log, event(40, **created, requestObject={"kind": "Pod"})]
    assert told(*seen, where="verb:get")[0].active == 2


def test_fields_that_no_event_of_the_whole_log_has_are_lost(event: Make, scan: Scan, rule: Callable[..., Any]) -> None:
    rules = RuleSet(rules=(rule("peer", "ip:198.51.100.9", needs=Needs(fields=("sourceIPs",))),))
    without = [event(number, sourceIPs=None) for number in range(25)]
    where = parse_query("verb:get")
    assert scan(*without, rules=rules, where=where).rules.blind == 1
    assert scan(*without, event(99, verb="list"), rules=rules, where=where).rules.active == 1


def test_what_was_only_received_has_no_outcome(event: Make, scan: Scan) -> None:
    found = scan(event(1, stage="RequestReceived", responseStatus=None), event(1), event(2, stage="RequestReceived"))
    assert [(talker.name, talker.events) for talker in found.statistics.outcomes] == [("success", 1)]
    assert found.statistics.distinct["outcomes"] == 1
    assert [hour.outcomes for hour in found.statistics.activity] == [{"success": 1}]
    assert found.input.events == 3


def test_statistics_are_capped_and_tell_true_sizes(event: Make, scan: Scan) -> None:
    found = scan(*(event(number, user={"username": f"u{number:03d}"}) for number in range(50)), event(99)).statistics
    assert len(found.users) == 20
    assert found.distinct["users"] == 51
    assert found.users[0].name == "ana"
