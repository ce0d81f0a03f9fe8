"""What the lab can do is described."""

import argparse
import json
from pathlib import Path

import pytest
from lab.__main__ import _parser, main
from lab.cluster import POLICIES
from lab.scenarios import every

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "reference" / "lab.md").read_text(encoding="utf-8")
RECORDINGS = (DOCS / "reference" / "recordings.md").read_text(encoding="utf-8")
KEPT = sorted((Path(__file__).parents[1] / "data" / "recordings").glob("*/manifest.json"))


def commands() -> dict[str, argparse.ArgumentParser]:
    (action,) = (one for one in _parser()._actions if isinstance(one, argparse._SubParsersAction))
    found: dict[str, argparse.ArgumentParser] = action.choices
    return found


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_and_option_is_described(name: str) -> None:
    assert f"| `{name}` |" in REFERENCE
    for action in commands()[name]._actions:
        for option in action.option_strings:
            assert option in REFERENCE or option in ("-h", "--help")


def test_every_policy_is_described() -> None:
    assert all(f"`{path.stem}`" in REFERENCE for path in POLICIES.glob("*.yaml"))


def test_the_numbers_of_scenarios_are_right() -> None:
    kinds = [scenario.kind for scenario in every()]
    assert f"{kinds.count('attack')} attacks" in REFERENCE
    assert f"{kinds.count('confounder')} confounders" in REFERENCE


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.parent.name)
def test_every_kept_recording_is_described(path: Path) -> None:
    made = json.loads(path.read_text(encoding="utf-8"))
    row = f"| `{path.parent.name}` | {made['kubernetes']} | `{made['policy']}` | {made['seed']} | {made['minutes']:g} |"
    assert row in RECORDINGS


def test_every_member_of_a_manifest_is_described() -> None:
    members = json.loads(KEPT[0].read_text(encoding="utf-8"))
    assert [name for name in members if f"`{name}`" not in RECORDINGS] == []


def test_the_list_names_every_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    shown = capsys.readouterr().out
    assert all(scenario.name in shown for scenario in every())


def test_a_missing_control_plane_is_an_error_in_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KWHO_LAB_CACHE", str(tmp_path))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    assert main(["record", "--out", str(tmp_path / "out")]) == 1
    assert "python -m lab build" in capsys.readouterr().err
