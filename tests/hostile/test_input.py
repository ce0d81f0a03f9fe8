"""Attacks on a log pipeline: each costs what it touches and nothing more, and the ledger tells of it."""

import gzip
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

NEIGHBOURS = 6
SCALARS = (b"null", b"true", b"1", b"1e400", b"9" * 400, b'"x"', b"[]", b"{}", b"[null]", b'{"a":1}', b'["\\ud800"]')
FIELDS = (
    *("kind", "apiVersion", "level", "auditID", "stage", "requestURI", "verb", "user", "impersonatedUser"),
    *("sourceIPs", "userAgent", "objectRef", "responseStatus", "requestObject", "responseObject", "annotations"),
    *("authenticationMetadata", "requestReceivedTimestamp", "stageTimestamp", "responseStatus.code", "user.groups"),
    *("user.extra", "user.username", "objectRef.resource", "objectRef.name", "responseStatus.details"),
)


def event(number: int) -> dict[str, Any]:
    return {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": f"id-{number}",
        "stage": "ResponseComplete",
        "requestURI": f"/api/v1/namespaces/shop/secrets/s{number}",
        "verb": "get",
        "user": {"username": "ada", "groups": ["ops"]},
        "sourceIPs": ["192.0.2.7"],
        "userAgent": "kubectl",
        "objectRef": {"resource": "secrets", "namespace": "shop", "name": f"s{number}", "apiVersion": "v1"},
        "responseStatus": {"metadata": {}, "code": 200},
        "requestReceivedTimestamp": "2026-03-01T08:00:00.000001Z",
        "stageTimestamp": "2026-03-01T08:00:00.100001Z",
    }


def line(number: int) -> bytes:
    return json.dumps(event(number)).encode() + b"\n"


def broken(number: int, field: str, value: bytes) -> bytes:
    """An event with any bytes in one of its fields."""
    body = event(number)
    outer, _, inner = field.partition(".")
    if inner:
        body.setdefault(outer, {})[inner] = "@@"
    else:
        body[outer] = "@@"
    return json.dumps(body).encode().replace(b'"@@"', value) + b"\n"


def scan(*paths: Path, options: tuple[str, ...] = (), code: int = 0) -> dict[str, Any]:
    """The summary of a scan by the command, whose ledger must reconcile per file and in total."""
    command = [sys.executable, "-m", "kwho", "scan", *map(str, paths), "--format", "jsonl", "--quiet", *options]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (code, b"")
    summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    for counts in (summary["input"], *summary["files"]):
        parts = ("events", "duplicates", "truncated", "malformed", "filtered", "unreadable")
        assert counts["records"] == sum(counts[part] for part in parts)
    for name in ("records", "events", "requests"):
        assert summary["input"][name] == sum(file[name] for file in summary["files"])
    return summary


def between(*attacks: bytes) -> bytes:
    """The attacks, with good neighbours before, between and after."""
    around = [b"".join(line(10 * number + each) for each in range(3)) for number in range(len(attacks) + 1)]
    return around[0] + b"".join(attack + after for attack, after in zip(attacks, around[1:], strict=True))


@pytest.mark.parametrize(
    ("attack", "kind"),
    [
        (b"\0" * 5_000 + b"\n", "filtered"),
        (b"g" * (40 << 20) + b"\n", "truncated"),
        (b"[" * 100_000 + b"\n", "malformed"),
        (b"[" * 100_000 + b"]" * 100_000 + b"\n", "malformed"),
        (b'{"a":' * 100_000 + b"\n", "malformed"),
        (broken(99, "requestObject", b'"' + b"x" * (17 << 20) + b'"'), "truncated"),
        (broken(99, "requestObject", b"[" * 100_000 + b"]" * 100_000), "events"),
        (broken(99, "annotations", b'{"a":' * 100_000 + b"1" + b"}" * 100_000), "events"),
        (broken(99, "unknown", b"[" * 100_000 + b"]" * 100_000), "events"),
        (line(99).replace(b"ada", b"a\xff\0\x1b[2Jda"), "events"),
        (line(99).replace(b"ada", b"\\ud800"), "events"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value[:16]),
)
def test_an_attack_is_one_record_and_its_neighbours_are_unharmed(tmp_path: Path, attack: bytes, kind: str) -> None:
    path = tmp_path / "audit.log"
    path.write_bytes(between(attack))
    counts = scan(path, options=("--no-pack",))["input"]
    assert counts["records"] == NEIGHBOURS + 1
    assert counts["events"] == NEIGHBOURS + (kind == "events")
    assert kind == "events" or counts[kind] == 1


def test_wrong_types_in_every_field_cost_no_event_and_no_neighbour(tmp_path: Path) -> None:
    attacks = [broken(10_000 + at, field, value) for at, (field, value) in enumerate(_every())]
    path = tmp_path / "audit.log"
    path.write_bytes(line(1) + b"".join(attacks) + line(2))
    counts = scan(path)["input"]
    assert counts["records"] == len(attacks) + 2
    assert counts["events"] + counts["duplicates"] == counts["records"]


def _every() -> list[tuple[str, bytes]]:
    return [(field, value) for field in FIELDS for value in SCALARS]


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_torn_archive_gives_what_it_holds_and_one_truncated(tmp_path: Path, kept: float) -> None:
    whole = gzip.compress(os.urandom(20_000).hex().encode() + b"\n" + b"".join(line(each) for each in range(2_000)))
    path = tmp_path / "audit.log.gz"
    path.write_bytes(whole[: int(len(whole) * kept)])
    counts = scan(path, options=("--no-pack",))["input"]
    assert counts["truncated"] >= 1


def test_a_bomb_is_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(line(1) + b"\0" * (200 << 20) + b"\n" + line(2), 9))
    counts = scan(path, options=("--no-pack",))["input"]
    assert (counts["events"], counts["records"]) == (2, 3)


def test_full_and_closed_outputs_are_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    path.write_bytes(b"".join(line(each) for each in range(3_000)))
    command = [sys.executable, "-m", "kwho", "search", "", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
    assert done.returncode == 70
    assert b"Traceback" not in done.stderr
    assert b"No space left on device" in done.stderr


def test_an_interrupt_ends_a_scan_of_many_parts_at_once(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    path.write_bytes(b"".join(line(each) for each in range(1_000)) * 400)
    command = [sys.executable, "-m", "kwho", "scan", str(path), "--format", "jsonl", "--jobs", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while process.poll() is None and children.exists() and len(children.read_text().split()) < 2:
            pass
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    if process.returncode != 0:  # the scan was quicker than the signal
        assert process.returncode == 130
        assert not output or json.loads(output.splitlines()[-1])["complete"] is False
