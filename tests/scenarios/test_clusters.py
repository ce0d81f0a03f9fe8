"""What a cluster is called changes nothing but its name and the ids."""

import re
from collections.abc import Iterator
from itertools import chain, islice

import pytest

from kwho.detect.pack import assemble
from kwho.engine.memory import scan_bytes
from kwho.reports.incident import story_sheet
from kwho.reports.pen import Pen
from kwho.reports.scan import scan_document
from kwho.reports.screen import screen
from kwho.sample import generate

ID = re.compile(r"\b[fi]-[0-9a-f]{16}\b")


def told(log: bytes, cluster: str) -> Iterator[str]:
    """The screen and every story, with neither ids nor the name of the cluster."""
    document = scan_document(scan_bytes(log, assemble([]), cluster=cluster))
    findings = {finding.id: finding for finding in document.ranked}
    pen = Pen(200)
    stories = (story_sheet(incident, pen, findings) for incident in document.result.incidents)
    for line in chain(screen(document, pen), *stories):
        yield re.sub(rf"\bcluster +{cluster}$", "cluster", ID.sub("ID", "".join(text for text, _ in line)))


def test_order_scores_and_sentences_do_not_depend_on_the_name_of_the_cluster(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    log = b"".join(islice(generate(42), 4_000, 20_000))  # two identities stolen, and everyday life beside them
    first, *others = ([*told(log, name)] for name in ("east", "west", "north"))
    assert any("CRITICAL" in line for line in first)
    for other in others:
        assert other == first
