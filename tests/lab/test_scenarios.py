"""What holds for every scenario, whoever adds it."""

import inspect
import re
from collections import Counter
from pathlib import Path

import lab.scenarios
import pytest
from lab.scenarios import every
from lab.story import Scenario

ALL = every()
DETECTION = re.compile(r"[A-JN]\d\d")
TECHNIQUE = re.compile(r"T\d{4}(\.\d{3})?")


def source(scenario: Scenario) -> str:
    return inspect.getsource(inspect.getmodule(scenario.play) or lab.scenarios)


@pytest.fixture(params=ALL, ids=lambda scenario: scenario.name)
def scenario(request: pytest.FixtureRequest) -> Scenario:
    found: Scenario = request.param
    return found


def test_it_is_named_like_its_file(scenario: Scenario) -> None:
    assert Path(inspect.getfile(scenario.play)).stem == scenario.name.replace("-", "_")


def test_it_says_what_it_is(scenario: Scenario) -> None:
    assert scenario.title[0].isupper()
    assert scenario.kind in ("attack", "confounder")
    assert bool(scenario.intent) == (scenario.kind == "attack")


def test_an_attack_names_its_techniques(scenario: Scenario) -> None:
    assert all(TECHNIQUE.fullmatch(technique) for technique in scenario.techniques)
    assert bool(scenario.techniques) == (scenario.kind == "attack")


def test_it_has_labelled_steps(scenario: Scenario) -> None:
    assert "stage.step(" in source(scenario)


def test_its_detections_are_ids_of_the_catalogue(scenario: Scenario) -> None:
    for group in re.findall(r"\(((?:\"[A-Z]\d\d\",? ?)+)\)", source(scenario)):
        assert all(DETECTION.fullmatch(one) for one in re.findall(r"\"(.*?)\"", group))


def test_its_chance_comes_from_the_stage(scenario: Scenario) -> None:
    assert "import random" not in source(scenario)


def test_names_are_used_once() -> None:
    assert [name for name, count in Counter(one.name for one in ALL).items() if count > 1] == []


def test_there_are_many_attacks_and_many_confounders() -> None:
    kinds = Counter(one.kind for one in ALL)
    assert kinds["attack"] >= 40
    assert kinds["confounder"] >= 20


def test_every_family_of_detections_is_played() -> None:
    played = {one[0] for scenario in ALL for one in re.findall(r"\"([A-JN]\d\d)\"", source(scenario))}
    assert played == set("ABCDEFGHIJN")
