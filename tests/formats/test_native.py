"""The API server's own shapes."""

import io
import json

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.formats.native import encode, object_of
from kwho.formats.reader import Reader
from kwho.schema.event import Event, ObjectRef, User
from kwho.schema.record import Record, Rejected

LEGACY = (
    '2018-03-01T08:00:00.000000000Z AUDIT: id="l1" stage="ResponseComplete" ip="10.0.0.7" method="get" user="a\\"b" '
    'groups="\\"ops\\",\\"system:authenticated\\"" as="bob" asgroups="<lookup>" user-agent="" namespace="<none>" '
    'uri="/apis/apps/v1/namespaces/shop/deployments/web/scale?x=1" response="403"'
)


def one(text: str) -> Record | Rejected:
    (found,) = Reader(io.BytesIO(text.encode()).readline)
    return found


def test_an_encoded_event_is_one_line_of_native_json_that_reads_back() -> None:
    event = Event(
        level="Metadata", auditID="a", stage="Panic", verb="get", user=User("ada"), requestReceivedTimestamp="t"
    )
    line = encode(event)
    assert line.startswith(b'{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata"')
    assert b"\n" not in line
    found = one(line.decode())
    assert isinstance(found, Record)
    assert encode(found.event) == line


def test_an_empty_event_encodes_to_its_kind() -> None:
    assert json.loads(encode(Event())) == {"kind": "Event", "apiVersion": "audit.k8s.io/v1"}


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=20), st.dictionaries(st.text(max_size=5), st.integers()))
def test_encoding_keeps_text_and_bodies(agent: str, body: dict[str, int]) -> None:
    event = Event(auditID="a", userAgent=agent, requestObject=msgspec.Raw(json.dumps(body).encode()))
    back = json.loads(encode(event))
    assert (back["userAgent"], back["requestObject"]) == (agent, body)


def test_a_legacy_line_is_an_event_that_lost_much() -> None:
    found = one(LEGACY)
    assert isinstance(found, Record)
    event = found.event
    assert event.user == User('a"b', None, ("ops", "system:authenticated"))
    assert event.impersonatedUser == User("bob")
    assert event.sourceIPs == ("10.0.0.7",)
    assert event.objectRef == ObjectRef("deployments", "shop", "web", None, "apps", "v1", None, "scale")
    assert event.responseStatus is not None
    assert event.responseStatus.code == 403
    assert event.requestReceivedTimestamp == "2018-03-01T08:00:00.000000000Z"
    assert found.context.format == "native-legacy"
    assert "annotations" in found.context.lost


def test_a_legacy_line_that_was_cut_is_truncated() -> None:
    found = one(LEGACY[:120])
    assert isinstance(found, Rejected)
    assert found.kind == "truncated"


def test_uris_name_objects() -> None:
    assert object_of("/api/v1/pods") == {"apiVersion": "v1", "resource": "pods"}
    assert object_of("/api/v1/namespaces/x") == {
        "apiVersion": "v1",
        "resource": "namespaces",
        "name": "x",
        "namespace": "x",
    }
    assert object_of("/api/v1/namespaces/x/finalize") == {
        "apiVersion": "v1",
        "namespace": "x",
        "resource": "namespaces",
        "name": "x",
        "subresource": "finalize",
    }
    assert object_of("/api/v1/watch/pods") == {"apiVersion": "v1", "resource": "pods"}
    assert object_of("/healthz") is None
    assert object_of("/apis/apps/v1") is None


def test_an_event_of_google_distributed_cloud_names_its_cluster() -> None:
    found = one('{"auditID":"a","stage":"Panic","verb":"get","_gdch_cluster":"edge"}')
    assert isinstance(found, Record)
    assert (found.context.format, found.context.cluster) == ("native-log", "edge")


def test_an_event_whose_bodies_were_printed_over_lines_is_written_on_one() -> None:
    found = one(
        '{"auditID":"a","stage":"Panic","verb":"get","requestObject":{\n  "kind": "Pod",\r\n  "note": "a b"\n}}'
    )
    assert isinstance(found, Record)
    assert encode(found.event).count(b"\n") == encode(found.event).count(b"\r") == 0
    assert encode(found.event).endswith(b'"requestObject":{"kind":"Pod","note":"a b"}}')
