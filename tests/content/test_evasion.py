"""What a client chooses freely never silences a rule, and what did not happen is never claimed.

Each example that fires is bent in a way that the caller controls, or that takes its success away.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from kwho.detect.examples import Story, expand
from kwho.detect.rule import Rule
from kwho.query.ast import And, Node, Not, Term
from kwho.schema.event import Event

Json = dict[str, Any]
Matches = Callable[..., bool]

ABOUT_REFUSALS = {
    "anonymous-pod-listing", "anonymous-request-refused", "attack-tool-agent", "authenticated-from-outside",
    "bootstrap-identity-used-by-person", "certificate-approval-refused", "cluster-listing",
    "consequential-request-by-person", "create-refused", "impersonation-with-extra", "node-created-by-another",
    "privileged-identity-impersonated", "public-request-refused", "refusal-with-identity", "request-denied",
    "secret-read-refused", "service-account-refused", "shell-path-probe", "unknown-node-registered",
}  # fmt: skip
"""Rules that a refused request may well fire."""
FORBIDDEN: Json = {"responseStatus": {"code": 403}, "annotations": {"authorization.k8s.io/decision": "forbid"}}

_decode = msgspec.json.Decoder(Event).decode


def terms(node: Node) -> Iterator[Term]:
    if isinstance(node, Term):
        yield node
    elif isinstance(node, Not):
        yield from terms(node.node)
    else:
        for part in node.nodes:
            yield from terms(part)


def fields_of(rule: Rule) -> set[str]:
    return {term.field for term in terms(rule.condition) if term.field}


def bent(story: Story, bend: Callable[[Json], Json]) -> list[Event]:
    return [_decode(msgspec.json.encode(bend(event))) for event in expand(story.example)]


def firing(pack: Any) -> Iterator[tuple[Rule, Story]]:
    for rule, stories in pack.plain():
        yield from ((rule, story) for story in stories if story.fires)


def silenced(pack: Any, matches: Matches, bend: Callable[[Json], Json], concerned: Callable[[Rule], bool]) -> list[str]:
    return [
        f"{rule.name}: {story.why}"
        for rule, story in firing(pack)
        if concerned(rule) and not matches(rule.condition, bent(story, bend), story.site)
    ]


def test_no_user_agent_silences_a_rule(pack: Any, matches: Matches) -> None:
    def default_client(event: Json) -> Json:
        return {**event, "userAgent": "manager/v0.0.0 (linux/amd64) kubernetes/$Format"}

    def indifferent(rule: Rule) -> bool:
        return "userAgent" not in fields_of(rule)

    assert silenced(pack, matches, default_client, indifferent) == []


def test_an_agent_is_never_part_of_an_exclusion(pack: Any) -> None:
    def excluding(node: Node, negated: bool = False) -> Iterator[Term]:
        if isinstance(node, Not):
            yield from excluding(node.node, not negated)
        elif isinstance(node, Term):
            if negated:
                yield node
        else:
            for part in node.nodes:
                yield from excluding(part, negated)

    for rule in pack.rules.rules:
        for term in excluding(rule.condition):
            assert term.field not in ("userAgent", "sourceIPs", "source.claimed", "requestURI"), rule.name
            assert not (term.field == "user.username" and term.op != "equals"), rule.name
            assert not (term.field == "user.username" and any("*" in str(value) for value in term.values)), rule.name


def test_no_claimed_address_silences_a_rule(pack: Any, matches: Matches) -> None:
    def forwarded(event: Json) -> Json:
        return {**event, "sourceIPs": ["127.0.0.1", "10.1.2.3", "198.51.100.200", *event["sourceIPs"]]}

    assert silenced(pack, matches, forwarded, lambda rule: True) == []


def test_no_claimed_address_makes_a_rule_fire(pack: Any, matches: Matches) -> None:
    def forwarded(event: Json) -> Json:
        return {**event, "sourceIPs": ["198.51.100.200", "127.0.0.1", *event["sourceIPs"]]}

    for rule, stories in pack.plain():
        for story in stories:
            if not story.fires:
                assert not matches(rule.condition, bent(story, forwarded), story.site), f"{rule.name}: {story.why}"


def test_more_detail_in_the_log_silences_no_rule(pack: Any, matches: Matches) -> None:
    for level in ("Request", "RequestResponse"):

        def detailed(event: Json, level: str = level) -> Json:
            return {**event, "level": level}

        assert silenced(pack, matches, detailed, lambda rule: True) == [], level


def test_a_parameter_that_looks_like_a_dry_run_silences_no_rule(pack: Any, matches: Matches) -> None:
    def decorated(event: Json) -> Json:
        uri = event.get("requestURI") or "/x"
        return {**event, "requestURI": f"{uri}{'&' if '?' in uri else '?'}x=dryRun=All&dryrun=All"}

    def unconcerned(rule: Rule) -> bool:
        return not fields_of(rule) & {"requestURI", "uri.path"}

    assert silenced(pack, matches, decorated, unconcerned) == []


def test_a_dry_run_in_the_uri_excuses_no_deletion(pack: Any, matches: Matches) -> None:
    for rule, story in firing(pack):
        for event in expand(story.example):
            if str(event.get("verb")).startswith("delete"):
                dry = {**event, "requestURI": "/api/v1/x?dryRun=All"}
                assert matches(rule.condition, [_decode(msgspec.json.encode(dry))], story.site), (
                    f"{rule.name}: {story.why}"
                )


def test_a_true_dry_run_is_not_taken_for_a_write(pack: Any, matches: Matches) -> None:
    for rule, story in firing(pack):
        if "accepted" in fields_of(rule):
            for event in expand(story.example):
                if event["verb"] in ("create", "update", "patch") and event["stage"] == "ResponseComplete":
                    dry = {**event, "requestURI": "/api/v1/x?dryRun=All"}
                    assert not matches(rule.condition, [_decode(msgspec.json.encode(dry))], story.site), (
                        f"{rule.name}: {story.why}"
                    )


def test_a_refused_request_fires_only_rules_about_refusals(pack: Any, matches: Matches) -> None:
    def refused(event: Json) -> Json:
        bare = {key: value for key, value in event.items() if key not in ("requestObject", "responseObject")}
        return {**bare, **FORBIDDEN, "stage": "ResponseComplete"}

    fired = {
        str(rule.name) for rule, story in firing(pack) if matches(rule.condition, bent(story, refused), story.site)
    }
    assert sorted(fired - ABOUT_REFUSALS) == []


def test_a_vanished_client_is_not_a_success(pack: Any, matches: Matches) -> None:
    def vanished(event: Json) -> Json:
        status = {"code": 200, "status": "Success", "message": "Connection closed early"}
        return {**event, "stage": "ResponseComplete", "responseStatus": status}

    for rule, story in firing(pack):
        if fields_of(rule) & {"accepted"}:
            assert not matches(rule.condition, bent(story, vanished), story.site), f"{rule.name}: {story.why}"


def test_an_open_stream_counts_before_it_ends(pack: Any, matches: Matches) -> None:
    streams = ("exec", "attach", "portforward")
    for rule, story in firing(pack):
        if "answer" not in fields_of(rule):
            continue
        for event in expand(story.example):
            if event.get("objectRef", {}).get("subresource") in streams and event["responseStatus"]["code"] == 101:
                opened = {**event, "stage": "ResponseStarted"}
                assert matches(rule.condition, [_decode(msgspec.json.encode(opened))], story.site), (
                    f"{rule.name}: {story.why}"
                )


def test_a_name_beside_an_excluded_one_is_not_excused(pack: Any, matches: Matches) -> None:
    """Another spelling, or a longer name, of an excused identity fires the rule that excuses it."""

    def spellings(name: str) -> tuple[str, ...]:
        prefix, colon, last = name.rpartition(":")
        return f"{prefix}{colon}{last.capitalize()}", f"{name}x", f"{name}\u200b"

    for rule, stories in pack.plain():
        wider = unexcused(rule.condition)
        for story in stories:
            names = {str(event.get("user", {}).get("username")) for event in expand(story.example)}
            excused = (
                not story.fires
                and names & excluded_names(rule.condition)
                and matches(wider, bent(story, dict), story.site)
            )
            for name in names if excused else ():
                for spelling in spellings(name):

                    def renamed(event: Json, spelling: str = spelling) -> Json:
                        return {**event, "user": {**event["user"], "username": spelling}}

                    assert matches(rule.condition, bent(story, renamed), story.site), f"{rule.name}: {spelling!r}"


def unexcused(node: Node) -> Node:
    if not isinstance(node, And):
        return node
    return And(tuple(part for part in node.nodes if not (isinstance(part, Not) and excluded_names(part))))


def excluded_names(node: Node) -> set[str]:
    parts = node.nodes if isinstance(node, And) else (node,)
    found = (terms(part) for part in parts if isinstance(part, Not))
    return {str(value) for group in found for term in group if term.field == "user.username" for value in term.values}
