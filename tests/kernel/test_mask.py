"""A cleared bit is a proof: masks and rests together decide exactly what the conditions say."""

from collections.abc import Iterator
from functools import cache

import msgspec
import pytest

from kwho.detect.pack import assemble
from kwho.kernel.mask import Masks
from kwho.query.ast import Node
from kwho.query.match import compile_node
from kwho.query.parse import parse_query
from kwho.sample import generate
from kwho.schema.event import ABSENT, Event
from kwho.schema.record import Context
from kwho.views import Look

CONTEXT = Context("native-log")
decode = msgspec.json.Decoder(Event).decode


@cache
def conditions() -> tuple[Node, ...]:
    extra = (
        "verb:get or user:alice*",
        "-user:system:* -groups:system:nodes",
        "outcome:dry_run",
        "accepted:true ns:null",
        "uri.path:/healthz,/api",
        "not (ns:kube-system or ns:default)",
        "pod.privileged:false",
        "-pod.images:nginx*",
        "ip:192.0.2.10 ua~kubectl code>=400",
        "secrets",
        "verb|fieldref:objectRef.resource",
    )
    return (*(rule.condition for rule in assemble([]).rules), *map(parse_query, extra))


def events() -> Iterator[Event]:
    for number, line in zip(range(60_000), generate(42), strict=False):
        if number % 23 == 0:
            event = decode(line)
            yield event
            change = msgspec.structs.replace
            yield change(event, requestURI=f"{event.requestURI}?dryRun=All")
            yield change(event, requestObject=ABSENT, responseObject=ABSENT)
            if number % 5 == 0:
                yield change(event, objectRef=None)
                yield change(event, user=None, sourceIPs=None, userAgent=None, annotations=None)
                yield change(event, annotations={"authentication.openshift.io/decision": "deny"}, objectRef=None)
                yield change(event, stage="ResponseStarted")


def key_of(event: Event) -> tuple[object, ...]:
    """What the kernel tells operations apart by, and more: the key may be finer than it must be."""
    ref, status = event.objectRef, event.responseStatus
    target = ref and (ref.resource, ref.subresource, ref.apiGroup)
    answer = status and (status.code, status.message)
    bodies = (event.requestObject is ABSENT, event.responseObject is ABSENT, event.impersonatedUser is None)
    return (
        event.verb,
        event.stage,
        event.level,
        target,
        answer,
        bodies,
        tuple(sorted((event.annotations or {}).items())),
    )


def test_masks_and_rests_decide_what_the_conditions_say() -> None:
    nodes = conditions()
    masks = Masks(nodes)
    whole, rests = [compile_node(node) for node in nodes], [compile_node(rest) for rest in masks.rests]
    held = 0
    for event in events():
        look = Look(event, CONTEXT)
        user = (event.user.username, event.user.groups) if event.user else (None, None)
        mask = masks.operation(look, key_of(event))
        for dimension, key in (("user", user), ("agent", event.userAgent), ("peer", (event.sourceIPs or (None,))[-1])):
            mask &= masks.dimension(dimension, look, key)  # type: ignore[arg-type]  # the names of dimensions
        mask &= masks.place(look)
        refined = masks.refine(mask, look)
        for number, holds in enumerate(whole):
            found = holds(look) and event.stage != "RequestReceived"
            held += found
            assert bool(refined >> number & 1 and rests[number](look)) is found, (nodes[number], event)
    assert held > 1_000


@pytest.mark.parametrize("query", ["verb:get ns:shop", "verb:get (user:a or groups:b)"])
def test_a_condition_of_single_dimensions_leaves_nothing_to_decide(query: str) -> None:
    (rest,) = Masks([parse_query(query)]).rests
    assert rest == parse_query("")
