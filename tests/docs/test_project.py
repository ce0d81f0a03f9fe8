"""The README, the checks and the lock say the same; nothing in the project knows the machine it was written on."""

import re
import shutil
import subprocess
import tomllib

import pytest
from packaging.requirements import Requirement
from tests.docs.conftest import ROOT

from kwho import __version__
from kwho.detect.pack import assemble

README = (ROOT / "README.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def locked(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", text, re.MULTILINE))


def canonical(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", Requirement(requirement).name).lower()


def test_two_commands_of_one_line_each_try_it_and_test_it() -> None:
    commands = [line for line in README.splitlines() if line.startswith("python3 -m venv .venv")]
    assert [command.rpartition("&& ")[2] for command in commands] == [".venv/bin/kwho demo", ".venv/bin/pytest -n auto"]
    assert all("--require-hashes" in command and "--no-deps" in command for command in commands)


def test_the_checks_run_the_test_command_of_the_readme_as_written() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "sed -n '/^python3 -m venv .*pytest/p' README.md" in script


def test_the_first_screen_shows_findings_that_rules_of_the_pack_make() -> None:
    rules = assemble([])
    titles = {rule.title for rule in rules.rules} | {rule.title for rule in rules.correlations}
    shown = re.findall(r"^  (?:HIGH|MEDIUM|LOW) +×\d+ (.+?)  +f-[0-9a-f]{16}", README, re.MULTILINE)
    assert shown
    assert set(shown) <= titles


@pytest.mark.parametrize("name", ["runtime", "dev"])
def test_the_lock_has_hashes_and_names_no_index(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").splitlines()
    pinned = re.compile(r'[a-z0-9.-]+==\S+(?: ; python_version < "[0-9.]+")? \\')
    digest = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")
    assert not [line for line in lines if not pinned.fullmatch(line) and not digest.fullmatch(line)]


def test_the_lock_holds_every_dependency() -> None:
    assert {canonical(entry) for entry in PROJECT["project"]["dependencies"]} <= locked("runtime").keys()
    assert {canonical(entry) for entry in PROJECT["dependency-groups"]["dev"]} <= locked("dev").keys()
    assert locked("runtime").items() <= locked("dev").items()


def test_the_changelog_has_a_section_for_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(rf"^## \[?{re.escape(__version__)}\b", changelog, re.MULTILINE)


def test_no_file_names_a_place_of_one_machine() -> None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    places = [str(ROOT), "/wo" + "rk/main", "/wo" + "rk/shared", "/wo" + "rk/venv"]
    patterns = [part for place in places for part in ("-e", place)]
    found = subprocess.run(
        [git, "grep", "-nIF", *patterns, "--", "."],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not found.stdout
