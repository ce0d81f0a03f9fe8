"""The first look at an event leaves out what masks do not read, and the whole event comes back when asked for."""

import io
from collections.abc import Mapping

import msgspec
import pytest

from kwho.formats.lean import LEFT_OUT, Lean, complete
from kwho.formats.reader import Reader
from kwho.sample import generate
from kwho.schema.record import Record

EVENT: dict[str, object] = {
    "kind": "Event",
    "apiVersion": "audit.k8s.io/v1",
    "level": "Metadata",
    "auditID": "a-1",
    "stage": "ResponseComplete",
    "requestURI": "/api/v1/namespaces/shop/secrets/db",
    "verb": "get",
    "user": {"username": "alice", "uid": "u-1", "groups": ["staff"], "extra": {"scopes": ["all"]}},
    "sourceIPs": ["192.0.2.10"],
    "userAgent": "kubectl",
    "objectRef": {"resource": "secrets", "namespace": "shop", "name": "db", "uid": "o-1", "resourceVersion": "7"},
    "responseStatus": {"metadata": {}, "status": "Success", "reason": "Ok", "code": 200},
    "requestReceivedTimestamp": "2026-01-05T10:00:00.000000Z",
    "stageTimestamp": "2026-01-05T10:00:00.001000Z",
    "annotations": {"authorization.k8s.io/decision": "allow"},
}


def read(event: Mapping[str, object], *, lean: bool) -> Record:
    line = msgspec.json.encode(event) + b"\n"
    _, found = Reader(io.BytesIO(line * 2).readline, lean=lean)  # the first line of a file always goes the long way
    assert isinstance(found, Record)
    return found


def value_of(event: object, path: str) -> object:
    for name in path.split("."):
        event = getattr(event, name)
    return event


@pytest.mark.parametrize("path", LEFT_OUT)
def test_what_is_left_out_comes_back(path: str) -> None:
    quick = read(EVENT, lean=True)
    assert type(quick.event) is Lean
    assert value_of(quick.event, path) is None
    whole = complete(quick)
    assert value_of(whole.event, path) == value_of(read(EVENT, lean=False).event, path) is not None
    assert (whole.line, whole.offset, whole.index) == (quick.line, quick.offset, quick.index)


def test_everything_else_is_the_same_at_the_first_look() -> None:
    lines = b"".join(line for line, _ in zip(generate(3), range(2_000), strict=False))
    quick = list(Reader(io.BytesIO(lines).readline, lean=True))
    whole = list(Reader(io.BytesIO(lines).readline))
    assert len(quick) == len(whole) == 2_000
    for one, other in zip(quick, whole, strict=True):
        assert isinstance(one, Record)
        assert isinstance(other, Record)
        assert complete(one).event == other.event
        for name in ("auditID", "stage", "level", "verb", "requestURI", "userAgent", "sourceIPs", "annotations"):
            assert getattr(one.event, name) == getattr(other.event, name)


def test_a_whole_record_is_given_back_as_it_is() -> None:
    record = read(EVENT, lean=False)
    assert complete(record) is record


def test_damage_that_the_first_look_skipped_is_named_when_the_event_is_wanted() -> None:
    quick = read({**EVENT, "user": {"username": "alice", "extra": "scopes"}}, lean=True)
    assert quick.damaged == ()
    whole = complete(quick)
    assert whole.event.user is not None
    assert whole.event.user.username == "alice"
    assert whole.damaged


@pytest.mark.parametrize("change", [{"verb": "teleport"}, {"level": "Verbose"}, {"stage": "Later"}, {"verb": ""}])
def test_unusual_values_take_the_careful_path_and_stay(change: dict[str, object]) -> None:
    record = read({**EVENT, **change}, lean=True)
    (name, value), *_ = change.items()
    assert getattr(record.event, name) == value
    assert type(record.event) is not Lean
