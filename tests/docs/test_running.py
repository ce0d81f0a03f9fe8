"""The commands of the documentation do what their page says, one page after the other, on the log of the demo.

Of that log all that is planted is there, and a share of the ordinary life around it, so that a page takes seconds.
Names that stand for a log of the reader's own stand for the same log here.
"""

import gzip
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.docs.conftest import fences, inline_commands, name_of, shell_commands, split

from kwho.cli import root
from kwho.sample import generate, plants

LIFE = 50
"""One of so many ordinary events is kept."""

FOLDERS = ("/var/log/kubernetes/audit/", "/var/log/audit/")
ABSENT = {"eks.log", "eks/", "gke.json", "aks/", "openshift.log", "cloudwatch-export.gz"}
"""Exports of clouds, which readers have and we do not."""
SILENT = {
    "kwho search 'exec.command:*curl* code:101' audit/ --format jsonl",
    "kwho search 'user:alice@* time>=\"2h ago\"' - --limit 20",
}
"""Queries that show the language, and match nothing of the demo."""
MENTIONED = re.compile(r"kwho (scan|search|story|convert|rules blind) .*\bdemo\.log")

Command = tuple[str, ...]


def _commands() -> Iterator[tuple[Path, Command]]:
    """What pages tell people to type, in order: blocks first, then sentences that name the log of the demo."""
    yield from ((page, tuple(words)) for page, words in shell_commands())
    for page, mention in inline_commands():
        if MENTIONED.fullmatch(mention):
            yield page, tuple(next(split(mention))[1:])


COMMANDS = tuple(_commands())


def runs(command: Command) -> bool:
    """Whether its files are there; the demo is what everything runs on, and takes longer than all else."""
    return command[0] not in {"demo", "--help", "--version"} and not ABSENT & set(command)


def placed(command: Command) -> list[str]:
    return ["audit/" if word in FOLDERS else word for word in command]


@pytest.fixture(scope="module")
def log() -> bytes:
    """All that is planted, and some of the life around it."""
    planted = {audit_id.encode() for plant in plants(seed=42) for audit_id in plant.audit_ids}
    find = re.compile(rb'"auditID":"([^"]+)"').search
    kept = []
    for number, line in enumerate(generate(seed=42)):
        found = find(line)
        if number % LIFE == 0 or (found is not None and found[1] in planted):
            kept.append(line)
    return b"".join(kept)


@pytest.fixture
def workplace(log: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that the pages name: logs, a site, rules, a snapshot."""
    for name in ("demo.log", "audit.log"):
        (tmp_path / name).write_bytes(log)
    for folder in ("audit", "rules", "my-rules"):
        (tmp_path / folder).mkdir()
    for name in ("audit.log.gz", "audit/audit.log.gz"):
        (tmp_path / name).write_bytes(gzip.compress(log, 1))
    for name in ("rbac.json", "namespaced-rbac.json", "workloads.json"):
        (tmp_path / name).write_text('{"kind": "List", "apiVersion": "v1", "items": []}')
    (tmp_path / "site.yaml").write_text("\n".join(written("quieten-what-you-know.md")))
    for folder in ("rules", "my-rules"):
        (tmp_path / folder / "own.yaml").write_text("---\n".join(written("write-a-rule.md")))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(name: str) -> list[str]:
    """The YAML of a how-to."""
    return [fence.text for fence in fences() if fence.page.name == name and fence.language == "yaml"]


def run(command: Command, log: bytes) -> tuple[int, str, str]:
    found = CliRunner().invoke(root, placed(command), input=log, env={"COLUMNS": "120"})
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found.exit_code, found.stdout, found.stderr


@pytest.mark.parametrize("page", dict.fromkeys(page for page, command in COMMANDS if runs(command)), ids=name_of)
def test_every_command_of_a_page_does_what_the_page_says(page: Path, workplace: Path, log: bytes) -> None:
    (workplace / "result.jsonl").write_text(run(("scan", "demo.log", "--format", "jsonl"), log)[1])
    for command in (command for at, command in COMMANDS if at == page and runs(command)):
        code, out, err = run(command, log)
        assert code in ({0, 1} if "--fail-on" in command else {0}), (command, err)
        assert out or "--out" in command or as_typed(command) in SILENT, command
        assert "(warning)" not in out, command
        if command[:2] == ("rules", "lint"):
            assert out.endswith("0 errors, 0 warnings\n")


def as_typed(command: Command) -> str:
    return shlex.join(["kwho", *placed(command)])


def test_the_rule_of_the_how_to_finds_what_its_page_tells(workplace: Path, log: bytes) -> None:
    _, out, _ = run(("scan", "--no-pack", "--rules", "my-rules", "demo.log"), log)
    assert "2 findings: 2 medium" in out
    assert re.search(r"system:serviceaccount:payments:api .*\n  MEDIUM +×1 Cluster role binding deleted by hand", out)
    assert re.search(r"alice@example\.com .*\n  MEDIUM +×1 Cluster role binding deleted by hand", out)


def test_the_exclusion_of_the_how_to_leaves_out_the_backup(workplace: Path, log: bytes) -> None:
    _, shown, _ = run(("scan", "demo.log", "--show", "f-fc88"), log)
    assert "system:serviceaccount:velero:velero" in shown
    _, out, _ = run(("scan", "--site", "site.yaml", "demo.log"), log)
    assert "The backup lists the secrets of all namespaces (2)" in out


def test_what_cannot_run_is_an_export_of_a_cloud() -> None:
    left_out = {command for _, command in COMMANDS if not runs(command)}
    assert {command[0] for command in left_out if not ABSENT & set(command)} == {"demo"}
    assert {name for command in left_out for name in ABSENT & set(command)} == ABSENT


def test_queries_that_may_match_nothing_are_those_that_are_listed() -> None:
    assert {as_typed(command) for _, command in COMMANDS} >= SILENT
