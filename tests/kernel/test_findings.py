"""What is one finding: groups, ids, citations, evidence."""

from collections.abc import Callable
from typing import Any

import pytest

from kwho.detect.rule import RuleSet
from kwho.query.parse import parse_query
from kwho.schema.finding import Finding
from kwho.schema.result import Result

Make = Callable[..., dict[str, Any]]
Find = Callable[..., tuple[Finding, ...]]

DIFFERENT: list[dict[str, Any]] = [
    {"user": {"username": "bo"}},
    {"impersonatedUser": {"username": "root"}},
    {"impersonatedUser": {}},
    {"sourceIPs": ["10.0.0.8"]},
    {"objectRef": {"resource": "pods", "namespace": "shop"}},
    {"objectRef": {"resource": "secrets", "namespace": "other"}},
    {"objectRef": {"resource": "secrets", "namespace": "shop", "subresource": "status"}},
    {"objectRef": {"resource": "secrets", "namespace": "shop", "apiGroup": "example.org"}},
    {"responseStatus": {"code": 403}},
    {"responseStatus": {"code": 500}},
    {"at": 3_600},
    {"requestReceivedTimestamp": "never"},
]
ALIKE: list[dict[str, Any]] = [
    {"userAgent": "curl"},
    {"sourceIPs": ["1.2.3.4", "10.0.0.7"]},
    {"requestURI": "/elsewhere"},
    {"user": {"username": "ana", "groups": ["others"]}},
    {"at": 3_599},
    {"stage": "ResponseStarted"},
    {"responseStatus": {"code": 404 - 200}},
]


@pytest.mark.parametrize("change", DIFFERENT, ids=str)
def test_what_tells_findings_apart(change: dict[str, Any], event: Make, find: Find) -> None:
    found = find(event(1), event(2, **change))
    assert [finding.count for finding in found] == [1, 1]
    assert len({finding.id for finding in found}) == 2


@pytest.mark.parametrize("change", ALIKE, ids=str)
def test_what_stays_one_finding(change: dict[str, Any], event: Make, find: Find) -> None:
    (found,) = find(event(1), event(2, **change))
    assert (found.count, found.events_total, len(found.events)) == (2, 2, 2)
    assert found.id == find(event(1))[0].id


def test_the_order_of_events_is_irrelevant(event: Make, find: Find) -> None:
    events = [event(number, at=number % 3, userAgent=f"a{number}") for number in range(9)]
    ids = [(finding.id, finding.evidence, finding.time) for finding in find(*events)]
    assert [(finding.id, finding.evidence, finding.time) for finding in find(*reversed(events))] == ids


def test_a_name_of_the_cluster_is_part_of_the_id_and_is_told(event: Make, scan: Callable[..., Result]) -> None:
    named, unnamed = scan(event(1), cluster="prod"), scan(event(1))
    assert named.findings[0].cluster == "prod"
    assert named.clusters == ("prod",)
    assert unnamed.clusters == (None,)
    assert named.findings[0].id != unnamed.findings[0].id
    assert scan(event(1), cluster="prod", query="cluster:prod").findings


def test_no_string_can_pretend_to_be_two_members_of_a_group(event: Make, find: Find) -> None:
    one = event(1, user={"username": "a\0b"}, impersonatedUser={"username": "c"})
    two = event(2, user={"username": "a"}, impersonatedUser={"username": "b\0c"})
    three = event(3, user={"username": "\x01"}, impersonatedUser={"username": "c"})
    four = event(4, user={}, impersonatedUser={"username": "c"})
    found = find(one, two, three, four)
    assert len({finding.id for finding in found}) == len(found) == 4


def test_a_thousand_citations_are_kept_the_first_and_last_halves_by_time(event: Make, find: Find) -> None:
    (found,) = find(*(event(number, at=(number * 7) % 2_003) for number in range(2_003)))
    assert (found.count, found.events_total, len(found.events)) == (2_003, 2_003, 1_000)
    order = sorted(range(2_003), key=lambda number: (number * 7) % 2_003)
    wanted = [event(number)["auditID"] for number in order[:500] + order[-500:]]
    assert [citation.audit_id for citation in found.events] == wanted
    assert "first and last 500" in found.reasons[0]


def test_names_that_differ_are_null_and_stand_in_the_evidence(event: Make, find: Find) -> None:
    (found,) = find(*(event(number, userAgent=f"agent-{number:02d}") for number in range(15)))
    assert found.target.name is None
    assert found.target.uri is None
    assert found.source.user_agent is None
    differs = {item.field: item.value for item in found.evidence if item.clause == "differs"}
    assert set(differs) == {"objectRef.name", "userAgent"}
    assert differs["userAgent"] == (*(f"agent-{number:02d}" for number in range(10)), "…")


def test_evidence_is_never_empty(event: Make, find: Find) -> None:
    (found,) = find(event(1), query="-verb:delete")
    assert found.evidence
    assert found.events


def test_a_match_without_a_believable_time_is_found_and_its_time_unknown(event: Make, find: Find) -> None:
    for time in (
        None,
        "yesterday",
        "2013-12-31T23:59:59.999999Z",
        "2100-01-01T00:00:00.000000Z",
        "2026-13-01T00:00:00Z",
    ):
        (found,) = find(event(1, requestReceivedTimestamp=time))
        assert (found.time.first, found.time.last, found.count) == (None, None, 1)


def test_hostile_strings_are_kept_but_bounded(event: Make, find: Find) -> None:
    long = "\x1b]0;x\x07\udc80" + "é" * 5_000
    (found,) = find(
        event(
            1,
            user={"username": long, "groups": [long]},
            userAgent=long,
            sourceIPs=[long, long],
            requestURI=long,
            auditID=long,
            impersonatedUser={"username": long, "groups": [long]},
            objectRef={"resource": long, "namespace": long, "name": long, "apiGroup": long, "subresource": long},
        ),
        rules=None,
    )
    assert len(repr(found)) < 60_000
    assert found.principal.user is not None
    assert found.principal.user.startswith("\x1b]0;x\x07")


class TestStages:
    """A request is judged once: at its last stage, or at an earlier one while there is no later."""

    def test_what_was_only_received_is_never_judged(self, event: Make, scan: Callable[..., Result]) -> None:
        found = scan(event(1, stage="RequestReceived", responseStatus=None))
        assert found.findings == ()
        assert (found.input.events, found.input.requests, found.statistics.orphans) == (1, 1, 1)

    def test_an_open_stream_is_judged_and_a_later_stage_replaces_it(self, event: Make, find: Find) -> None:
        started = event(1, stage="ResponseStarted", verb="watch")
        ended = event(1, stage="ResponseComplete", verb="watch")
        (early,) = find(started, query="verb:watch")
        (late,) = find(ended, started, query="verb:watch")
        assert early.outcome == "open"
        assert (late.id, late.count, late.events_total) == (early.id, 1, 1)
        assert [citation.stage for citation in late.events] == ["ResponseComplete"]

    def test_evidence_comes_from_the_stage_that_counts(self, event: Make, find: Find) -> None:
        started = event(1, stage="ResponseStarted", responseStatus={"code": 200})
        ended = event(1, stage="ResponseComplete", responseStatus={"code": 201})
        (found,) = find(started, ended, query="code>=200")
        assert [item.value for item in found.evidence] == [201]

    def test_a_claim_falls_when_the_later_stage_does_not_bear_it_out(self, event: Make, find: Find) -> None:
        started = event(1, stage="ResponseStarted", responseStatus={"code": 200})
        ended = event(1, stage="ResponseComplete", responseStatus={"code": 500})
        assert find(started, query="code:200")
        assert find(started, ended, query="code:200") == ()
        (found,) = find(started, ended, event(2, responseStatus={"code": 200}), query="code:200")
        assert (found.count, [citation.stage for citation in found.events]) == (1, ["ResponseComplete"])

    @pytest.mark.parametrize("later", ["Panic", "Later"])
    @pytest.mark.parametrize("query", ["verb:get", "accepted:true"])
    def test_what_began_happened_though_the_server_panicked_then(
        self, query: str, later: str, event: Make, find: Find
    ) -> None:
        exec_ = {"objectRef": {"resource": "pods", "subresource": "exec", "namespace": "shop", "name": "web"}}
        started = event(1, stage="ResponseStarted", responseStatus={"code": 101}, **exec_)
        panicked = event(1, stage=later, responseStatus={"code": 500}, **exec_)
        for log in ((started, panicked), (panicked, started)):
            (found,) = find(*log, query=query)
            assert (found.outcome, found.count) == ("open", 1)
            assert [citation.stage for citation in found.events] == ["ResponseStarted"]
        assert find(started, panicked, query="outcome:failed") == ()
        (found,) = find(panicked, event(1, stage="RequestReceived", responseStatus=None), query="outcome:failed")
        assert found.count == 1

    def test_the_user_says_which_stages_are_judged(self, event: Make, find: Find) -> None:
        started = event(1, stage="ResponseStarted", verb="watch")
        ended = event(1, stage="ResponseComplete", verb="watch", responseStatus={"code": 500})
        panicked = event(2, stage="Panic", verb="watch", responseStatus={"code": 500})
        log = (started, ended, event(2, stage="ResponseStarted", verb="watch"), panicked)
        for stage, outcome, count in (
            ("ResponseStarted", "open", 2),
            ("ResponseComplete", "failed", 1),
            ("Panic", "failed", 1),
        ):
            (found,) = find(*log, query="verb:watch", where=parse_query(f"stage:{stage}"))
            assert (found.outcome, found.count) == (outcome, count)
            assert {citation.stage for citation in found.events} == {stage}

    def test_a_401_is_found_though_no_later_stage_is_ever_written(self, event: Make, find: Find) -> None:
        (found,) = find(event(1, stage="ResponseStarted", user={}, responseStatus={"code": 401}), query="code:401")
        assert (found.outcome, found.count) == ("unauthenticated", 1)


class TestCopies:
    """One event written twice counts once; whatever is not the same event is kept."""

    def test_a_copy_counts_once_in_everything(self, event: Make, scan: Callable[..., Result]) -> None:
        found = scan(event(1), event(1), event(2))
        assert (found.input.events, found.input.duplicates, found.input.requests) == (2, 1, 2)
        assert [finding.count for finding in found.findings] == [2]
        assert sum(talker.events for talker in found.statistics.users) == 2
        assert sum(sum(hour.outcomes.values()) for hour in found.statistics.activity) == 2

    @pytest.mark.parametrize(
        "change",
        [
            {"user": {"username": "bo"}},
            {"verb": "list"},
            {"requestURI": "/other"},
            {"at": 0.000001},
            {"stage": "Panic"},
        ],
        ids=str,
    )
    def test_the_audit_id_alone_makes_no_copy(
        self, change: dict[str, Any], event: Make, scan: Callable[..., Result]
    ) -> None:
        assert scan(event(1), event(1, **change)).input.duplicates == 0

    @pytest.mark.parametrize("missing", ["auditID", "requestReceivedTimestamp"])
    def test_without_an_id_or_a_time_nothing_is_a_copy(
        self, missing: str, event: Make, scan: Callable[..., Result]
    ) -> None:
        found = scan(*(event(1, **{missing: None}) for _ in range(3)))
        assert (found.input.events, found.input.duplicates) == (3, 0)

    def test_a_copy_with_a_body_outlives_one_without(self, event: Make, find: Find) -> None:
        poor, rich = event(1), event(1, requestObject={"kind": "Secret"})
        for events in ((poor, rich), (rich, poor), (poor, rich, poor)):
            (found,) = find(*events)
            assert found.count == 1
            (citation,) = found.events
            assert citation.line == 1 + events.index(rich)

    def test_what_only_the_poorer_copy_matched_falls(self, event: Make, find: Find) -> None:
        rich = event(1, requestObject={"kind": "Secret"}, userAgent="other")
        assert find(event(1), rich, query="ua:kubectl*") == ()
        assert find(event(1), query="ua:kubectl*")

    def test_a_copy_of_the_receipt_says_nothing_about_the_answer(self, event: Make, find: Find) -> None:
        received = event(1, stage="RequestReceived", responseStatus=None)
        assert find(received, received | {"requestObject": {"a": 1}}, event(1))


class TestCorrelations:
    """Findings over several requests cite them, and are cut and named by the hour."""

    @pytest.fixture
    def many(self, rule: Callable[..., Any], correlation: Callable[..., Any]) -> RuleSet:
        return RuleSet(rules=(rule("r", "verb:get", silent=True),), correlations=(correlation(),))

    def test_so_many_within_one_window_are_one_finding(self, many: RuleSet, event: Make, find: Find) -> None:
        (found,) = find(*(event(number, at=20 * number) for number in range(6)), rules=many)
        assert (found.detector, found.count, found.events_total) == ("correlation", 6, 6)
        assert [citation.audit_id for citation in found.events] == [event(number)["auditID"] for number in range(6)]
        assert found.evidence[0].field == "user.username"
        assert find(*(event(number, at=40 * number) for number in range(6)), rules=many) == ()

    def test_copies_and_stages_do_not_count_twice(self, many: RuleSet, event: Make, find: Find) -> None:
        started = event(1, at=1, stage="ResponseStarted")
        assert find(event(0), started, event(1, at=1), event(1, at=1), rules=many) == ()

    def test_one_request_that_two_rules_match_is_one_event(
        self, rule: Callable[..., Any], correlation: Callable[..., Any], event: Make, find: Find
    ) -> None:
        both = RuleSet(
            rules=(rule("r", "verb:get", silent=True), rule("s", "resource:secrets", silent=True)),
            correlations=(correlation(rules=("r", "s")),),
        )
        assert find(event(1), event(2, at=1), rules=both) == ()
        (found,) = find(event(1), event(2, at=1), event(3, at=2), rules=both)
        assert found.count == 3

    def test_a_run_over_the_hour_is_one_finding_an_hour(self, many: RuleSet, event: Make, find: Find) -> None:
        found = find(*(event(number, at=3_570 + 10 * number) for number in range(6)), rules=many)
        assert sorted(finding.count for finding in found) == [3, 3]
        assert len({finding.id for finding in found}) == 2
        alone = find(*(event(number, at=3_600 + 10 * number) for number in range(6)), rules=many)
        assert {finding.id for finding in alone} < {finding.id for finding in found}

    def test_groups_do_not_mix(self, many: RuleSet, event: Make, find: Find) -> None:
        events = [event(number, user={"username": f"u{number % 2}"}) for number in range(5)]
        (found,) = find(*events, rules=many)
        assert (found.principal.user, found.count) == ("u0", 3)

    def test_a_burst_amid_an_hour_of_others_is_cited(
        self, rule: Callable[..., Any], correlation: Callable[..., Any], event: Make, find: Find
    ) -> None:
        burst = RuleSet(rules=(rule("r", "verb:get", silent=True),), correlations=(correlation(threshold=300),))
        calm = [event(number, at=number * 2.4) for number in range(600)]
        calm += [event(10_000 + number, at=2_100 + number * 2.4) for number in range(600)]
        (found,) = find(*calm, *(event(20_000 + number, at=1_800 + number / 10) for number in range(400)), rules=burst)
        assert found.events_total >= 400
        assert len(found.events) >= 400

    def test_distinct_values_are_counted_and_shown(
        self, rule: Callable[..., Any], correlation: Callable[..., Any], event: Make, find: Find
    ) -> None:
        wide = RuleSet(
            rules=(rule("r", "verb:get", silent=True),),
            correlations=(correlation(type="value_count", value_field="objectRef.name"),),
        )
        same = {"resource": "secrets", "namespace": "shop", "name": "one"}
        assert find(*(event(number, objectRef=same) for number in range(5)), rules=wide) == ()
        (found,) = find(*(event(number) for number in range(3)), rules=wide)
        assert ("distinct", ("s0", "s1", "s2")) in [(item.clause, item.value) for item in found.evidence]

    def test_steps_count_in_their_order(
        self, rule: Callable[..., Any], correlation: Callable[..., Any], event: Make, find: Find
    ) -> None:
        def steps(kind: str) -> RuleSet:
            return RuleSet(
                rules=(rule("r", "verb:get", silent=True), rule("s", "verb:create", silent=True)),
                correlations=(correlation(type=kind, rules=("r", "s")),),
            )

        forward = [event(1), event(2, at=5, verb="create")]
        backward = [event(1, at=5), event(2, verb="create")]
        for events in (forward, forward[::-1]):
            assert [finding.count for finding in find(*events, rules=steps("temporal_ordered"))] == [2]
        assert find(*backward, rules=steps("temporal_ordered")) == ()
        assert find(*backward, rules=steps("temporal"))
        assert find(event(1), event(2, at=61, verb="create"), rules=steps("temporal")) == ()
