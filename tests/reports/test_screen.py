import os
from pathlib import Path

import msgspec
import pytest

from kwho.reports.pen import Pen
from kwho.reports.scan import scan_document
from kwho.reports.screen import screen
from kwho.reports.text import width_of
from kwho.schema.finding import Span
from kwho.schema.ledger import Counts, Problem
from kwho.schema.result import Result

GOLDEN = Path(__file__).parents[1] / "golden"


def drawn(result: Result, width: int = 120, *, unicode: bool = True) -> str:
    lines = screen(scan_document(result, paths=["audit/"]), Pen(width=width, unicode=unicode))
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines)


@pytest.mark.parametrize(("name", "width", "unicode"), [("screen.txt", 120, True), ("screen-ascii.txt", 80, False)])
def test_the_screen_looks_as_agreed(result: Result, name: str, width: int, unicode: bool) -> None:
    text = drawn(result, width, unicode=unicode)
    golden = GOLDEN / name
    if os.environ.get("KWHO_REFRESH"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8"), "KWHO_REFRESH=1 pytest tests/reports writes it anew"


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160, 250])
def test_no_line_is_wider_than_the_screen(result: Result, width: int) -> None:
    assert max(width_of(line) for line in drawn(result, width).splitlines()) <= max(width, 60)


def test_no_command_is_broken_or_cut(result: Result) -> None:
    paths = ["/var/log/kubernetes/audit/node with a long name/apiserver.log", "/mnt/backup/kubernetes/audit/"]
    options = [("--where", "verb:get " * 20), ("--cluster", "prod eu")]
    lines = [*screen(scan_document(result, paths=paths, options=options), Pen(80))]
    text = ["".join(part for part, _ in line).strip() for line in lines]
    whole = f"kwho story i-56be799644420449 '{paths[0]}' {paths[1]} --where '{'verb:get ' * 20}' --cluster 'prod eu'"
    assert f"next: {whole}" in text
    assert (
        "kwho story i-56be799644420449 PATH OPTIONS" in text
    )  # in the list of incidents, where it would be in the way
    assert text[-1] == "PATH and OPTIONS: as given to this scan"
    assert any(line.startswith("kwho scan") and line.endswith("--show f-2b5e77d0c4aa") for line in text)


def test_words_that_stand_for_something_are_explained(result: Result) -> None:
    piped = "\n".join("".join(part for part, _ in line) for line in screen(scan_document(result, paths=["-"]), Pen(80)))
    assert "next: kwho story i-56be799644420449 PATH\n" in piped
    assert "\n      PATH: the log kept in a file, since standard input cannot be read twice" in piped
    assert "PATH:" not in drawn(result)


@pytest.mark.parametrize("width", [40, 80, 100, 120])
def test_no_title_and_no_mark_is_cut(result: Result, width: int) -> None:
    title = "A rule with a title that is a good deal longer than the column it stands in, whatever it is (excluded)"
    found = msgspec.structs.replace(result.findings[0], title=title)
    text = drawn(msgspec.structs.replace(result, findings=(found,), incidents=()), width)
    told = text[text.index("×2") + 2 : text.index("next:")]
    assert " ".join(told.replace(found.id, " ").split()).startswith(title)
    assert found.id in told


def test_an_input_of_which_nothing_was_read_says_what_to_do(result: Result) -> None:
    problem = Problem("unreadable", "No such file or directory", "nowhere.log", 0, 0)
    nothing = msgspec.structs.replace(
        result, input=Counts(records=1, unreadable=1), findings=(), incidents=(), problems=(problem,)
    )
    text = drawn(nothing)
    assert text.startswith("INPUT    ✘ nothing was read\nPROBLEM  nowhere.log  unreadable: No such file or directory\n")
    assert "check the paths" in text
    assert "reconciles" not in text
    assert "what matters" not in text
    assert text.endswith("next: kwho scan --help\n")


def test_what_was_left_out_as_asked_is_no_empty_cluster(empty: Result) -> None:
    text = drawn(msgspec.structs.replace(empty, input=Counts(records=2, filtered=2, filtered_by={"user": 2})))
    assert "EMPTY    no event is as asked, 2 others left out\n" in text
    assert "RULES" in text
    assert "RULES" not in drawn(empty)


def test_what_is_hidden_is_said_to_be_listed_when_it_is(result: Result) -> None:
    assert "--show-excluded lists them" in drawn(result)
    lines = screen(scan_document(result, options=[("--show-excluded", None)]), Pen(120))
    text = "\n".join("".join(part for part, _ in line) for line in lines)
    assert "listed below, marked (excluded)" in text
    assert "lists them" not in text


def test_an_empty_folder_is_named(empty: Result) -> None:
    lines = screen(scan_document(empty, paths=["some folder"]), Pen(120))
    assert "".join(part for part, _ in next(iter(lines))) == "INPUT    ✘ no record at all in some folder"


@pytest.mark.parametrize("width", [120, 250])
def test_an_id_stays_near_its_title(result: Result, width: int) -> None:
    line = next(line for line in drawn(result, width).splitlines() if "f-2b5e77d0c4aa" in line)
    assert len(line) == 120


def test_nothing_found_is_said_with_what_looked(quiet: Result) -> None:
    assert "nothing found; 41 rules looked, 9 blind, 3 unknown" in drawn(quiet)


def test_an_input_without_events_is_no_quiet_log(empty: Result) -> None:
    text = drawn(empty)
    assert "EMPTY    no audit event in the input: nothing can be said" in text
    assert "nothing found" not in text


def test_a_stopped_scan_is_said_first_and_last(result: Result) -> None:
    lines = drawn(msgspec.structs.replace(result, complete=False)).splitlines()
    assert lines[0].startswith("STOPPED")
    assert lines[-4].startswith("STOPPED")


def test_an_input_that_does_not_reconcile_is_loud(result: Result) -> None:
    assert "✘ DOES NOT RECONCILE" in drawn(msgspec.structs.replace(result, input=Counts(records=2, events=1)))


def test_problems_are_named_by_position_and_capped(result: Result) -> None:
    text = drawn(result)
    assert "audit/apiserver-a.log:17:23450  truncated: beyond the record cap" in text
    assert "… and 41 more records that could not be read" in text


def test_many_findings_are_counted_not_dropped(result: Result) -> None:
    one = result.findings[0]
    many = tuple(
        msgspec.structs.replace(one, id=f"f-{n:04d}", principal=msgspec.structs.replace(one.principal, user=f"u{n}"))
        for n in range(50)
    )
    same = tuple(
        msgspec.structs.replace(
            one, id=f"a-{n:04d}", title=f"title {n // 2:02d}", target=msgspec.structs.replace(one.target, name=f"t{n}")
        )
        for n in range(30)
    )
    text = drawn(msgspec.structs.replace(result, findings=many + same))
    assert "2 findings · pods/exec t0 in shop and 1 more target · success" in text
    assert "… and 6 more findings" in text
    assert "… and 21 findings about 21 more principals" in text


def test_hostile_names_do_not_reach_the_terminal(result: Result) -> None:
    one = result.findings[0]
    evil = "\x1b]0;owned\x07\u202eevil\n\x9b2J"
    finding = msgspec.structs.replace(
        one,
        title=evil,
        principal=msgspec.structs.replace(one.principal, user=evil),
        target=msgspec.structs.replace(one.target, name=evil),
    )
    problem = Problem("malformed", evil, evil, 1, 0)
    text = drawn(msgspec.structs.replace(result, findings=(finding,), problems=(problem,), notes=(evil,)))
    assert all(line.isprintable() for line in text.split("\n"))
    assert "\\x1b]0;owned\\x07\\u202eevil\\x0a\\x9b2J" in text


def test_a_log_without_times_or_activity_still_has_a_screen(result: Result) -> None:
    bare = msgspec.structs.replace(
        result,
        span=Span(None, None),
        statistics=msgspec.structs.replace(result.statistics, activity=(), slowest=(), throttled_resources=()),
        gaps=(),
    )
    text = drawn(bare)
    assert "SPAN     time unknown" in text
    assert "17 requests\n" in text


def test_principals_without_anything_grave_stand_together(result: Result) -> None:
    one = result.findings[5]
    many = tuple(
        msgspec.structs.replace(one, id=f"f-{n:04d}", principal=msgspec.structs.replace(one.principal, user=f"u{n}"))
        for n in range(40)
    )
    text = drawn(msgspec.structs.replace(result, findings=(result.findings[1], *many)))
    assert "40 more principals, nothing above informational (40 findings)" in text
    assert "40 principals · serviceaccounts/token in shop · success" in text


def test_activity_of_a_grave_principal_is_one_line(result: Result) -> None:
    activity = msgspec.structs.replace(result.findings[5], principal=result.findings[0].principal)
    text = drawn(msgspec.structs.replace(result, findings=(result.findings[0], activity)))
    assert "INFO         ×31 activity\n" in text
    assert "Token requested for a service account ×31" in text


def test_what_was_lost_comes_before_what_was_only_filtered(result: Result) -> None:
    noise = tuple(Problem("filtered", "klog", "k.log", line, 0) for line in range(1, 50))
    text = drawn(msgspec.structs.replace(result, problems=(*noise, *result.problems)))
    assert "audit/apiserver-a.log:17:23450  truncated" in text
    assert "k.log:1" not in text
