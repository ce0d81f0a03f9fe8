"""Odd surroundings: little room, nowhere to write, no Unicode, narrow screens, readers that leave, rules too large."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EVENT = {
    "level": "Metadata", "stage": "ResponseComplete", "verb": "get", "user": {"username": "ana→"},
    "requestURI": "/api/v1/namespaces/shop/secrets/s", "sourceIPs": ["192.0.2.7"], "userAgent": "kubectl",
    "objectRef": {"resource": "secrets", "namespace": "shop", "name": "s", "apiVersion": "v1"},
    "responseStatus": {"metadata": {}, "code": 200},
    "requestReceivedTimestamp": "2026-03-01T08:00:00.000001Z", "stageTimestamp": "2026-03-01T08:00:00.100001Z",
}  # fmt: skip

RULE = """\
title: Everything
id: 55555555-0000-4000-8000-000000000000
logsource: {product: kubernetes, service: audit}
detection:
  any: {verb: "*"}
  condition: any
level: low
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of a few requests, one of many bytes, and a rule that matches everything."""
    folder = tmp_path_factory.mktemp("surroundings")
    lines = [json.dumps(EVENT | {"auditID": f"id-{number}"}).encode() + b"\n" for number in range(300)]
    (folder / "audit.log").write_bytes(b"".join(lines))
    (folder / "large.log").write_bytes(b"".join(lines) * 20 + b'{"requestObject":"' + b"x" * (9 << 20) + b'"}\n')
    (folder / "rules").mkdir()
    (folder / "rules" / "everything.yaml").write_text(RULE)
    return folder


def kwho(
    place: Path, *words: object, limit: int | None = None, **variables: Any
) -> "subprocess.CompletedProcess[bytes]":
    """Run the command line, with little room for files when there is a `limit` in bytes."""

    def prepare() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONDONTWRITEBYTECODE": "1",  # Python keeps what a limit has cut off
        **variables,
    }
    command = [sys.executable, "-m", "kwho", *map(str, words)]
    done = subprocess.run(
        command, capture_output=True, check=False, timeout=60, cwd=place, env=environment, preexec_fn=prepare
    )
    assert b"Traceback" not in done.stderr
    return done


def summary(done: "subprocess.CompletedProcess[bytes]") -> dict[str, Any]:
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


SCAN = ("scan", "audit.log", "--no-pack", "--rules", "rules")


@pytest.mark.parametrize("variables", [{"HOME": "/proc"}, {"HOME": "/nonexistent", "XDG_CACHE_HOME": "/proc/x"}])
def test_a_home_that_cannot_be_written_to_is_no_trouble(place: Path, variables: dict[str, Any]) -> None:
    done = kwho(place, *SCAN, "--format", "jsonl", TMPDIR="/proc", **variables)
    assert (done.returncode, summary(done)["input"]["events"]) == (0, 300)


def test_a_disk_without_room_for_the_spill_is_named(place: Path, tmp_path: Path) -> None:
    words = ("scan", "large.log", "--no-pack", "--rules", "rules", "--format", "jsonl", "--quiet", "--jobs", "1")
    done = kwho(place, *words, limit=4_096, TMPDIR=str(tmp_path), XDG_CACHE_HOME="/proc")
    assert done.returncode == 70
    assert b"columns-" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("where", ["/proc", "nowhere"])
def test_a_place_for_the_spill_that_cannot_be_used_is_named_and_no_other_is_taken(place: Path, where: str) -> None:
    chosen = str(place / where)
    done = kwho(place, "scan", "large.log", "--no-pack", "--rules", "rules", "--jobs", "1", TMPDIR=chosen)
    assert (done.returncode, done.stdout) == (70, b"")
    assert f"'{chosen}'" in done.stderr.decode()
    assert b"TMPDIR names this directory for temporary files" in done.stderr


@pytest.mark.parametrize("form", ["table", "jsonl", "html", "md", "csv"])
def test_a_locale_without_unicode_is_no_trouble(place: Path, form: str) -> None:
    done = kwho(place, *SCAN, "--format", form, LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert done.returncode == 0
    assert form != "table" or done.stdout.isascii()
    assert b"ana" in done.stdout


@pytest.mark.parametrize("columns", ["20", "1", "0", "-3", "many", "99999"])
def test_any_width_of_a_screen_is_no_trouble(place: Path, columns: str) -> None:
    done = kwho(place, *SCAN, COLUMNS=columns)
    assert done.returncode == 0
    assert b"Everything" in done.stdout.replace(b"\n", b" ")


@pytest.mark.parametrize(
    "words", [(*SCAN, "--format", "jsonl"), ("search", "verb:get", "audit.log"), ("rules", "list")]
)
def test_a_reader_that_leaves_after_a_line_is_no_trouble(place: Path, words: tuple[str, ...]) -> None:
    command = f"{sys.executable} -m kwho {' '.join(words)} | head -n 1; exit ${{PIPESTATUS[0]}}"
    environment = {**os.environ, "HOME": str(place)}
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, check=False, timeout=60, cwd=place, env=environment
    )
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
    assert b"Traceback" not in done.stderr


def test_a_rule_that_matches_everything_is_one_finding_an_hour(place: Path) -> None:
    done = kwho(place, *SCAN, "--format", "jsonl")
    findings = [told for told in map(json.loads, done.stdout.splitlines()) if told["type"] == "finding"]
    assert [finding["count"] for finding in findings] == [300]


def test_a_rule_of_ten_megabytes_is_refused_by_its_size(place: Path, tmp_path: Path) -> None:
    (tmp_path / "large.yaml").write_text(RULE + "description: " + "x" * (10 << 20))
    done = kwho(place, "scan", "audit.log", "--no-pack", "--rules", str(tmp_path), "--format", "jsonl")
    assert summary(done)["rules"] == {"active": 0, "blind": 0, "unknown": 0, "invalid": 1}
    listed = kwho(place, "rules", "list", "--no-pack", "--rules", str(tmp_path))
    assert b"more than 2,000,000" in b" ".join(listed.stdout.split())


def test_a_folder_of_many_broken_rules_loses_none_of_them(place: Path, tmp_path: Path) -> None:
    for number, text in enumerate(("title: [", "- 1", "\0", "a: &a [*a]", "title: x\n---\n" * 50, RULE)):
        (tmp_path / f"{number}.yaml").write_text(text)
    done = kwho(place, "rules", "list", "--no-pack", "--rules", str(tmp_path), "--format", "json")
    told = json.loads(done.stdout)["rules"]
    assert done.returncode == 0
    assert sum(rule["status"] == "ok" for rule in told) == 1
    assert {"0.yaml", "1.yaml", "2.yaml", "3.yaml", "4.yaml"} <= {
        Path(rule["reason"].split(":")[0]).name for rule in told if rule["reason"]
    }
