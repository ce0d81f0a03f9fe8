import random

import msgspec

from kwho.reports.scan import health_line, ledger_line, ledger_terms, rows, scan_document, telling, verdict_of
from kwho.schema.finding import Span
from kwho.schema.ledger import Counts, FileReport, Gap
from kwho.schema.result import Result


def test_findings_are_ranked_by_severity_then_breadth_then_time(result: Result) -> None:
    scan = scan_document(result)
    assert [f.severity for f in scan.ranked] == ["critical", "high", "high", "medium", "low", "informational"]
    assert [f.principal.user for f in scan.ranked[1:3]] == ["ci:deployer", "system:anonymous"]


def test_the_order_of_arrival_changes_nothing(result: Result) -> None:
    shuffled = list(result.findings)
    random.Random(7).shuffle(shuffled)
    other = msgspec.structs.replace(result, findings=tuple(shuffled))
    assert scan_document(other) == scan_document(result)


def test_every_finding_stands_in_exactly_one_group(result: Result) -> None:
    scan = scan_document(result)
    grouped = [finding.id for group in scan.groups for finding in group.findings]
    assert sorted(grouped) == sorted(finding.id for finding in result.findings)
    assert [group.user for group in scan.groups][:2] == ["ci:deployer", "system:anonymous"]
    assert scan.groups[0].rules == 3
    assert scan.groups[0].span == Span("2026-11-18T03:04:50.000000Z", "2026-11-18T03:12:00.000000Z")


def test_the_same_name_in_two_clusters_is_two_principals(result: Result) -> None:
    moved = msgspec.structs.replace(result.findings[0], cluster="staging")
    scan = scan_document(msgspec.structs.replace(result, findings=(moved, *result.findings[1:])))
    assert len(scan.groups) == 5


def test_nothing_found_is_said_in_words(quiet: Result) -> None:
    assert scan_document(quiet).headline == "nothing found; 41 rules looked, 9 blind, 3 unknown"
    refused = msgspec.structs.replace(quiet, rules=msgspec.structs.replace(quiet.rules, invalid=2))
    assert scan_document(refused).headline.endswith(", 3 unknown, 2 invalid")


def test_nothing_read_is_not_nothing_found(empty: Result) -> None:
    scan = scan_document(empty)
    assert scan.headline == "no audit event in the input, so nothing could be found"
    assert any("no record at all" in sentence for sentence in scan.sentences)


def test_the_headline_names_the_gravest(result: Result) -> None:
    assert scan_document(result).headline == (
        "2 incidents in 6 findings about 4 principals; the gravest is critical: Binding to cluster-admin, "
        "by ci:deployer as system:serviceaccount:shop:pay-api"
    )


def test_the_headline_tells_incidents_that_are_graver_than_what_is_shown(result: Result) -> None:
    lesser = tuple(finding for finding in result.findings if finding.severity not in ("critical", "high"))
    headline = scan_document(msgspec.structs.replace(result, findings=lesser)).headline
    assert f"the gravest incident is {result.incidents[0].severity}, the gravest finding " in headline
    none = scan_document(msgspec.structs.replace(result, findings=())).headline
    assert none == "2 incidents; no finding is as grave as was asked for"


def test_the_sentences_say_whether_the_input_reconciles(result: Result) -> None:
    assert any("reconciles: each of 112,203 records" in sentence for sentence in scan_document(result).sentences)
    broken = msgspec.structs.replace(result, input=Counts(records=3, events=1))
    assert any("does not reconcile" in sentence for sentence in scan_document(broken).sentences)


def test_a_scan_that_was_stopped_says_so_first(result: Result) -> None:
    stopped = msgspec.structs.replace(result, complete=False)
    assert "did not finish" in scan_document(stopped).sentences[0]


def test_records_without_any_event_are_no_quiet_zero(empty: Result) -> None:
    text = msgspec.structs.replace(empty, input=Counts(records=2, filtered=2, filtered_by={"not_audit": 2}))
    assert any("No audit event in the input: no rule had" in s for s in scan_document(text).sentences)


def test_what_the_user_left_out_is_no_empty_log(empty: Result) -> None:
    counts = Counts(records=2, filtered=2, filtered_by={"user": 2})
    files = (FileReport(path="a.log", counts=counts),)
    scan = scan_document(msgspec.structs.replace(empty, input=counts, files=files))
    assert scan.headline == "no event is as asked, 2 others left out, so nothing could be found"
    assert scan.barren == ()


def test_files_without_any_event_and_servers_that_went_silent_are_named(result: Result) -> None:
    scan = scan_document(result)
    assert [file.path for file in scan.barren] == ["audit/kubelet.log"]  # a locked one is a problem, not an empty one
    assert scan.silent == (Gap("2026-11-18T21:30:00.000000Z", "2026-11-18T23:59:58.000000Z", "apiserver-c"),)


def test_people_are_told_no_file_as_the_name_of_the_one_server_that_is_not_named(result: Result) -> None:
    gap = Gap("2026-11-18T21:30:00.000000Z", "2026-11-18T23:59:58.000000Z", "audit/one.log")
    files = (FileReport(path="audit/one.log.1", counts=Counts()), FileReport(path="audit/two.log", counts=Counts()))
    alone = msgspec.structs.replace(result, files=files, gaps=(gap,), instances=("audit/one.log", "node-1"))
    scan = scan_document(alone)
    assert scan.gaps == scan.silent == (msgspec.structs.replace(gap, instance=None),)
    assert scan.result.gaps == (gap,)
    beside = msgspec.structs.replace(alone, instances=("audit/one.log", "audit/two.log"))
    assert scan_document(beside).gaps == (gap,)


def test_the_ledger_is_named_in_its_order(result: Result) -> None:
    terms = ledger_terms(result.input)
    assert [name for name, _ in terms] == ["events", "duplicates", "truncated", "malformed", "filtered", "unreadable"]
    assert sum(count for _, count in terms) == result.input.records
    assert health_line(result) == "41 active · 9 blind · 3 unknown · 1 invalid"


def test_one_of_a_kind_is_not_many() -> None:
    assert ledger_line(Counts(records=1, events=1)).startswith("1 record = 1 event + 0 duplicates + 0 truncated")


def test_the_next_command_fits_what_was_found(result: Result, empty: Result) -> None:
    chain = result.incidents[0].id
    assert scan_document(result, paths=["my logs/a"]).next == f"kwho story {chain} 'my logs/a'"
    apart = msgspec.structs.replace(result, incidents=())
    assert scan_document(apart, paths=["my logs/a"]).next == "kwho scan 'my logs/a' --show f-2b5e77d0c4aa"
    empty = msgspec.structs.replace(empty, input=Counts(records=1, events=1))
    assert scan_document(empty, paths=["a", "b"]).next == "kwho rules blind a b"
    assert scan_document(empty, paths=["-x", "y"]).next == "kwho rules blind ./-x y"
    assert scan_document(empty, paths=["-"]).next == "kwho rules blind PATH"
    nothing = msgspec.structs.replace(empty, input=Counts(records=1, unreadable=1))
    assert scan_document(nothing, paths=["rules"]).next == "kwho scan --help"
    nothing.complete = False
    assert scan_document(nothing, paths=["rules"]).next == "kwho scan rules"
    seeing = msgspec.structs.replace(empty, rules=msgspec.structs.replace(empty.rules, blind=0, unknown=0))
    assert scan_document(seeing, paths=["x"]).next == "kwho scan x --out html=report.html"


def test_the_next_command_asks_the_same_question(result: Result) -> None:
    options = (("--where", "-user:system:*"), ("--policy", "p.yaml"), ("--no-pack", None), ("--cluster", "it's"))
    scan = scan_document(result, paths=["a"], options=options)
    same = """--where '-user:system:*' --no-pack --cluster 'it'"'"'s'"""
    assert scan.next == f"kwho story {result.incidents[0].id} a {same}"
    assert scan.asked.show("f-1") == f"kwho scan a {same} --show f-1"
    assert scan.asked.blind() == "kwho rules blind a --policy p.yaml --no-pack"


def test_an_input_of_which_nothing_was_read_is_not_said_to_reconcile(result: Result) -> None:
    nothing = msgspec.structs.replace(result, input=Counts(records=2, unreadable=2), findings=(), incidents=())
    scan = scan_document(nothing)
    assert verdict_of(nothing) == (False, "nothing was read")
    assert scan.headline == "nothing was read, so nothing could be found"
    assert scan.sentences[-1].startswith("Nothing was read, so this report")


def test_secrets_are_masked_unless_revealed(result: Result) -> None:
    hidden = msgspec.json.encode(scan_document(result).result)
    shown = msgspec.json.encode(scan_document(result, reveal=True).result)
    assert b"eyJhbGciOi" not in hidden
    assert b"eyJhbGciOi" in shown


def test_findings_of_one_rule_are_one_row(result: Result) -> None:
    one = result.findings[0]
    others = tuple(
        msgspec.structs.replace(
            one,
            id=f"f-{n}",
            outcome="forbidden" if n == 2 else one.outcome,
            target=msgspec.structs.replace(one.target, name=f"web-{n % 2}"),
        )
        for n in range(4)
    )
    found = rows((*others, result.findings[1]))
    assert [len(row.findings) for row in found] == [4, 1]
    assert (found[0].count, found[0].targets, found[0].outcome) == (8, 2, "outcomes differ")
    assert found[0].top.id == "f-0"
    assert found[1].outcome == "success"


def test_what_is_less_grave_waits_for_what_is_grave(result: Result) -> None:
    def told(*at: int) -> int:
        findings = tuple(result.findings[number] for number in at)
        return telling(scan_document(msgspec.structs.replace(result, findings=findings)).groups)

    assert told(0, 3, 4, 5) == 2
    assert told(4, 5) == 1
    assert told(5) == 1
    assert told() == 0
