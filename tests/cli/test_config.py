"""`kwho config check`: all that is wrong with a site file at once, else what it tells."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from tests.cli.test_site import SITE

Call = Callable[..., Result]


def test_a_good_site_is_told_in_words(kwho: Call, tmp_path: Path, own_rules: Path) -> None:
    (tmp_path / "site.yaml").write_text(SITE)
    found = kwho("config", "check", tmp_path / "site.yaml", "--rules", own_rules, "--no-pack")
    assert found.exit_code == 0, found.output
    assert found.stdout.splitlines() == [
        "zone office: 1 network",
        "proxies: 1 network trusted",
        "exclusion Backup reads what it keeps: 1 rule",
        "0 errors, 0 warnings",
    ]


def test_all_that_is_wrong_is_told(kwho: Call, tmp_path: Path, own_rules: Path) -> None:
    text = SITE.replace("[192.0.2.0/24]", "[office]").replace("[10.0.9.0/28]", "[lb]")
    wrong = text.replace("user: {username: backup}", "user: {username: other}")
    (tmp_path / "site.yaml").write_text(wrong)
    found = kwho("config", "check", tmp_path / "site.yaml", "--rules", own_rules, "--no-pack")
    assert found.exit_code == 1
    assert [line.partition("site.yaml:")[2] for line in found.stdout.splitlines()[:-1]] == [
        '2: "office" is no address or network; write it as 10.0.0.0/8 or 2001:db8::/32',
        '3: "lb" is no address or network; write it as 10.0.0.0/8 or 2001:db8::/32',
        "15: should be left out: it reads",
    ]
    assert found.stdout.splitlines()[-1] == "3 errors, 0 warnings"


def test_an_exclusion_of_an_unknown_rule_or_with_a_broken_example_is_wrong(
    kwho: Call, tmp_path: Path, own_rules: Path
) -> None:
    (tmp_path / "site.yaml").write_text(SITE.replace("[secrets-read]", "[gone]"))
    found = kwho("config", "check", tmp_path / "site.yaml", "--rules", own_rules, "--no-pack")
    assert (found.exit_code, '"gone" is no rule' in found.stdout) == (1, True)
    (tmp_path / "site.yaml").write_text(SITE.replace("{verb: get, user:", "{verbs: get, user:"))
    found = kwho("config", "check", tmp_path / "site.yaml", "--rules", own_rules, "--no-pack")
    assert (found.exit_code, "an example is no audit event" in found.stdout) == (1, True)


def test_an_empty_site_passes_with_a_warning(kwho: Call, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("# later\n")
    found = kwho("config", "check", tmp_path / "site.yaml", "--no-pack")
    assert found.exit_code == 0
    assert "site.yaml:1: nothing in it; a site file tells zones, proxies, " in found.stdout
    assert found.stdout.endswith("(warning)\n0 errors, 1 warning\n")


def test_a_time_zone_that_is_unknown_is_told_with_its_line(kwho: Call, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("proxies: [10.0.9.0/28]\ntimezone: Europe/Berln\n")
    found = kwho("config", "check", tmp_path / "site.yaml", "--no-pack")
    assert found.exit_code == 1
    assert "site.yaml:2: " in found.stdout
    assert '"Europe/Berln"' in found.stdout


def test_warnings_alone_are_no_failure(kwho: Call, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("203.0.113.1\nnothing\n")
    (tmp_path / "site.yaml").write_text("lists: {feed: {file: list.txt, date: 2026-01-04}}")
    found = kwho("config", "check", tmp_path / "site.yaml", "--no-pack")
    assert found.exit_code == 0
    assert found.stdout.splitlines() == [
        "list.txt:2: no address; left out (warning)",
        "list feed: 1 address of kind bad, 2026-01-04",
        "0 errors, 1 warning",
    ]


def test_an_exclusion_that_has_expired_is_remarked(
    kwho: Call, tmp_path: Path, own_rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site.yaml").write_text(SITE.replace("owner: platform", "owner: platform\n      expires: 2026-01-31"))
    words = ("config", "check", tmp_path / "site.yaml", "--rules", own_rules, "--no-pack")
    monkeypatch.setattr(time, "time_ns", lambda: 1_767_607_200_000_000_000)
    assert "expired" not in kwho(*words).stdout
    monkeypatch.setattr(time, "time_ns", lambda: 1_777_607_200_000_000_000)
    found = kwho(*words)
    assert found.exit_code == 0
    assert "13: the exclusion “Backup reads what it keeps” has expired (warning)" in found.stdout


def test_a_site_that_is_not_there_is_a_usage_error(kwho: Call, tmp_path: Path) -> None:
    found = kwho("config", "check", tmp_path / "gone.yaml")
    assert (found.exit_code, "No such file" in found.stderr) == (2, True)
