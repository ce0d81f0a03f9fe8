"""`kwho scan`: the JSON contract, the exit codes, what is judged, what goes where."""

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from kwho.cli import scan as module
from kwho.errors import MissingExtraError
from kwho.outputs.parquet import Parquet

Call = Callable[..., Result]
Make = Callable[..., dict[str, Any]]
Write = Callable[..., Path]

CUT = b'{"kind":"Event","auditID":"'
COUNTS = {"records", "events", "requests", "duplicates", "truncated", "malformed", "filtered", "unreadable"}
TEXT, NUMBER = (str, type(None)), int


def lines(found: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in found.stdout.splitlines()]


def told(found: Result) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, Any]]:
    """The findings, the incidents, and the summary."""
    *answer, summary = lines(found)
    findings = [item for item in answer if item["type"] == "finding"]
    return findings, answer[len(findings) :], summary


def shape(value: dict[str, Any], **wanted: Any) -> None:
    """Each wanted key is there and holds the wanted type."""
    for name, kind in wanted.items():
        assert name in value, name
        assert isinstance(value[name], kind), (name, value[name])


def test_every_key_of_the_contract_is_there(scanned: Call, write: Write, event: Make) -> None:
    path = write(event(1), event(2, impersonatedUser={"username": "root"}), event(2), {"kind": "x"}, tail=CUT)
    found = scanned(path, "--format", "jsonl", "--quiet")
    assert found.exit_code == 0
    assert found.stderr == ""
    findings, incidents, summary = told(found)
    assert len(findings) == 2
    for finding in findings:
        assert finding["type"] == "finding"
        assert finding["schema_version"] == 1
        assert re.fullmatch("f-[0-9a-f]{16}", finding["id"])
        assert finding["severity"] in ("informational", "low", "medium", "high", "critical")
        shape(finding, detector=str, title=str, cluster=TEXT, outcome=TEXT, count=NUMBER, events_total=NUMBER)
        shape(finding["rule"], id=str, title=str, level=str, tags=list, detections=list)
        shape(finding["time"], first=TEXT, last=TEXT)
        shape(finding["principal"], user=TEXT, kind=str, impersonated=(dict, type(None)), groups=list)
        shape(finding["source"], ip=TEXT, claimed=list, user_agent=TEXT)
        shape(finding["target"], group=TEXT, resource=TEXT, subresource=TEXT, namespace=TEXT, name=TEXT, uri=TEXT)
        assert finding["events"]
        for cited in finding["events"]:
            shape(cited, audit_id=TEXT, stage=TEXT, file=str, line=NUMBER, offset=NUMBER, index=NUMBER)
        assert finding["evidence"]
        for item in finding["evidence"]:
            shape(item, clause=str, field=str)
            assert "value" in item
        assert all(isinstance(reason, str) for reason in finding["reasons"])
        assert finding["reasons"]
    (borrowed,) = (item["principal"]["impersonated"] for item in findings if item["principal"]["impersonated"])
    shape(borrowed, user=TEXT, groups=list)
    (incident,) = incidents
    assert re.fullmatch("i-[0-9a-f]{16}", incident["id"])
    shape(incident, title=str, severity=str, score=NUMBER, principals=list, tactics=list, findings=list, story=list)
    assert set(incident["findings"]) == {finding["id"] for finding in findings}
    for step in incident["story"]:
        shape(step, time=TEXT, text=str, finding=str, events=list)
        assert step["events"]
    assert (summary["type"], summary["schema_version"], summary["complete"]) == ("summary", 1, True)
    shape(summary, gaps=list, instances=list, clusters=list, blind=list, versions=dict)
    shape(summary["span"], first=TEXT, last=TEXT)
    shape(summary["excluded"], findings=NUMBER, by=list)
    shape(summary["input"], filtered_by=dict, **dict.fromkeys(COUNTS, NUMBER))
    for file in summary["files"]:
        shape(file, path=str, format=TEXT, filtered_by=dict, **dict.fromkeys(COUNTS, NUMBER))
    rules = summary["rules"]
    assert sum(rules[state] for state in ("active", "blind", "unknown", "invalid")) == 1
    assert {name: summary["input"][name] for name in ("records", "events", "duplicates", "malformed", "filtered")} == {
        "records": 5, "events": 2, "duplicates": 1, "malformed": 0, "filtered": 1,
    }  # fmt: skip
    assert summary["input"]["truncated"] == 1


def test_findings_alone_are_no_failure_unless_asked(scanned: Call, write: Write, event: Make) -> None:
    path = write(event(1))
    assert scanned(path).exit_code == 0
    assert scanned(path, "--fail-on", "medium").exit_code == 1
    assert scanned(path, "--fail-on", "high").exit_code == 0


def test_damaged_records_fail_only_when_asked(scanned: Call, write: Write, event: Make) -> None:
    path = write(event(1), tail=b"{broken\n")
    assert scanned(path).exit_code == 0
    assert scanned(path, "--strict").exit_code == 3


def test_an_input_that_cannot_be_read_is_a_failure_of_its_own(scanned: Call, write: Write, event: Make) -> None:
    found = scanned("/nowhere", "--format", "jsonl")
    assert found.exit_code == 3
    assert lines(found)[-1]["input"]["unreadable"] == 1
    assert scanned("/nowhere", write(event(1)), "--fail-on", "medium").exit_code == 3


def test_gaps_fail_when_completeness_is_required(scanned: Call, write: Write, event: Make) -> None:
    times = [f"2026-01-05T{10 + minute // 60}:{minute % 60:02d}:00.000000Z" for minute in (*range(30), *range(60, 90))]
    path = write(*(event(number % 60, requestReceivedTimestamp=time) for number, time in enumerate(times)))
    found = scanned(path, "--require-complete", "--format", "jsonl")
    assert found.exit_code == 5
    (gap,) = lines(found)[-1]["gaps"]
    assert (gap["from"], gap["to"]) == ("2026-01-05T10:30:00.000000Z", "2026-01-05T11:00:00.000000Z")
    assert scanned(path).exit_code == 0
    assert scanned(write(event(1), name="calm.log"), "--require-complete").exit_code == 0
    assert scanned(write(name="empty.log"), "--require-complete").exit_code == 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--disable", "nothing-like-it"], "nothing-like-it"),
        (["--where", "nofield:x"], "nofield"),
        (["--since", "soon"], "soon"),
        (["--format", "nope"], "nope"),
        (["--out", "jsonl"], "FORMAT=FILE"),
        (["--out", "nope=x"], "nope"),
        (["--policy", "/nowhere"], "/nowhere"),
        (["--show", "f-nothing"], "f-nothing"),
    ],
    ids=str,
)
def test_mistakes_are_usage_errors_that_name_them(
    words: list[str], said: str, scanned: Call, write: Write, event: Make
) -> None:
    found = scanned(write(event(1)), *words)
    assert found.exit_code == 2
    assert said in found.stderr
    assert found.stdout == ""


def test_filters_choose_what_is_judged_and_are_counted(scanned: Call, write: Write, event: Make) -> None:
    path = write(event(1), event(2, user={"username": "bo"}), event(3))
    for words, users in (
        (["--where", "user:bo"], {"bo"}),
        (["--user", "-bo"], {"ana"}),
        (["--since", "2026-01-05T10:00:02Z"], {"bo", "ana"}),
        (["--until", "2026-01-05T10:00:02Z"], {"ana"}),
        (["--code", "403"], set()),
    ):
        findings, _, summary = told(scanned(path, "--format", "jsonl", *words))
        assert {finding["principal"]["user"] for finding in findings} == users
        counts = summary["input"]
        assert counts["events"] + counts["filtered_by"].get("user", 0) == 3
        assert sum(finding["count"] for finding in findings) == counts["events"]


def test_less_severe_findings_can_be_left_out(scanned: Call, write: Write, event: Make) -> None:
    assert len(lines(scanned(write(event(1)), "--format", "jsonl", "--min-severity", "medium"))) == 3
    assert len(lines(scanned(write(event(1)), "--format", "jsonl", "--min-severity", "high"))) == 1


def test_several_outputs_are_written_at_once(scanned: Call, write: Write, event: Make, tmp_path: Path) -> None:
    words = [word for name in ("json", "html", "csv") for word in ("--out", f"{name}={tmp_path / name}")]
    found = scanned(write(event(1)), "--format", "jsonl", *words)
    assert found.exit_code == 0
    assert json.loads((tmp_path / "json").read_text())["findings"] == told(found)[0]
    assert "<html" in (tmp_path / "html").read_text()
    assert (tmp_path / "csv").read_text().count("\n") >= 2


def test_a_missing_extra_is_named_before_anything_is_read(
    scanned: Call, write: Write, event: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacks(self: Parquet) -> None:
        raise MissingExtraError("pip install pyarrow")

    monkeypatch.setattr(Parquet, "check", lacks)
    monkeypatch.setattr(module, "discover", lambda paths: pytest.fail("reading began"))
    found = scanned(write(event(1)), "--out", "parquet=x")
    assert found.exit_code == 2
    assert "pip install pyarrow" in found.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "No such file or directory"),
        (b"a: \xff", "not UTF-8 at byte 3"),
        (b"a: 1", "no audit policy; apiVersion must be audit.k8s.io/v1"),
        (b"a: [", "no valid YAML: "),
    ],
)
def test_a_policy_that_is_none_is_named_once(
    content: bytes | None, told: str, scanned: Call, write: Write, event: Make, tmp_path: Path
) -> None:
    policy = tmp_path / "p.yaml"
    if content is not None:
        policy.write_bytes(content)
    found = scanned(write(event(1)), "--policy", policy)
    assert found.exit_code == 2
    assert f"Error: --policy {policy}: {told}" in found.stderr
    assert found.stderr.count(str(policy)) == 1


@pytest.mark.usefixtures("interrupted")
def test_an_interrupt_leaves_an_answer_that_says_so_and_how_much_was_not_read(
    scanned: Call, write: Write, event: Make, tmp_path: Path
) -> None:
    found = scanned(write(event(1)), write(event(2), name="b.log"), "--format", "jsonl")
    assert found.exit_code == 130
    findings, _, summary = told(found)
    assert summary["complete"] is False
    assert [finding["count"] for finding in findings] == [1]
    size = (tmp_path / "b.log").stat().st_size
    assert summary["notes"][0] == (f"inputs not read to their end: 1 of 2; bytes not read: {size:,} of {2 * size:,}")
    (problem,) = summary["problems"]
    assert (problem["file"], problem["kind"]) == (str(tmp_path / "b.log"), "unreadable")
    assert problem["reason"] == f"the scan was stopped; {size:,} of {size:,} bytes were not read"
    assert (summary["input"]["records"], summary["input"]["unreadable"]) == (2, 1)


def test_secrets_are_masked_unless_revealed_and_ids_do_not_change(scanned: Call, write: Write, event: Make) -> None:
    path = write(event(1, requestURI="/api/v1/namespaces/shop/secrets/x?token=hunter2hunter2", userAgent="a"))
    masked, shown = (lines(scanned(path, "--format", "jsonl", *words))[0] for words in ([], ["--reveal"]))
    assert masked["id"] == shown["id"]
    assert "hunter2" in json.dumps(shown)
    assert "hunter2" not in json.dumps(masked)


def test_one_finding_can_be_shown_with_its_events(scanned: Call, write: Write, event: Make) -> None:
    path = write(event(1))
    name = lines(scanned(path, "--format", "jsonl"))[0]["id"]
    found = scanned(path, "--show", name[:6])
    assert found.exit_code == 0
    assert event(1)["auditID"] in found.stdout
    assert name in found.stdout
    assert scanned(path, "--show", name.removeprefix("f-")).stdout == scanned(path, "--show", name).stdout


def test_an_id_that_names_no_finding_is_answered_with_those_there_are(scanned: Call, write: Write, event: Make) -> None:
    many = [event(n, user={"username": f"user-{n}", "groups": []}) for n in range(12)]
    several = scanned(write(*many), "--show", "f-")
    assert several.exit_code == 2
    assert "12 findings have an id that begins so; the gravest 10 are\n  f-" in several.stderr
    none = scanned(write(event(1)), "--show", "zz")
    assert "--show zz: no finding has an id that begins so, by these rules and options; there is\n  f-" in none.stderr
    assert (none.exit_code, "Usage" in none.stderr) == (2, False)
    assert scanned(write(event(1)), "/nowhere", "--show", "zz").exit_code == 3
    nothing = scanned(write(event(1)), "--show", "f-1", "--where", "user:nobody")
    assert "--show f-1: no event is as asked, 1 other left out, so nothing could be found" in nothing.stderr


def test_standard_input_and_archives_are_read(scanned: Call, event: Make) -> None:
    data = gzip.compress(json.dumps(event(1)).encode())
    findings, _, summary = told(scanned("-", "--format", "jsonl", input=data))
    assert [finding["events"][0]["file"] for finding in findings] == ["-"]
    assert summary["input"]["events"] == 1


def test_a_given_policy_tells_what_the_log_could_not(scanned: Call, write: Write, event: Make, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]\n")
    path = write(event(1, verb="watch", objectRef={"resource": "pods"}))
    assert lines(scanned(path, "--format", "jsonl"))[-1]["rules"]["unknown"] == 1
    assert f"\nPOLICY   given: {policy}, which" in scanned(path, "--policy", policy, env={"COLUMNS": "400"}).stdout
    summary = lines(scanned(path, "--format", "jsonl", "--policy", policy))[-1]
    assert summary["rules"]["blind"] == 1
    assert summary["blind"][0]["rule"].startswith("22222222")


def test_a_log_is_never_overwritten_by_its_own_report(scanned: Call, write: Write, event: Make) -> None:
    path = write(event(1))
    before = path.read_bytes()
    found = scanned(path, "--out", f"json={path}")
    assert found.exit_code == 2
    assert path.read_bytes() == before


def test_what_cannot_be_written_is_told(scanned: Call, write: Write, event: Make) -> None:
    found = scanned(write(event(1)), "--out", "json=/nowhere/x")
    assert found.exit_code != 0
    assert "/nowhere/x" in found.stderr
