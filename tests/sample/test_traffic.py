"""The tables of ordinary life mean what they say."""

from collections import Counter
from itertools import islice
from random import Random

import pytest

from kwho.sample.cast import Cast
from kwho.sample.cluster import APPS
from kwho.sample.log import START
from kwho.sample.traffic import asks, choices, life


def test_a_line_without_a_place_covers_every_application() -> None:
    specs = [ask.spec for ask in asks("update apps/replicasets")]
    assert specs == [f"update apps/replicasets {ns}/{app}" for ns, names in APPS.items() for app in names]


def test_an_at_sign_covers_every_application_namespace() -> None:
    assert [ask.spec for ask in asks("list core/pods @")] == [f"list core/pods {namespace}/" for namespace in APPS]
    assert asks("get core/secrets @registry")[0].spec == f"get core/secrets {next(iter(APPS))}/registry"


@pytest.mark.parametrize(
    "line", ["list core/pods", "get /healthz", "create authorization.k8s.io/subjectaccessreviews", "get core/nodes /a"]
)
def test_other_lines_stand_for_one_request(line: str) -> None:
    assert [ask.spec for ask in asks(line)] == [line]


def test_a_code_stands_behind_the_equals_sign() -> None:
    assert [(ask.spec, ask.code) for ask in asks("get core/pods a/b = 404")] == [("get core/pods a/b", 404)]


def test_every_line_of_a_table_weighs_the_same() -> None:
    who = Cast(1).person("alice@example.com")
    lines = Counter("/pods" in what.middle for what in choices(who, ("list core/pods", "update apps/replicasets")))
    assert lines[True] == lines[False]


def test_every_actor_of_life_goes_on_in_order() -> None:
    for actor in life(Cast(1), Random(1), START, 9.5):
        begins = [item.begin for item in islice(actor, 6)]
        assert begins == sorted(begins)
        assert begins[0] >= START - 1_000_000


def test_a_busier_cluster_has_more_nodes() -> None:
    assert len(life(Cast(1), Random(1), START, 60)) > len(life(Cast(1), Random(1), START, 9.5)) + 10
