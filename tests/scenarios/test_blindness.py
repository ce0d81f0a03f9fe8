"""What a log does not hold makes rules blind; nothing that fired is ever called blind or unknown."""

import msgspec
import pytest

from kwho.detect.health import policy_for
from kwho.detect.pack import assemble
from kwho.engine.memory import scan_bytes
from kwho.policy.expect import Expectation
from kwho.policy.model import read_policy
from kwho.schema.result import Result

RULES = assemble([])
EVENT = {
    "kind": "Event",
    "apiVersion": "audit.k8s.io/v1",
    "level": "Metadata",
    "stage": "ResponseComplete",
    "verb": "create",
    "user": {"username": "system:admin", "groups": ["system:masters"]},
    "sourceIPs": ["10.0.0.1"],
    "objectRef": {"resource": "pods", "namespace": "shop", "apiVersion": "v1"},
    "responseStatus": {"code": 201},
    "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": ""},
}


def a_scan(without: str = "") -> Result:
    lines = []
    for number in range(30):
        event = EVENT | {
            "auditID": f"a-{number}",
            "requestURI": f"/api/v1/namespaces/shop/pods?n={number}",
            "requestReceivedTimestamp": f"2026-01-05T10:00:{number:02d}.000001Z",
            "stageTimestamp": f"2026-01-05T10:00:{number:02d}.002000Z",
        }
        event.pop(without, None)
        lines.append(msgspec.json.encode(event))
    return scan_bytes(b"\n".join(lines), RULES)


@pytest.mark.parametrize("field", ["sourceIPs", "annotations"])
def test_a_field_that_somebody_took_out_of_all_events_blinds_the_rules_that_need_it(field: str) -> None:
    about_sites = {rule.id for rule in RULES.rules if any(need.startswith("site.") for need in rule.needs.fields)}
    needing = {rule.id for rule in RULES.rules if field in rule.needs.fields} - about_sites
    assert needing
    assert needing <= {blind.rule for blind in a_scan(without=field).blind}
    assert not needing & {blind.rule for blind in a_scan().blind}


def test_what_fired_is_neither_blind_nor_unknown() -> None:
    result = a_scan()
    fired = {finding.rule.id for finding in result.findings}
    assert fired
    assert not fired & ({blind.rule for blind in result.blind} | set(result.unknown))


def test_the_policy_that_a_blind_rule_asks_for_would_let_it_see() -> None:
    head = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n"
    for rule in RULES.rules:
        if rule.needs.stage == "ResponseStarted":
            continue  # what to leave out of a policy is said in words
        policy = read_policy("advice", head + policy_for(rule.needs) + "\n")
        assert Expectation(policy).records(rule.needs), rule.title
