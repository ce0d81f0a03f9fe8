import os
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kwho.reports.page import page
from kwho.reports.scan import scan_document
from kwho.schema.ledger import Counts
from kwho.schema.result import Result

GOLDEN = Path(__file__).parents[1] / "golden" / "page.html"
VOID = {"meta", "br", "rect", "line"}


class Reader(HTMLParser):
    """Collects elements and attributes, and notes any tag that is not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def drawn(result: Result) -> str:
    return "".join(page(scan_document(result, paths=["audit/"], command="kwho scan audit/")))


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert not reader.open
    return reader


def test_the_page_looks_as_agreed(result: Result) -> None:
    text = drawn(result)
    if os.environ.get("KWHO_REFRESH"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8"), "KWHO_REFRESH=1 pytest tests/reports writes it anew"


def test_the_page_runs_nothing_and_asks_nobody(result: Result) -> None:
    reader = read(drawn(result))
    assert not reader.names & {"script", "iframe", "object", "embed", "link", "img", "form", "base"}
    assert not [name for name, _ in reader.attributes if name.startswith("on") or name in ("src", "style")]
    assert any(name == "content" and "default-src 'none'" in (value or "") for name, value in reader.attributes)


@pytest.mark.parametrize("left_out", [{}, {"incidents": ()}, {"findings": ()}])
def test_links_lead_to_places_of_the_page_and_nowhere_else(result: Result, left_out: dict[str, Any]) -> None:
    attributes = read(drawn(msgspec.structs.replace(result, **left_out))).attributes
    anchors = {value for name, value in attributes if name == "id"}
    links = [value or "" for name, value in attributes if name == "href"]
    assert links
    assert all(link.startswith("#") and link[1:] in anchors for link in links)


def test_a_step_says_why_its_finding_is_not_on_the_page(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {step.finding: step for incident in result.incidents for step in incident.story}
    grave = tuple(finding for finding in result.findings if finding.severity == "critical")
    text = drawn(msgspec.structs.replace(result, findings=grave))
    shown = {finding.id for finding in grave}
    for finding in told:
        assert (f'href="#{finding}"' in text) == (finding in shown)
        assert (f"{finding} (below the severity shown)" in text) == (finding not in shown)
    monkeypatch.setattr("kwho.reports.page.FINDINGS", 1)
    assert text.count("below the severity shown") == drawn(result).count("beyond the findings shown") > 0


def test_hostile_text_stays_text(result: Result) -> None:
    evil = "</details></style><script>alert(1)</script><img src=x onerror=alert(1)>\x1b\u202e"
    finding = msgspec.structs.replace(result.findings[0], title=evil, cluster=evil, reasons=(evil,))
    hostile = msgspec.structs.replace(
        result, findings=(finding,), notes=(evil,), clusters=(evil,), instances=(evil,), versions={evil: evil}
    )
    text = drawn(hostile)
    assert not read(text).names & {"script", "img"}
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_the_page_says_first_what_it_rests_on(result: Result, quiet: Result, empty: Result) -> None:
    assert "The input reconciles" in drawn(result)
    assert "Nothing found; 41 rules looked, 9 blind, 3 unknown." in drawn(quiet)
    assert "No audit event in the input" in drawn(empty)
    assert "stopped before its end" in drawn(msgspec.structs.replace(result, complete=False))
    assert "does not reconcile" in drawn(msgspec.structs.replace(result, input=Counts(records=9)))


def test_tables_of_a_page_have_captions(result: Result) -> None:
    text = drawn(result)
    assert text.count("<table>") == text.count("<caption>")
    assert text.count("<figure>") == text.count('role="img"')


def test_findings_beyond_the_room_are_counted(result: Result) -> None:
    many = tuple(
        msgspec.structs.replace(result.findings[0], id=f"f-{n:05d}", events=(), evidence=()) for n in range(2_050)
    )
    text = drawn(msgspec.structs.replace(result, findings=many))
    assert text.count('class="finding"') == 2_000
    assert text.count('class="finding many"') == 1
    assert "and 50 more findings" in text
