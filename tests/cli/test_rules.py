"""`kwho rules`."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kwho.cli.rules import command

RULE = """\
title: Pods made
id: 11111111-0000-4000-8000-000000000000
name: pods-made
description: Somebody made a pod.
logsource: {product: kubernetes, service: audit}
tags: [attack.t1610]
detection:
  made: {verb: create, resource: pods}
  condition: made
falsepositives: [work]
level: low
kwho:
  detections: [C15]
  blind_spots: [none]
  response: [none]
  tests:
    fires: [{why: a pod is made, event: {verb: create, objectRef: {resource: pods}}}]
    silent: [{why: a pod is read, event: {verb: get, objectRef: {resource: pods}}}]
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "pods.yaml").write_text(RULE)
    return rules


def run(*words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


def only(name: str, folder: Path, *words: object) -> Result:
    return run(name, *words, "--no-pack", "--rules", folder)


def test_the_list_is_a_table_or_json(folder: Path) -> None:
    table = only("list", folder)
    assert table.exit_code == 0
    assert "low           C15      pods-made                     Pods made" in table.output
    found = json.loads(only("list", folder, "--format", "json").output)
    assert found["schema_version"] == 1
    assert [rule["title"] for rule in found["rules"]] == ["Pods made"]


def test_a_list_for_a_program_is_not_cut(kwho: Any, own_rules: Path) -> None:
    long = "Secrets read " + "by somebody " * 12 + "at last"
    path = own_rules / "secrets.yaml"
    path.write_text(path.read_text().replace("title: Secrets read", f"title: {long}"))
    words = ("rules", "list", "--no-pack", "--rules", own_rules)
    assert long in kwho(*words, env={"COLUMNS": None}).stdout
    assert long not in kwho(*words, env={"COLUMNS": "100"}).stdout


def test_the_keys_of_the_list_stand_in_the_reference(kwho: Any, own_rules: Path) -> None:
    (own_rules / "exclusion.yaml").write_text(EXCLUSION)
    lost = EXCLUSION.replace("33333333", "44444444").replace("[secrets-read]", "[gone]")
    (own_rules / "refused.yaml").write_text(lost)
    found = json.loads(kwho("rules", "list", "--no-pack", "--rules", own_rules, "--format", "json").stdout)
    assert [(rule["kind"], rule["status"]) for rule in found["rules"]] == [("rule", "ok"), ("exclusion", "refused")]
    reference = (Path(__file__).parents[2] / "docs" / "reference" / "cli.md").read_text("utf-8")
    for name in ("rules", "exclusions"):
        keys = [",".join(f'"{key}"' for key in entry) for entry in found[name]]
        assert all(f'"{name}":[{{{told}}}]' in reference for told in keys)


def test_the_pack_is_listed_unless_it_is_left_out(folder: Path) -> None:
    every = json.loads(run("list", "--format", "json", "--rules", folder).output)["rules"]
    assert len(every) > 40
    assert any(rule["title"] == "Pods made" for rule in every)
    assert json.loads(run("list", "--no-pack", "--format", "json").output)["rules"] == []


@pytest.mark.parametrize("wanted", ["1111", "pods-made", "Pods made", "C15"])
def test_a_rule_is_shown_by_id_name_title_or_row(folder: Path, wanted: str) -> None:
    shown = only("show", folder, wanted)
    assert shown.exit_code == 0
    assert shown.output.startswith("Pods made\n")
    assert "t1610 Deploy Container" in shown.output
    assert "Fires when\n  - a pod is made" in shown.output


def test_a_rule_is_shown_as_a_page_in_markdown(folder: Path) -> None:
    shown = only("show", folder, "C15", "--format", "md")
    assert shown.exit_code == 0
    assert shown.output.startswith("# Pods made\n")
    assert "\n## When it fires\n" in shown.output


def test_several_rules_of_one_name_are_all_shown(folder: Path) -> None:
    (folder / "again.yaml").write_text(RULE.replace("11111111-", "11112222-"))
    shown = only("show", folder, "C15")
    assert shown.output.count("Pods made\n") == 2


def test_a_refused_rule_is_shown_with_its_reason(folder: Path) -> None:
    (folder / "pods.yaml").write_text(RULE.replace("verb: create, r", "verbs: create, r"))
    assert 'pods.yaml:8: unknown field "verbs"' in " ".join(only("show", folder, "1111").output.split())


def test_an_unknown_rule_is_a_usage_error_with_a_suggestion(folder: Path) -> None:
    missed = only("show", folder, "pods-mate")
    assert missed.exit_code == 2
    assert 'did you mean "pods-made"?' in missed.output


def test_a_start_that_several_ids_have_lists_them(folder: Path) -> None:
    (folder / "again.yaml").write_text(RULE.replace("11111111-", "11112222-").replace("Pods made", '"Po\\e[31mds"'))
    found = only("show", folder, "1111")
    assert found.exit_code == 2
    assert '"1111"; 2 ids begin so:\n  11111111-0000-4000-8000-000000000000  Pods made\n' in found.output
    assert "  11112222-0000-4000-8000-000000000000  Po\\x1b[31mds\n" in found.output
    assert only("show", folder, "11112").exit_code == 0


def test_rules_that_can_fire_on_a_log_are_named_when_they_are_the_users(folder: Path, tmp_path: Path) -> None:
    event: dict[str, Any] = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "stage": "ResponseComplete",
        "level": "Metadata",
    }
    event |= {"verb": "create", "objectRef": {"resource": "pods", "namespace": "shop"}, "auditID": "a"}
    event |= {"requestReceivedTimestamp": "2026-01-05T10:00:00.000000Z", "responseStatus": {"code": 201}}
    (tmp_path / "audit.log").write_text(json.dumps(event) + "\n")
    found = run("blind", tmp_path / "audit.log", "--rules", folder)
    assert found.exit_code == 0
    assert "ACTIVE   of the rules you named these can fire on this log:\n  Pods made\n" in found.output
    data = json.loads(run("blind", tmp_path / "audit.log", "--rules", folder, "--format", "json").output)
    assert "11111111-0000-4000-8000-000000000000" in data["active"]
    assert len(data["active"]) == data["rules"]["active"]


def test_a_rule_that_is_left_out_is_neither_blind_nor_active(
    kwho: Any, own_rules: Path, write: Any, event: Any
) -> None:
    words = ("rules", "blind", write(event()), "--no-pack", "--rules", own_rules, "--format", "json")
    assert json.loads(kwho(*words).stdout)["rules"]["active"] == 1
    found = json.loads(kwho(*words, "--disable", "secrets-read").stdout)["rules"]
    assert set(found.values()) == {0}
    refused = kwho(*words, "--disable", "E01")
    assert (refused.exit_code, "22222222-0000-4000-8000-000000000000  Secrets read" in refused.stderr) == (2, True)


def test_lint_is_content_with_a_complete_rule(folder: Path) -> None:
    found = only("lint", folder)
    assert (found.exit_code, found.output) == (0, "1 file, 0 errors, 0 warnings\n")


def test_lint_fails_on_errors_and_not_on_warnings(folder: Path) -> None:
    (folder / "pods.yaml").write_text(RULE.replace("falsepositives: [work]\n", ""))
    warned = only("lint", folder)
    assert warned.exit_code == 0
    assert "pods.yaml:1: warning: no falsepositives" in warned.output
    (folder / "bad.yaml").write_text("title: [")
    (folder / "torn.yaml").write_bytes(b"\xff")
    failed = only("lint", folder)
    assert failed.exit_code == 1
    assert "torn.yaml: error: not UTF-8 at byte 0" in failed.output
    assert failed.output.endswith("3 files, 2 errors, 1 warning\n")


def test_examples_that_hold_pass(folder: Path) -> None:
    found = only("test", folder)
    assert (found.exit_code, found.output) == (0, "2 examples, 0 failed, 0 refused rules\n")


def test_examples_that_do_not_hold_fail_by_file_and_line(folder: Path) -> None:
    (folder / "pods.yaml").write_text(RULE.replace("made: {verb: create", "made: {verb: get"))
    found = only("test", folder)
    assert found.exit_code == 1
    assert "pods.yaml:17: should fire and is silent: a pod is made" in found.output
    assert "pods.yaml:18: should be silent and fires: a pod is read" in found.output


def test_a_refused_rule_fails_the_test(folder: Path) -> None:
    (folder / "bad.yaml").write_text("title: [")
    found = only("test", folder)
    assert found.exit_code == 1
    assert found.output.endswith("2 examples, 0 failed, 1 refused rule\n")


def test_an_example_that_is_no_event_is_told(folder: Path) -> None:
    (folder / "pods.yaml").write_text(RULE.replace("event: {verb: get,", "event: {verb: [get],"))
    found = only("test", folder)
    assert found.exit_code == 1
    assert "an example is no audit event" in found.output


def test_a_folder_that_does_not_exist_is_a_usage_error(tmp_path: Path) -> None:
    assert run("list", "--rules", tmp_path / "nowhere").exit_code == 2


def test_hostile_text_of_a_rule_is_escaped(folder: Path) -> None:
    (folder / "pods.yaml").write_text(RULE.replace("title: Pods made", 'title: "\\e[2Jgone"'))
    for found in (only("list", folder), only("show", folder, "1111"), only("lint", folder)):
        assert "\x1b" not in found.output


EXCLUSION = """\
title: Ana reads
id: 33333333-0000-4000-8000-000000000000
name: ana-reads
description: Ana counts secrets.
filter:
  rules: [secrets-read]
  who: {user.username: ana, verb: get, target: secrets}
  condition: not who
kwho:
  owner: "\\e[31mops"
  reason: she counts them
  expires: 2026-12-31
  tests:
    silent: [{why: she reads, event: {verb: get, user: {username: ana}, objectRef: {resource: secrets}}}]
    fires: [{why: bob reads, event: {verb: get, user: {username: bob}, objectRef: {resource: secrets}}}]
"""


def test_exclusions_are_listed_and_shown(kwho: Any, own_rules: Path) -> None:
    (own_rules / "exclusion.yaml").write_text(EXCLUSION)
    listed = kwho("rules", "list", "--no-pack", "--rules", own_rules)
    assert "33333333 \\x1b[31mops            Ana reads" in listed.stdout
    assert listed.stdout.splitlines()[-1].endswith("0 refused, 1 exclusion")
    objects = json.loads(kwho("rules", "list", "--no-pack", "--rules", own_rules, "--format", "json").stdout)
    (exclusion,) = objects["exclusions"]
    assert exclusion["rules"] == ["22222222-0000-4000-8000-000000000000"]
    assert exclusion["expires"] == "2026-12-31T00:00:00.000000Z"
    assert len(objects["rules"]) == 1
    for wanted in ("33333333", "ana-reads", "Ana reads"):
        shown = kwho("rules", "show", wanted, "--no-pack", "--rules", own_rules)
        assert shown.exit_code == 0
        for told in ("she counts them", "Secrets read", "she reads", "bob reads", "until 2026-12-31", "Ana counts"):
            assert told in shown.stdout
    assert kwho("rules", "test", "--no-pack", "--rules", own_rules).exit_code == 0
    assert 'did you mean "ana-reads"' in kwho("rules", "show", "ana-read", "--no-pack", "--rules", own_rules).stderr


def test_a_rule_about_the_site_sees_with_a_site(kwho: Any, tmp_path: Path, write: Any, event: Any) -> None:
    folder = tmp_path / "zoned"
    folder.mkdir()
    text = (
        "title: Elsewhere\nid: 44444444-0000-4000-8000-000000000000\nlogsource: {product: kubernetes, service: audit}\n"
    )
    (folder / "rule.yaml").write_text(text + "detection: {a: {source.known: false}, condition: a}\n")
    (tmp_path / "site.yaml").write_text("zones: {office: {networks: [192.0.2.0/24]}}")
    path = write(*(event(number, sourceIPs=["192.0.2.1"]) for number in range(3)))
    words = ("rules", "blind", path, "--no-pack", "--rules", folder)
    assert "a site file with zones" in kwho(*words).stdout
    assert "a site file" not in kwho(*words, "--site", tmp_path / "site.yaml").stdout
    shown = kwho("rules", "show", "44444444", "--no-pack", "--rules", folder)
    assert "a site file with zones" in shown.stdout
