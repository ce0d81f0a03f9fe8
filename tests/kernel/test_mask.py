"""A cleared bit is a proof: masks and rests together decide exactly what the conditions say."""

from collections.abc import Iterator
from functools import cache
from itertools import islice

import msgspec
import pytest

from kwho.detect.pack import assemble
from kwho.fields import FIELDS, find
from kwho.kernel.mask import Masks, is_own
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


BODIES = (
    b"{}",
    b'{"dryRun":["All"]}',
    b'{"kind":"Status","code":403,"status":"Failure"}',
    b'{"kind":"Pod","metadata":{"name":"x","namespace":"n","uid":"u","ownerReferences":[{"kind":"Job","name":"j"}]},'
    b'"spec":{"hostPID":true,"nodeName":"n","template":{"spec":{}},"user":"u"},"status":{"token":"t"},"data":{"a":"b"},'
    b'"rules":[],"subjects":[{"kind":"User","name":"u"}],"roleRef":{"kind":"ClusterRole","name":"cluster-admin"}}',
)
QUERIES = ("", "?", "?dryRun=All", "?%64ryRun=All", "?command=sh&container=c&stdin=true", "?fieldManager=m&watch=1")


def test_what_is_not_called_its_own_is_the_same_whatever_the_body_or_the_query() -> None:
    asked = [find(name) for name in ("uri.query.dryRun", "annotations.x", "requestObject.metadata.name")]
    bodied = [field for field in (*FIELDS, *asked) if not is_own(field, bodied=True)]
    queried = [field for field in (*FIELDS, *asked) if not is_own(field, queried=True)]
    seen = 0
    for event in islice(events(), 0, None, 5):
        here = Look(event, CONTEXT)
        if event.requestObject is not ABSENT or event.responseObject is not ABSENT:
            names = [name for name in ("requestObject", "responseObject") if getattr(event, name) is not ABSENT]
            for body in BODIES:
                there = Look(msgspec.structs.replace(event, **dict.fromkeys(names, msgspec.Raw(body))), CONTEXT)
                assert [field.name for field in bodied if field.read(here) != field.read(there)] == []
                seen += 1
        path = (event.requestURI or "").partition("?")[0]
        for query in QUERIES if event.objectRef is not None else ():
            there = Look(msgspec.structs.replace(event, requestURI=path + query), CONTEXT)
            assert [field.name for field in queried if field.read(here) != field.read(there)] == []
    assert seen > 50
