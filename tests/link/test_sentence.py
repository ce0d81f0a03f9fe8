"""Sentences are made of facts only."""

from collections.abc import Callable

import msgspec
import pytest

from kwho.link.sentence import sentence
from kwho.link.trace import Trace
from kwho.schema.finding import Evidence, Impersonated, Target

Make = Callable[..., Trace]
POD = Target(resource="pods", subresource="exec", namespace="shop", name="web-1")
SECRETS = Target(resource="secrets", namespace="shop")
NODES = Target(resource="nodes", name="n-1")


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"verbs": ("get",), "target": POD}, "mallory from 10.0.0.7 ran a command in pods web-1 in shop: Rule"),
        ({"verbs": ("list",), "target": SECRETS}, "mallory from 10.0.0.7 listed secrets in shop: Rule"),
        (
            {"verbs": ("get", "list"), "target": SECRETS, "count": 7},
            "mallory from 10.0.0.7 read and listed secrets in shop, 7 times: Rule",
        ),
        (
            {"verbs": ("list",), "target": SECRETS, "outcome": "forbidden"},
            "mallory from 10.0.0.7 was refused to list secrets in shop: Rule",
        ),
        (
            {"verbs": ("create",), "target": POD, "outcome": "forbidden"},
            "mallory from 10.0.0.7 was refused to run a command in pods web-1 in shop: Rule",
        ),
        (
            {"verbs": ("patch",), "target": NODES, "outcome": "dry_run"},
            "mallory from 10.0.0.7 changed nodes n-1, as a dry run: Rule",
        ),
        ({"verbs": ("escalate",), "target": NODES, "peer": None}, "mallory used nodes n-1: Rule"),
        ({"target": Target(uri="/logs/?token=x")}, "mallory from 10.0.0.7 used /logs/: Rule"),
        (
            {"detector": "correlation", "count": 30, "target": SECRETS},
            "mallory from 10.0.0.7 made 30 requests about secrets in shop: Rule",
        ),
        (
            {"detector": "correlation", "users": ("ana", "bo"), "target": Target(), "count": 2},
            "several identities from 10.0.0.7 made 2 requests about several kinds of objects: Rule",
        ),
        (
            {"user": None, "verbs": ("list",), "target": SECRETS, "outcome": "unauthenticated"},
            "somebody without credentials from 10.0.0.7 was refused to list secrets in shop: Rule",
        ),
    ],
)
def test_who_did_what_to_which_object(trace: Make, members: dict[str, object], told: str) -> None:
    assert sentence([trace(1, **members)], ["Rule", "Rule"]) == told


def test_the_identity_that_was_borrowed_is_named(trace: Make) -> None:
    made = trace(1, verbs=("get",), target=NODES)
    principal = msgspec.structs.replace(made.finding.principal, impersonated=Impersonated("system:admin"))
    made = msgspec.structs.replace(made, finding=msgspec.structs.replace(made.finding, principal=principal))
    assert sentence([made], ["Rule"]) == "mallory as system:admin from 10.0.0.7 read nodes n-1: Rule"


def test_like_requests_name_their_objects(trace: Make) -> None:
    kinds = ("pods", "nodes", "secrets", "configmaps", "services", "roles")
    made = [trace(number, verbs=("list",), target=Target(resource=kind)) for number, kind in enumerate(kinds)]
    assert sentence(made, ["Rule"]).startswith(
        "mallory from 10.0.0.7 listed pods, nodes, secrets, configmaps and 2 more:"
    )


def test_a_verb_that_was_only_cited_will_do(trace: Make) -> None:
    made = trace(1, target=NODES)
    finding = msgspec.structs.replace(made.finding, evidence=(Evidence("write", "verb", "delete"),))
    assert "deleted nodes n-1" in sentence([msgspec.structs.replace(made, finding=finding)], ["Rule"])


def test_one_request_is_not_many(trace: Make) -> None:
    counted = trace(1, detector="correlation", target=SECRETS, rule="Rule")
    assert sentence([counted], ["Rule"]) == "mallory from 10.0.0.7 made 1 request about secrets in shop: Rule"
    many = trace(1, detector="correlation", target=SECRETS, rule="Rule", count=1_200)
    assert " made 1,200 requests about " in sentence([many], ["Rule"])
