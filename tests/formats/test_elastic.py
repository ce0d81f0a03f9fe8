"""ECS documents and searches."""

import io
import json
from typing import Any

from kwho.formats.reader import Reader
from kwho.schema.record import Record

AUDIT = {
    "auditID": "x",
    "stage": "Panic",
    "verb": "get",
    "annotations": {"authorization_k8s_io/decision": "allow", "a_b/round_0_index_3": "1", "plain_key": "2"},
}
DOCUMENT = {"kubernetes": {"audit": AUDIT}, "host": {"name": "cp-0"}, "orchestrator": {"cluster": {"name": "shop"}}}


def one(document: Any) -> Record:
    (found,) = Reader(io.BytesIO(json.dumps(document).encode()).readline)
    assert isinstance(found, Record)
    return found


def test_dots_return_to_the_domain_of_annotation_keys_only() -> None:
    found = one(DOCUMENT)
    assert found.event.annotations == {
        "authorization.k8s.io/decision": "allow",
        "a.b/round_0_index_3": "1",
        "plain_key": "2",
    }
    assert (found.context.cluster, found.context.instance, found.context.derived) == ("shop", "cp-0", ("annotations",))


def test_hits_of_a_search_are_unwrapped() -> None:
    hits = [{"_source": DOCUMENT}]
    for document in ({"hits": {"hits": hits}}, {"hits": hits}, {"_source": DOCUMENT}):
        assert one(document).context.format == "elastic-ecs"


def test_a_document_that_tells_of_an_event_and_a_host_is_not_taken_for_a_collectors() -> None:
    found = one({**DOCUMENT, "event": {"kind": "event", "outcome": "success"}})
    assert (found.context.format, found.event.auditID) == ("elastic-ecs", "x")
