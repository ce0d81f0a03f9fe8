import os
import re
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.reports.markdown import code, plain
from kwho.reports.scan import scan_document
from kwho.reports.ticket import ticket
from kwho.schema.result import Result

GOLDEN = Path(__file__).parents[1] / "golden" / "ticket.md"


def written(result: Result) -> str:
    return "".join(f"{line}\n" for line in ticket(scan_document(result, paths=["audit/"])))


def test_the_ticket_looks_as_agreed(result: Result) -> None:
    text = written(result)
    if os.environ.get("KWHO_REFRESH"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8"), "KWHO_REFRESH=1 pytest tests/reports writes it anew"


@given(st.text(alphabet=st.sampled_from("`|a b<*[](!@#\\\n"), max_size=30))
@settings(max_examples=100)
def test_a_code_span_cannot_be_left(text: str) -> None:
    shown = code(text)
    fence = re.match(r"`+", shown)
    assert fence is not None
    inner = shown[len(fence[0]) : -len(fence[0])]
    assert shown.endswith(fence[0])
    assert fence[0] not in re.findall(r"`+", inner)
    assert "\n" not in shown


def test_pipes_do_not_break_a_table() -> None:
    assert code("a|b", cell=True) == "`a\\|b`"
    assert code("") == "`''`"


def test_only_harmless_text_stands_bare() -> None:
    assert plain("Binding to cluster-admin") == "Binding to cluster-admin"
    assert plain("see http://x.invalid").startswith("`")
    for text in ("@all", "a|b", "[x](y)", "<b>", "#1", "__x__", "a*b*", "![i](u)"):
        assert plain(text).startswith("`")


def test_a_hostile_title_makes_no_row(result: Result) -> None:
    finding = msgspec.structs.replace(result.findings[0], title="x\n| a | b |\n# head <b>")
    text = written(msgspec.structs.replace(result, findings=(finding,)))
    assert "\\x0a" in text
    assert "\n# head" not in text


def test_a_stopped_scan_and_an_empty_one_say_so(result: Result, quiet: Result) -> None:
    assert "**This scan was stopped before its end.**" in written(msgspec.structs.replace(result, complete=False))
    assert "Nothing found; 41 rules looked, 9 blind, 3 unknown" in written(quiet)


def test_a_step_says_that_its_finding_is_below_the_severity_shown(result: Result) -> None:
    (low, *_), *_ = (incident.story for incident in result.incidents)
    left = tuple(finding for finding in result.findings if finding.id != low.finding)
    assert "below the severity shown" not in written(result)
    assert f"`{low.finding}` (below the severity shown): " in written(msgspec.structs.replace(result, findings=left))


def test_findings_beyond_the_room_are_counted(result: Result) -> None:
    many = tuple(msgspec.structs.replace(result.findings[0], id=f"f-{n:05d}") for n in range(230))
    text = written(msgspec.structs.replace(result, findings=many))
    assert "… and 30 more findings" in text
    assert "… and 205 more findings" in text
