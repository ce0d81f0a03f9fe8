"""The short options of the command line."""

import pytest

from kwho.errors import InvalidQueryError
from kwho.query.ast import And
from kwho.query.filters import parse_filters
from kwho.query.match import compile_node
from kwho.query.unparse import unparse
from kwho.schema.event import Event, ObjectRef, Status
from kwho.schema.record import Context
from kwho.views import Look


def test_no_filter_lets_everything_through() -> None:
    assert parse_filters() == And(())


@pytest.mark.parametrize(
    ("given", "query"),
    [
        ({"verbs": ["get,list"]}, "verb:get or verb:list"),
        ({"verbs": ["get", "list"]}, "verb:get or verb:list"),
        ({"verbs": ["-get,-list"]}, "not (verb:get or verb:list)"),
        ({"verbs": ["get*,-getx"]}, "verb:get* verb!=getx"),
        ({"users": ["-system:*"], "namespaces": ["shop"]}, "user.username!=system:* objectRef.namespace:shop"),
        ({"resources": ["pods"]}, "objectRef.resource:pods"),
        ({"resources": ["pods/exec"]}, "objectRef.resource:pods objectRef.subresource:exec"),
        ({"resources": ["-*/exec"]}, "objectRef.subresource!=exec"),
        ({"resources": ["*"]}, "objectRef.resource:*"),
        (
            {"resources": ["deployments.apps/scale"]},
            "objectRef.resource:deployments objectRef.apiGroup:apps objectRef.subresource:scale",
        ),
        ({"codes": ["403"]}, "responseStatus.code:403"),
        ({"codes": ["4xx,-404"]}, "responseStatus.code:4?? responseStatus.code!=404"),
    ],
)
def test_filters_spell_a_condition(given: dict[str, list[str]], query: str) -> None:
    assert unparse(parse_filters(**given)) == query


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"verbs": ["get,"]}, "--verb: a value is missing"),
        ({"users": ["-"]}, "--user: a value is missing"),
        ({"codes": ["ALLOW"]}, "--code: .* never equals"),
    ],
)
def test_a_filter_that_means_nothing_names_its_option(given: dict[str, list[str]], message: str) -> None:
    with pytest.raises(InvalidQueryError, match=message):
        parse_filters(**given)


def test_a_filtered_event_meets_the_wanted_and_none_of_the_excluded() -> None:
    test = compile_node(parse_filters(["create,delete"], [], ["pods/exec"], [], ["1xx,2xx"]))

    def passes(verb: str, subresource: str | None, code: int) -> bool:
        ref = ObjectRef(resource="pods", subresource=subresource)
        event = Event(verb=verb, objectRef=ref, responseStatus=Status(code=code))
        return test(Look(event, Context(format="native")))

    assert passes("create", "exec", 101)
    assert not passes("get", "exec", 101)
    assert not passes("create", None, 201)
    assert not passes("create", "exec", 403)
