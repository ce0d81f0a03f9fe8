"""The text of cited events, read again."""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kwho.engine.raw import raw_events
from kwho.schema.finding import Citation
from kwho.schema.result import Result
from kwho.sources import discover


def test_cited_events_are_read_again_from_plain_files_and_archives(
    line: Callable[..., bytes], event: Callable[..., Any], scan: Callable[..., Result], tmp_path: Path
) -> None:
    items = {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": [event(7), event(8)]}
    data = line(1) + json.dumps(items).encode() + b"\n" + json.dumps(event(2), indent=1).encode() + b"\n"
    (tmp_path / "a.log").write_bytes(data)
    (tmp_path / "b.log.gz").write_bytes(gzip.compress(data.replace(b'"ana"', b'"bea"')))
    cited = [citation for finding in scan("a.log", "b.log.gz").findings for citation in finding.events]
    texts = raw_events(list(discover([str(tmp_path)])), cited)
    assert {citation.file for citation in texts} == {str(tmp_path / "a.log"), str(tmp_path / "b.log.gz")}
    assert set(texts) == set(cited)
    for citation, text in texts.items():
        assert json.loads(text)["auditID"] == citation.audit_id


def test_a_file_name_that_is_no_text_is_spelled_out_and_its_events_are_read_again(
    scan: Callable[..., Result], line: Callable[..., bytes], tmp_path: Path
) -> None:
    name = os.fsdecode(b"a\xff.log")
    try:
        (tmp_path / name).write_bytes(line(1) + line(2))
    except OSError:
        pytest.skip("the file system takes no such name")
    cited = [citation for finding in scan(name).findings for citation in finding.events]
    assert {citation.file for citation in cited} == {str(tmp_path / "a\\udcff.log")}
    assert set(raw_events(list(discover([str(tmp_path)])), cited)) == set(cited)


def test_what_cannot_be_read_again_gives_no_text(tmp_path: Path, line: Callable[..., bytes]) -> None:
    (tmp_path / "a.log").write_bytes(line(1))
    inputs = list(discover([str(tmp_path), "-"]))
    (tmp_path / "a.log").unlink()
    places = [Citation("x", None, name, 1, 0, 0) for name in ("-", str(tmp_path / "a.log"), "/nowhere")]
    assert raw_events(inputs, places) == {}
