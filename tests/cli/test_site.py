"""`--site`: every command that selects events uses what the user knows; a fault is told before any reading."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pytest
from click.testing import Result

from kwho.engine import geoip

Call = Callable[..., Result]
Make = Callable[..., dict[str, Any]]
Write = Callable[..., Path]

SITE = """\
zones:
  office: {networks: [192.0.2.0/24]}
proxies: [10.0.9.0/28]
exclusions:
  - title: Backup reads what it keeps
    id: 00000000-0000-4000-8000-0000000000ee
    filter:
      rules: [secrets-read]
      known: {user.username: backup, verb: get, target: secrets}
      condition: not known
    kwho:
      owner: platform
      reason: the nightly backup
      tests:
        silent: [{why: it reads, event: {verb: get, user: {username: backup}, objectRef: {resource: secrets}}}]
        fires: [{why: another reads, event: {verb: get, objectRef: {resource: secrets}}}]
"""
BACKUP = {"username": "backup", "groups": ["system:authenticated"]}


@pytest.fixture
def site(tmp_path: Path) -> Callable[..., Path]:
    def written(text: str = SITE, name: str = "site.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return written


def told(found: Result) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The findings and the summary of an answer."""
    assert found.exit_code == 0, found.output
    *others, summary = (json.loads(line) for line in found.stdout.splitlines())
    return [line for line in others if line["type"] == "finding"], summary


def test_a_scan_leaves_out_what_the_site_excludes_and_says_so(
    scanned: Call, write: Write, event: Make, site: Callable[..., Path]
) -> None:
    path = write(event(1), event(2, user=BACKUP))
    findings, summary = told(scanned(path, "--site", site(), "--format", "jsonl"))
    assert [finding["principal"]["user"] for finding in findings] == ["ana"]
    assert "excluded" not in findings[0]
    assert summary["excluded"] == {
        "findings": 1,
        "by": [
            {
                "id": "00000000-0000-4000-8000-0000000000ee", "title": "Backup reads what it keeps",
                "owner": "platform", "reason": "the nightly backup", "findings": 1,
            }
        ],
    }  # fmt: skip
    assert "1 finding excluded by 1 exclusion: Backup reads what it keeps (1)" in scanned(path, "--site", site()).stdout


def test_what_is_excluded_is_listed_when_asked_and_never_a_failure(
    scanned: Call, write: Write, event: Make, site: Callable[..., Path]
) -> None:
    path = write(event(2, user=BACKUP))
    (finding,), _ = told(scanned(path, "--site", site(), "--show-excluded", "--format", "jsonl"))
    assert finding["excluded"] == "00000000-0000-4000-8000-0000000000ee"
    assert finding["title"] == "Secrets read (excluded)"
    assert finding["reasons"][-1].startswith("excluded by “Backup reads what it keeps” (platform)")
    assert scanned(path, "--site", site(), "--show-excluded", "--fail-on", "low").exit_code == 0
    assert scanned(path, "--fail-on", "low").exit_code == 1


def test_zones_and_proxies_select_events_in_every_command(
    kwho: Call, scanned: Call, write: Write, event: Make, site: Callable[..., Path]
) -> None:
    path = write(
        event(1, sourceIPs=["192.0.2.7"]),
        event(2, sourceIPs=["192.0.2.8", "10.0.9.1"]),
        event(3, sourceIPs=["192.0.2.9", "10.0.0.1"]),
    )
    for command in (("search", "ip in office", path), ("convert", path, "--where", "source.zone:office")):
        found = kwho(*command, "--site", site(), "--quiet")
        assert found.exit_code == 0, found.output
        assert [name for name in ("s1", "s2", "s3") if f"/{name}" in found.stdout] == ["s1", "s2"]
    findings, summary = told(scanned(path, "--site", site(), "--where", "ip in office", "--format", "jsonl"))
    assert sorted(finding["source"]["ip"] for finding in findings) == ["192.0.2.7", "192.0.2.8"]
    assert summary["input"]["filtered_by"] == {"user": 1}
    assert {talker["name"] for talker in summary["statistics"]["peers"]} == {"192.0.2.7", "192.0.2.8"}


def test_a_search_shows_who_stands_before_a_trusted_proxy(
    kwho: Call, write: Write, event: Make, site: Callable[..., Path]
) -> None:
    path = write(event(2, sourceIPs=["192.0.2.8", "10.0.9.1"]))
    words = ("search", "verb:get", path, "--format", "table")
    assert " from 192.0.2.8 " in kwho(*words, "--site", site()).stdout
    assert " from 10.0.9.1 " in kwho(*words).stdout


def test_a_zone_without_a_site_or_not_in_it_is_a_usage_error(
    scanned: Call, write: Write, event: Make, site: Callable[..., Path]
) -> None:
    path = write(event(1))
    found = scanned(path, "--where", "ip in office")
    assert found.exit_code == 2
    assert "source.zone needs a site file with zones: --site FILE" in found.stderr
    found = scanned(path, "--where", "verb:get (-principal.known:true or code:500)", "--site", site())
    assert found.exit_code == 2
    assert "principal.known needs a site file with principals.known" in found.stderr
    found = scanned(path, "--where", "-(verb:get ip in lab)", "--site", site())
    assert found.exit_code == 2
    assert 'there is no zone "lab"' in found.stderr
    assert scanned(path, "--where", "source.zone:off*", "--site", site()).exit_code == 0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("zones: {a: {networks: [x]}}\nproxies: [y]\n", 'site.yaml:1: "x" is no address'),
        (SITE.replace("[secrets-read]", "[nothing]"), '"nothing" is no rule'),
        (SITE.replace("user.username: backup", "user.username: 'b*'"), "the exclusion is too broad"),
        (SITE + "\x00", "site.yaml:"),
    ],
)
def test_a_fault_of_the_site_is_told_before_any_reading(
    scanned: Call, write: Write, event: Make, site: Callable[..., Path], text: str, complaint: str
) -> None:
    found = scanned(write(event(1)), "--site", site(text))
    assert found.exit_code == 2
    assert complaint in found.stderr
    assert found.stdout == ""


def test_a_site_that_is_not_there_and_a_missing_extra_are_usage_errors(
    scanned: Call, write: Write, event: Make, site: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(event(1))
    found = scanned(path, "--site", "/nowhere/site.yaml")
    assert (found.exit_code, "--site /nowhere/site.yaml: No such file" in found.stderr) == (2, True)
    monkeypatch.setattr(geoip, "find_spec", lambda _: None)
    found = scanned(path, "--site", site("geoip: {asn: x.mmdb}"))
    assert (found.exit_code, "pip install maxminddb" in found.stderr) == (2, True)


def test_lines_of_a_list_that_are_left_out_are_remarked(
    scanned: Call, write: Write, event: Make, site: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "list.txt").write_text("203.0.113.1\n\x1b[31mred\n")
    path = site("lists: {a: {file: list.txt}}")
    assert "list.txt:2: no address; left out" in scanned(write(event(1)), "--site", path).stderr
    assert scanned(write(event(1)), "--site", path, "--quiet").stderr == ""


@pytest.mark.skipif(not available_timezones(), reason="this machine has no database of time zones")
def test_a_change_window_keeps_its_hours_when_clocks_are_turned(
    scanned: Call, kwho: Call, write: Write, event: Make, site: Callable[..., Path]
) -> None:
    path = site("timezone: Europe/Berlin\nwindows:\n  night: {days: [sat, sun], from: '20:00', to: '23:00'}\n")
    times = [
        "2026-03-28T18:59:59.000000Z",  # 19:59 on Saturday
        "2026-03-28T19:00:00.000000Z",
        "2026-03-29T17:59:59.000000Z",  # 19:59 on Sunday, in summer time
        "2026-03-29T18:00:00.000000Z",
        "2026-03-29T20:59:59.000000Z",
        "2026-03-29T21:00:00.000000Z",  # 23:00
    ]
    log = write(*(event(number, requestReceivedTimestamp=time) for number, time in enumerate(times)))
    words = (log, "--site", path, "--quiet")
    found = [json.loads(line)["line"] for line in kwho("search", "time.window:night", *words).stdout.splitlines()]
    assert found == [2, 4, 5]
    _, summary = told(scanned(*words, "--where", "-time.window:*", "--format", "jsonl"))
    assert (summary["input"]["events"], summary["input"]["filtered_by"]) == (3, {"user": 3})
