"""Closed lists of values."""

import pytest

from kwho.detect.vocabulary import can_match, impossible, impossible_terms, locate
from kwho.query.ast import Scalar
from kwho.query.ast import Term as T
from kwho.query.parse import parse_query


@pytest.mark.parametrize(
    ("query", "possible"),
    [
        ("verb:replace", False),
        ("verb:replace,create", True),
        ("verb|all:replace,create", False),
        ("verb:del*", True),
        ("verb:rep*", False),
        ("verb|contains:elet", True),
        ("verb~^x", False),
        ("verb|cased:GET", False),
        ("verb:GET", True),
        ("verb:post,head", True),
        ('verb:""', True),
        ("verb:impersonate", False),
        ("verb:null", True),
        ("verb!=replace", True),
        ("stage:Done", False),
        ("stage:Panic", True),
        ("level:None", False),
        ("level:metadata", True),
        ("outcome:denied", False),
        ("principal.kind:robot", False),
        ("objectRef.resource:pods/exec", False),
        ("objectRef.resource:pods,pods/exec", True),
        ("target:pods/exec", True),
        ("user:anything", True),
        ("verb:replace or user:a", True),
        ("verb:replace user:a", False),
        ("user:a (verb:replace or stage:Done)", False),
        ("not (verb!=replace user:a)", True),
        ("not (verb!=replace or user:a)", False),
        ("verb>5", True),
    ],
)
def test_a_condition_outside_of_a_closed_list_can_never_match(query: str, possible: bool) -> None:
    assert can_match(parse_query(query)) is possible


def test_impossible_values_are_named_with_the_possible_ones() -> None:
    ((term, reason),) = impossible_terms(parse_query("user:a not (verb:create,replace or user:b)"))
    assert term.values == ("create", "replace")
    assert reason.startswith('verb is never "replace" in an audit event; it is one of get, list, watch')


def test_a_resource_with_a_slash_points_to_the_right_field() -> None:
    ((_, reason),) = impossible_terms(parse_query("resource:pods/exec"))
    assert "use target" in reason


@pytest.mark.parametrize(
    "term", [T(None, "contains", ("x",)), T("verb", "exists", (True,)), T("verb", "fieldref", ("user",))]
)
def test_what_names_no_value_is_never_impossible(term: T) -> None:
    found: tuple[Scalar, ...] = impossible(term)
    assert found == ()


@pytest.mark.parametrize(
    ("place", "group", "target"),
    [
        ("pods", "", "pods"),
        ("pods/exec", "", "pods/exec"),
        ("deployments", "apps", "deployments"),
        ("deployments/scale", "apps", "deployments/scale"),
        ("customresourcedefinitions", "apiextensions.k8s.io", "customresourcedefinitions"),
        ("core/pods", "", "pods"),
        ("core/pods/exec", "", "pods/exec"),
        ("batch/jobs", "batch", "jobs"),
        ("a.example.org/things/status", "a.example.org", "things/status"),
    ],
)
def test_a_place_is_found_in_its_api_group(place: str, group: str, target: str) -> None:
    assert locate(place) == (group, target)
