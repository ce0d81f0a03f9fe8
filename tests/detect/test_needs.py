"""What a condition needs the log to record."""

import pytest

from kwho.detect.needs import derive_needs, join_needs
from kwho.detect.rule import Needs
from kwho.query.parse import parse_query


def needs(query: str) -> Needs:
    return derive_needs(parse_query(query))


@pytest.mark.parametrize(
    ("query", "level", "fields"),
    [
        ("verb:get", "Metadata", ()),
        ("requestObject.spec.replicas:5", "Request", ("requestObject",)),
        ("not requestObject.spec.replicas:5", "Metadata", ()),
        ("not requestObject.spec.replicas:null", "Request", ("requestObject",)),
        ("requestObject.a:null", "Metadata", ()),
        ("requestObject.a|exists:true", "Request", ("requestObject",)),
        ("requestObject.a|exists:false", "Metadata", ()),
        ("verb:get or requestObject.a:5", "Metadata", ()),
        ("responseObject.a:5 or requestObject.a:5", "Request", ()),
        ("responseObject.a:5 requestObject.a:5", "RequestResponse", ("requestObject", "responseObject")),
        ("user|fieldref:requestObject.a", "Request", ("requestObject",)),
        ("not user|fieldref:requestObject.a", "Metadata", ()),
        ("annotations.a:x", "Metadata", ("annotations",)),
        ("word", "Metadata", ()),
        ("()", "Metadata", ()),
    ],
)
def test_level_and_members_are_those_without_which_nothing_matches(
    query: str, level: str, fields: tuple[str, ...]
) -> None:
    found = needs(query)
    assert (found.level, found.fields) == (level, fields)


@pytest.mark.parametrize(
    ("query", "verbs", "resources"),
    [
        ("verb:create,update resource:pods", ("create", "update"), ("pods",)),
        ("verb:del*", ("delete", "deletecollection"), ()),
        ("verb!=get", (), ()),
        ("resource:pods subresource:exec,attach", (), ("pods/attach", "pods/exec")),
        ("target:pods/exec verb:get", ("get",), ("pods/exec",)),
        ("resource:pod*", (), ()),
        ("resource:pods,null", (), ()),
        ("resource:pods (subresource:exec or verb:get)", (), ("pods",)),
        ("(verb:get resource:a) or (verb:list resource:b)", ("get", "list"), ("a", "b")),
        ("(verb:get resource:a) or user:b", (), ()),
        ("(verb:get or verb:list) (verb:list or verb:watch)", ("list",), ()),
        ("target:pods resource:secrets", (), ("pods",)),
        ("word", (), ()),
    ],
)
def test_verbs_and_resources_are_the_places_it_looks_at(
    query: str, verbs: tuple[str, ...], resources: tuple[str, ...]
) -> None:
    found = needs(query)
    assert (found.verbs, found.resources) == (verbs, resources)


@pytest.mark.parametrize(
    ("query", "stage"),
    [
        ("code:401", "ResponseStarted"),
        ("verb:get (code:401 user:null)", "ResponseStarted"),
        ("outcome:unauthenticated", "ResponseStarted"),
        ("code:401,403", None),
        ("stage:Panic", "Panic"),
        ("code:401 or code:403", None),
        ("not code:401", None),
    ],
)
def test_a_stage_is_needed_when_every_match_has_it(query: str, stage: str | None) -> None:
    assert needs(query).stage == stage


def test_a_correlation_needs_what_its_rules_need() -> None:
    body = Needs(level="Request", fields=("annotations", "requestObject"), verbs=("create",), resources=("pods",))
    plain = Needs(fields=("annotations",), verbs=("get",))
    assert join_needs([body, plain], all_of=True) == Needs(
        level="Request", fields=("annotations", "requestObject"), verbs=("create", "get")
    )
    assert join_needs([body, plain], all_of=False) == Needs(fields=("annotations",), verbs=("create", "get"))
    late = Needs(stage="ResponseStarted")
    assert join_needs([late, late], all_of=False).stage == "ResponseStarted"
    assert join_needs([late, plain], all_of=False).stage is None
    assert join_needs([], all_of=True) == Needs()
