"""Shippers that put the line under a key."""

import io
import json
from typing import Any

import pytest

from kwho.formats.reader import Reader
from kwho.schema.record import Record, Rejected

TEXT = json.dumps({"auditID": "f", "stage": "Panic", "verb": "get"})


def read(*documents: Any) -> list[Record | Rejected]:
    return list(Reader(io.BytesIO("\n".join(map(json.dumps, documents)).encode()).readline))


@pytest.mark.parametrize(
    ("document", "slug"),
    [
        ({"date": 1, "log": TEXT, "cluster_name": "shop"}, "fluentbit-record"),
        ({"file": "f", "source_type": "file", "message": TEXT}, "vector-file"),
        ({"message": TEXT, "agent": {}}, "shipper-json"),
        ({"jsonPayload": json.loads(TEXT)}, "shipper-json"),
    ],
)
def test_the_line_is_found_under_its_key(document: dict[str, Any], slug: str) -> None:
    (found,) = read(document)
    assert isinstance(found, Record)
    assert (found.event.auditID, found.context.format) == ("f", slug)
    assert found.context.cluster == document.get("cluster_name")


def test_pieces_that_fluent_bit_left_apart_are_joined() -> None:
    pod = {"logtag": "P", "stream": "stdout", "kubernetes": {"pod_name": "p"}}
    (found,) = read({**pod, "log": TEXT[:20]}, {**pod, "logtag": "F", "log": TEXT[20:]})
    assert isinstance(found, Record)
    assert (found.event.auditID, found.context.instance) == ("f", "p")


def test_text_under_a_key_is_filtered() -> None:
    (found,) = read({"message": "hello", "log": 3})
    assert isinstance(found, Rejected)
    assert (found.kind, found.reason) == ("filtered", "text")


def test_a_line_of_fluentd_has_a_time_and_a_tag() -> None:
    (found,) = Reader(io.BytesIO(b"2026-03-01T08:00:00+00:00\tkube.audit\t" + TEXT.encode()).readline)
    assert isinstance(found, Record)
    assert found.context.format == "fluentd-file"
