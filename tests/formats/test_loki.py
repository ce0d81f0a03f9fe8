"""Loki's answers and logcli."""

import io
import json
from typing import Any

from kwho.formats.reader import Reader
from kwho.schema.record import Record, Rejected

TEXT = json.dumps({"auditID": "i", "stage": "Panic", "verb": "get"})


def read(data: str) -> list[Record | Rejected]:
    return list(Reader(io.BytesIO(data.encode()).readline))


def one(document: Any) -> Record:
    (found,) = read(document if isinstance(document, str) else json.dumps(document))
    assert isinstance(found, Record)
    return found


def test_values_of_streams_are_lines_and_labels_name_cluster_and_node() -> None:
    stream = {"stream": {"cluster": "shop", "k8s_node_name": "cp-0"}, "values": [["1", TEXT, {"m": "x"}]]}
    found = one({"data": {"result": [stream]}})
    assert (found.context.format, found.context.cluster, found.context.instance) == ("loki-query-range", "shop", "cp-0")
    assert one({"streams": [stream]}).event.auditID == "i"


def test_a_value_without_a_line_is_filtered() -> None:
    (found,) = read(json.dumps({"data": {"result": [{"values": [["1"]]}]}}))
    assert isinstance(found, Rejected)
    assert found.reason == "Loki entry without line"


def test_the_label_set_of_logcli_is_not_the_event() -> None:
    for labels in ('{log_type="audit", kubernetes_host="cp-0"}', "{}", '{ a="}{", kubernetes_host="cp-0"  }'):
        found = one(f"2026-03-01T08:00:00Z {labels} {TEXT}")
        assert (found.context.format, found.event.auditID) == ("logcli-text", "i")


def test_colours_of_a_terminal_are_taken_off() -> None:
    assert one(f'\x1b[34m2026-03-01T08:00:00Z\x1b[0m \x1b[32m{{host="h"}}\x1b[0m {TEXT}').context.instance == "h"


def test_json_lines_of_logcli() -> None:
    assert one({"labels": {"host": "h"}, "line": TEXT, "timestamp": "t"}).context.format == "logcli-jsonl"
