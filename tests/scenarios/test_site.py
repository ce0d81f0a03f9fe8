"""Stories with a site file: what it quietens, what it makes visible, and who cannot hide behind it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.conftest import Inline

from kwho.detect.exclusion import resolve_exclusions
from kwho.detect.pack import assemble
from kwho.detect.rule import RuleSet
from kwho.detect.site import Fetched, Reading, read_site
from kwho.engine.local import Scan
from kwho.engine.memory import scan_bytes
from kwho.engine.work import Settings
from kwho.schema.result import Result
from kwho.schema.site import Clock, Site
from kwho.sources import discover

Json = dict[str, Any]

SITE = """
zones:
  office: {networks: [192.0.2.0/24], expect: [human]}
  pods: {networks: [10.244.0.0/16], expect: [service_account]}
proxies: [10.0.9.0/28]
principals:
  breakGlass: {users: [emergency@example.com]}
lists:
  exits: {kind: tor, date: 2026-01-04, addresses: [203.0.113.50]}
exclusions:
  - title: Inventory lists the secrets of all namespaces
    id: 7d0b9c52-0d52-4f5b-9d63-0d1e4c7b1f02
    filter:
      rules: [F03, F04]
      who:
        user.username: system:serviceaccount:inventory:collector
        user.groups: system:serviceaccounts:inventory
      token: {user.uid|exists: true}
      certificate: {credential.id|startswith: X509}
      what: {verb: [list, watch], target: secrets}
      condition: not (who and token and what and not certificate)
    kwho: {owner: platform team, reason: it counts certificates that run out}
"""
COLLECTOR = "system:serviceaccount:inventory:collector"
GROUPS = ["system:serviceaccounts", "system:serviceaccounts:inventory", "system:authenticated"]
ACCOUNT: Json = {"username": COLLECTOR, "uid": "5a0c3f0e-6f0b-4c8e-9a39-0d6d5c1f7b21", "groups": GROUPS}
EVE: Json = {"username": "eve@example.com", "groups": ["system:authenticated"]}
CREDENTIAL = "authentication.kubernetes.io/credential-id"


def reading() -> Reading:
    found = read_site("site.yaml", SITE, lambda path: Fetched("", ""), lambda name: Clock())
    assert found.complaints == ()
    return found


def rules() -> RuleSet:
    return resolve_exclusions(assemble([]), reading().exclusions)


@pytest.fixture(scope="module")
def loaded() -> RuleSet:
    return rules()


def event(number: int, **members: Any) -> Json:
    time = f"2026-01-05T10:{number // 60:02d}:{number % 60:02d}.000000Z"
    made: Json = {
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "stage": "ResponseComplete",
        "auditID": f"00000000-0000-4000-8000-{number:012d}", "requestURI": "/api/v1/secrets", "verb": "list",
        "user": ACCOUNT, "sourceIPs": ["10.244.0.9"], "userAgent": "collector/1.0",
        "objectRef": {"resource": "secrets", "apiVersion": "v1"}, "responseStatus": {"metadata": {}, "code": 200},
        "requestReceivedTimestamp": time, "stageTimestamp": time,
        "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": ""},
    }  # fmt: skip
    return made | members


def scan(loaded: RuleSet, *events: Json, site: Site | None = None) -> Result:
    data = b"\n".join(json.dumps(item).encode() for item in events)
    return scan_bytes(data, loaded, site=reading().site if site is None else site)


def grave(result: Result) -> set[str]:
    """Titles of what is told above mere activity."""
    return {finding.title for finding in result.findings if finding.severity != "informational"}


def test_what_is_known_is_quiet_and_counted(loaded: RuleSet) -> None:
    result = scan(loaded, *(event(number) for number in range(30)))
    assert grave(result) == set()
    assert result.excluded.findings >= 1
    assert [entry.title for entry in result.excluded.by] == ["Inventory lists the secrets of all namespaces"]
    assert result.incidents == ()


def test_the_same_name_in_another_namespace_is_found(loaded: RuleSet) -> None:
    taken = {
        "username": "system:serviceaccount:shop:collector",
        "uid": "0d6d5c1f-6f0b-4c8e-9a39-5a0c3f0e7b21",
        "groups": ["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"],
    }
    result = scan(loaded, event(0), event(1, user=taken))
    assert "Service account lists secrets of all namespaces" in grave(result)
    assert {finding.principal.user for finding in result.findings if finding.severity != "informational"} == {
        taken["username"]
    }


def test_a_certificate_in_the_excluded_name_is_found_from_request_to_use(loaded: RuleSet) -> None:
    csr = {"resource": "certificatesigningrequests", "apiGroup": "certificates.k8s.io", "name": "csr-1"}
    thief = {"username": COLLECTOR, "groups": GROUPS, "extra": {CREDENTIAL: ["X509SHA256=6f9c"]}}
    result = scan(
        loaded,
        event(0),
        event(1, verb="create", user=EVE, objectRef=csr, sourceIPs=["192.0.2.7"], responseStatus={"code": 201}),
        event(2, verb="update", user=EVE, objectRef=csr | {"subresource": "approval"}, sourceIPs=["192.0.2.7"]),
        event(3, user=thief),
        event(4, user={"username": COLLECTOR, "groups": ["system:authenticated"]}),
    )
    told = grave(result)
    assert "Certificate request approved by hand" in told
    assert "Client certificate requested by a person or workload" in told
    (listing,) = (
        finding for finding in result.findings if finding.title == "Service account lists secrets of all namespaces"
    )
    assert listing.count == 2
    assert result.excluded.findings >= 1


def test_who_impersonates_the_excluded_account_is_found(loaded: RuleSet) -> None:
    result = scan(loaded, event(1, user=EVE, impersonatedUser=ACCOUNT, sourceIPs=["192.0.2.7"]))
    assert result.left_out == ()
    assert "Secrets of all namespaces listed" in grave(result)


def test_the_excluded_account_is_found_at_everything_else(loaded: RuleSet) -> None:
    read = {"resource": "secrets", "namespace": "shop", "name": "db", "apiVersion": "v1"}
    result = scan(
        loaded,
        *(event(n, verb="get", objectRef=read | {"name": f"s{n}"}, requestURI=f"/{n}") for n in range(40)),
        event(
            50, verb="create", objectRef={"resource": "pods", "subresource": "exec", "namespace": "shop", "name": "w"}
        ),
    )
    assert result.left_out == ()
    assert "Many different secrets read one by one" in grave(result)
    assert "Command run in a pod through exec" in grave(result)


def test_what_only_the_site_tells_is_seen_with_it_and_blind_without(loaded: RuleSet) -> None:
    looked = event(1, user=EVE | {"username": "emergency@example.com"}, objectRef={"resource": "pods"})
    through = event(2, user=EVE, sourceIPs=["203.0.113.50", "10.0.9.1"], objectRef={"resource": "pods"})
    elsewhere = event(3, user=EVE, sourceIPs=["198.51.100.3"], verb="get",
                      objectRef={"resource": "secrets", "namespace": "shop", "name": "db"})  # fmt: skip
    wanted = {
        "Emergency account of the site used",
        "Request from a Tor exit",
        "Secrets read from outside of the known zones",
    }
    result = scan(loaded, looked, through, elsewhere)
    assert wanted <= grave(result)
    (tor,) = (finding for finding in result.findings if finding.title == "Request from a Tor exit")
    assert (tor.source.ip, tor.source.claimed) == ("203.0.113.50", ())
    assert {(item.field, item.value) for item in tor.evidence} >= {
        ("source.listKind", "tor"), ("source.listed", "exits"), ("source.listDate", "2026-01-04"),
    }  # fmt: skip
    blind = scan(loaded, looked, through, elsewhere, site=Site())
    assert not wanted & grave(blind)
    titles = {rule.id: rule.title for rule in loaded.rules} | {rule.id: rule.title for rule in loaded.correlations}
    assert wanted <= {titles[item.rule] for item in blind.blind if item.rule in titles}
    assert all("site file" in item.needs for item in blind.blind if titles.get(item.rule) in wanted)


@pytest.fixture(scope="module")
def small() -> RuleSet:
    """A few rules of the pack that the site is about."""
    whole = rules()
    named = {"F01", "F03", "F04", "F10", "A09", "A13"}
    correlations = tuple(rule for rule in whole.correlations if set(rule.detections) & {"A09", "A13"})
    feeding = {name for rule in correlations for name in rule.rules}
    rules_of_it = tuple(rule for rule in whole.rules if set(rule.detections) & named or rule.id in feeding)
    return RuleSet(rules=rules_of_it, correlations=correlations, exclusions=whole.exclusions)


EVENTS = [
    event(
        number,
        user=[ACCOUNT, EVE, EVE | {"username": "emergency@example.com"}][number % 3],
        sourceIPs=[["10.244.0.9"], ["198.51.100.3", "10.0.9.1"], ["203.0.113.50", "10.0.9.2"], ["192.0.2.7"]][
            number % 4
        ],
    )
    for number in range(24)
]


@settings(max_examples=10)
@given(order=st.permutations(range(len(EVENTS))))
def test_order_changes_nothing_with_a_site(small: RuleSet, order: list[int]) -> None:
    def told(*events: Json) -> list[tuple[str, int]]:
        result = scan(small, *events)
        return sorted((finding.id, finding.count) for finding in (*result.findings, *result.left_out))

    assert told(*(EVENTS[number] for number in order)) == told(*EVENTS)


def test_cuts_change_nothing_with_a_site(small: RuleSet, tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    path.write_bytes(b"".join(json.dumps(item).encode() + b"\n" for item in EVENTS))

    def told(**how: Any) -> list[object]:
        with Scan(list(discover([str(path)])), Settings(small, site=reading().site), **how) as running:
            for _ in running:
                pass
            result = running.conclude()
        return [result.findings, result.left_out, result.blind, result.statistics.peers]

    whole = told()
    assert whole[1], "something is left out"
    assert told(part=700, pool=Inline) == whole
    assert told(part=2_500, pool=Inline) == whole
