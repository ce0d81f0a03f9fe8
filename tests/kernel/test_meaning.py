"""Events share a meaning when nothing that rules or statistics tell apart cheaply differs between them."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pytest

from kwho.formats import CONTEXT_NATIVE
from kwho.formats.ladder import STRICT
from kwho.kernel import meaning as module
from kwho.kernel.mask import Masks
from kwho.kernel.meaning import Lexicon, Meaning
from kwho.query.parse import parse_query
from kwho.schema.record import Context
from kwho.views.token import CREDENTIAL_ID

Make = Callable[..., dict[str, Any]]


class Place(NamedTuple):
    context: Context = CONTEXT_NATIVE
    number: int = 0


def meant(lexicon: Lexicon, event: dict[str, Any], place: Place = Place()) -> Meaning:  # noqa: B008  frozen
    return lexicon.meaning(STRICT.decode(msgspec.json.encode(event)), place)


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon(Masks([parse_query("verb:get"), parse_query("uri.path:/version")]))


def test_time_name_uri_and_audit_id_do_not_tell_meanings_apart(lexicon: Lexicon, event: Make) -> None:
    assert meant(lexicon, event(1, at=5)) is meant(lexicon, event(2, at=500))


@pytest.mark.parametrize(
    "members",
    [
        {"verb": "list"},
        {"level": "Request", "requestObject": {}},
        {"user": {"username": "ana", "groups": ["system:masters"]}},
        {"user": {"username": "ana", "groups": ["system:authenticated"], "extra": {CREDENTIAL_ID: ["JTI=1"]}}},
        {"sourceIPs": ["198.51.100.1", "10.0.0.7"]},
        {"userAgent": "curl"},
        {"objectRef": {"resource": "secrets", "namespace": "shop", "apiVersion": "v1"}},
        {"objectRef": {"resource": "secrets", "namespace": "bank", "name": "s1", "apiVersion": "v1"}},
        {"annotations": {"authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": ""}},
        {"responseStatus": {"code": 403}},
        {"impersonatedUser": {"username": "bo"}},
    ],
)
def test_all_else_does(members: dict[str, Any], lexicon: Lexicon, event: Make) -> None:
    assert meant(lexicon, event(1)) is not meant(lexicon, event(1, **members))


def test_meanings_of_two_wrappers_differ(lexicon: Lexicon, event: Make) -> None:
    other = Place(msgspec.structs.replace(CONTEXT_NATIVE, cluster="prod"), 1)
    here, there = meant(lexicon, event(1)), meant(lexicon, event(1), other)
    assert here.sign == there.sign
    assert here.seed != there.seed


def test_a_request_on_no_resource_is_decided_by_its_uri(lexicon: Lexicon, event: Make) -> None:
    found = meant(lexicon, event(1, objectRef=None, requestURI="/version"))
    assert found.pathless
    assert found.mask == 0b11
    assert not meant(lexicon, event(1)).pathless


def test_what_is_not_remembered_is_found_again_and_means_the_same(
    lexicon: Lexicon, event: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MEMO", 0)
    first, second = meant(lexicon, event(1)), meant(lexicon, event(2))
    assert first is not second
    assert (first.mask, first.seed, first.stage) == (second.mask, second.seed, second.stage)
    assert lexicon.users == ["ana", "ana"]
