"""Where credentials were used: told of single ones, cited, and never of what the network does to many."""

from collections.abc import Callable
from typing import Any

import pytest

from kwho.detect.rule import RuleSet
from kwho.schema.finding import Finding

Make = Callable[..., Any]


@pytest.fixture
def rules(correlation: Make) -> Callable[..., RuleSet]:
    """No request is noted; one fact of the log is told."""

    def make(fact: str) -> RuleSet:
        told = {"id": fact, "type": "trail", "fact": fact, "rules": (), "group_by": (), "level": "medium"}
        return RuleSet(correlations=(correlation(**told),))

    return make


def only(found: tuple[Finding, ...], fact: str) -> list[Finding]:
    return [item for item in found if item.rule.id == fact]


BOUND = {
    "authentication.kubernetes.io/credential-id": ["JTI=1"],
    "authentication.kubernetes.io/pod-name": ["web-0"],
}
FREE = {"authentication.kubernetes.io/credential-id": ["X509SHA256=ab"]}
WEB = "system:serviceaccount:shop:web"


def used(event: Make, number: int, at: float, ip: str, extra: Any = BOUND, user: str = WEB) -> dict[str, Any]:
    quiet = {"objectRef": {"resource": "leases"}, "verb": "update"}
    made: dict[str, Any] = event(number, at, user={"username": user, "extra": extra}, sourceIPs=[ip], **quiet)
    return made


def test_a_token_of_a_pod_at_two_addresses_is_told_although_no_rule_took_note(
    find: Make, event: Make, rules: Make
) -> None:
    story = [used(event, number, 60 * number, ip) for number, ip in enumerate(["10.244.1.7"] * 5 + ["203.0.113.9"] * 3)]
    answers = [only(find(*events, rules=rules("moved_token")), "moved_token") for events in (story, story[::-1])]
    (finding,) = answers[0]
    assert [item.id for item in answers[1]] == [finding.id]
    assert finding.evidence[0].value == ("10.244.1.7", "203.0.113.9")
    assert finding.time.first == story[5]["requestReceivedTimestamp"]
    assert [cited.audit_id for cited in finding.events] == [story[5]["auditID"], story[0]["auditID"]]
    assert finding.principal.user == WEB
    assert finding.principal.kind == "service_account"


@pytest.mark.parametrize(
    "others", [["10.244.1.7"], ["10.244.1.8"], ["127.0.0.1"], ["::1"], ["2001:db8::7"], ["no address"]]
)
def test_one_address_and_what_is_none_moves_no_token(find: Make, event: Make, rules: Make, others: list[str]) -> None:
    story = [used(event, number, number, ip) for number, ip in enumerate(["10.244.1.7", *others])]
    assert only(find(*story, rules=rules("moved_token")), "moved_token") == []


def test_when_many_tokens_move_it_is_the_network(find: Make, event: Make, rules: Make) -> None:
    def tokens(count: int) -> list[dict[str, Any]]:
        return [
            used(event, 2 * n + side, n, ip, BOUND | {"authentication.kubernetes.io/credential-id": [f"JTI={n}"]})
            for n in range(count)
            for side, ip in enumerate(("10.244.1.7", "192.0.2.1"))
        ]

    (few,) = only(find(*tokens(5), rules=rules("moved_token")), "moved_token")
    assert few.count == 10
    assert only(find(*tokens(30), rules=rules("moved_token")), "moved_token") == []


def test_a_certificate_in_two_networks_within_an_hour_is_told(find: Make, event: Make, rules: Make) -> None:
    def told(*uses: tuple[float, str]) -> list[Finding]:
        story = [used(event, number, at, ip, FREE, "ana") for number, (at, ip) in enumerate(uses)]
        return only(find(*story, rules=rules("shared_credential")), "shared_credential")

    assert len(told((0, "192.0.2.1"), (600, "203.0.113.9"))) == 1
    assert told((0, "192.0.2.1"), (600, "192.0.2.77")) == []
    assert told((0, "192.0.2.1"), (4_000, "203.0.113.9")) == []


def test_without_ids_of_credentials_nothing_can_be_followed_and_that_is_said(
    scan: Make, event: Make, rules: Make
) -> None:
    bare = scan(*(event(number, number) for number in range(25)), rules=rules("moved_token"))
    (blind,) = bare.blind
    assert blind.needs == "ids of credentials in user.extra"
    known = scan(*(used(event, number, number, "10.0.0.1") for number in range(25)), rules=rules("moved_token"))
    assert known.blind == ()


def test_lines_of_a_known_shape_are_cited_as_well(rules: Make, event: Make, scan_written: Make) -> None:
    """The engine knows lines by their shape once it has seen a few; what is told must not depend on that."""
    ips = ["10.244.1.7"] * 40 + ["203.0.113.9"] * 40
    story = [used(event, number, 120 * number, ip) for number, ip in enumerate(ips)]
    (finding,) = only(scan_written(*story, rules=rules("moved_token")).findings, "moved_token")
    assert [cited.line for cited in finding.events] == [41, 1]


NODE = "authentication.kubernetes.io/node-name"
HOME, AWAY = "10.0.0.1", "10.0.0.2"


def bound(event: Make, number: int, ip: str, at: float = 0, node: str = "one", token: str = "a-0") -> dict[str, Any]:
    extra = {
        "authentication.kubernetes.io/credential-id": [f"JTI={token}"],
        "authentication.kubernetes.io/pod-name": [token],
        NODE: [node],
    }
    return used(event, number, at, ip, extra)


def kubelet(event: Make, number: int, ip: str, at: float = 0, node: str = "two") -> dict[str, Any]:
    user = {"username": f"system:node:{node}", "groups": ["system:nodes"]}
    made: dict[str, Any] = event(number, at, user=user, sourceIPs=[ip], verb="get", objectRef={"resource": "leases"})
    return made


def test_a_token_where_another_kubelet_speaks_is_told_with_both_requests(find: Make, event: Make, rules: Make) -> None:
    story = [bound(event, 1, HOME), bound(event, 2, AWAY, 60), bound(event, 3, AWAY, 90), kubelet(event, 4, AWAY, 600)]
    answers = [only(find(*events, rules=rules("strayed_token")), "strayed_token") for events in (story, story[::-1])]
    (finding,) = answers[0]
    assert [item.id for item in answers[1]] == [finding.id]
    assert [cited.audit_id for cited in finding.events] == [story[1]["auditID"], story[3]["auditID"]]
    assert finding.evidence[0].value == (AWAY,)
    assert "JTI=a-0 of one from 10.0.0.2, which is two" in finding.reasons[0]
    assert (finding.principal.user, finding.principal.kind) == (WEB, "service_account")
    assert finding.time.first == finding.time.last == story[1]["requestReceivedTimestamp"]


def test_what_a_claim_is_about_is_cited_before_what_it_is_held_against(find: Make, event: Make, rules: Make) -> None:
    story = [kubelet(event, 1, AWAY), bound(event, 2, HOME, 30), bound(event, 3, AWAY, 60)]
    (finding,) = only(find(*story, rules=rules("strayed_token")), "strayed_token")
    assert [cited.audit_id for cited in finding.events] == [story[2]["auditID"], story[0]["auditID"]]
    assert finding.time.first == finding.time.last == story[2]["requestReceivedTimestamp"]
    assert finding.count == finding.events_total == 2


@pytest.mark.parametrize(
    "others",
    [
        [("kubelet", AWAY, {"node": "one"})],
        [("kubelet", AWAY, {}), ("kubelet", AWAY, {"node": "three"})],
        [("kubelet", AWAY, {}), *(("bound", AWAY, {"node": node, "token": node}) for node in ("three", "four"))],
        [("kubelet", AWAY, {}), *(("bound", AWAY, {"token": token}) for token in ("b", "c"))],
        [("kubelet", AWAY, {"at": 8 * 3_600})],
        [("kubelet", "10.0.0.3", {})],
        [],
    ],
    ids=["its own", "two kubelets", "a gateway for nodes", "the way of most pods", "long after", "elsewhere", "none"],
)
def test_what_tells_no_node_strays_no_token(find: Make, event: Make, rules: Make, others: Any) -> None:
    makers = {"kubelet": kubelet, "bound": bound}
    more = [makers[kind](event, 10 + at, ip, **rest) for at, (kind, ip, rest) in enumerate(others)]
    story = [bound(event, 1, HOME), bound(event, 2, AWAY, 60), *more]
    assert only(find(*story, rules=rules("strayed_token")), "strayed_token") == []


def test_when_many_tokens_stray_it_is_the_network(find: Make, event: Make, rules: Make) -> None:
    def told(count: int) -> list[Finding]:
        pairs = [(n, ip) for n in range(count) for ip in (HOME, AWAY)]
        story = [bound(event, at, ip, at, token=f"t{n}") for at, (n, ip) in enumerate(pairs)]
        return only(find(*story, kubelet(event, 999, AWAY), rules=rules("strayed_token")), "strayed_token")

    assert len(told(5)) == 1
    assert told(30) == []
