"""One broken field costs only itself."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.formats import Candidate, Facts
from kwho.formats.ladder import FIELDS, STRICT, Reading, Strict, has_body, is_complete, is_event, is_sound, read_event
from kwho.formats.tree import Tree, parse
from kwho.schema.event import ABSENT, Event, User

WHOLE: dict[str, Any] = {
    "level": "Metadata",
    "auditID": "a1",
    "stage": "ResponseComplete",
    "verb": "get",
    "requestURI": "/x",
    "user": {"username": "ada", "groups": ["ops"]},
    "requestReceivedTimestamp": "2026-03-01T08:00:00.000001Z",
}


def tree_of(text: bytes) -> Tree:
    tree = parse(text)
    assert tree is not None
    return tree


def read(text: bytes, *, plain: bool = True, nested: bool = False) -> Reading:
    tree = tree_of(text)
    return read_event(Candidate(tree.members, text, Facts(), plain, nested, tree.repeated))


def changed(**fields: Any) -> bytes:
    return json.dumps({**WHOLE, **fields}).encode()


def raw(field: str, value: bytes) -> bytes:
    return json.dumps(WHOLE).encode()[:-1] + b',"' + field.encode() + b'":' + value + b"}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user", "root"),
        ("user", 3),
        ("sourceIPs", "10.0.0.1"),
        ("annotations", ["x"]),
        ("verb", 7),
        ("auditID", {"a": 1}),
        ("objectRef", [1]),
        ("responseStatus", "200"),
    ],
)
def test_a_wrong_type_costs_only_its_field(field: str, value: object) -> None:
    reading = read(changed(**{field: value}))
    assert reading.event is not None
    assert reading.damaged == (field,)
    assert getattr(reading.event, field) is None
    assert reading.event.requestURI == "/x"


def test_a_broken_member_of_the_user_costs_only_itself() -> None:
    reading = read(changed(user={"username": "ada", "groups": [None, "ops"], "uid": 7, "extra": {"k": ["v", 1]}}))
    assert reading.event is not None
    assert reading.event.user == User("ada", None, ("ops",), {"k": ("v",)})
    assert reading.damaged == ("user.uid", "user.groups", "user.extra")


def test_a_code_that_was_written_as_text_is_kept_and_named() -> None:
    for code in ('"403"', "403.0"):
        reading = read(raw("responseStatus", b'{"code":' + code.encode() + b',"reason":"Forbidden"}'))
        assert reading.event is not None
        assert reading.event.responseStatus is not None
        assert reading.event.responseStatus.code == 403 or code == "403.0"
        assert reading.event.responseStatus.reason == "Forbidden"


def test_a_bad_annotation_does_not_cost_the_others() -> None:
    reading = read(changed(annotations={"a": 1, "b": "x"}))
    assert reading.event is not None
    assert reading.event.annotations == {"b": "x"}
    assert reading.damaged == ("annotations",)


def test_a_null_is_absent_and_no_damage() -> None:
    reading = read(changed(annotations=None, user=None, requestObject=None), plain=False)
    assert reading.damaged == ()
    assert reading.event is not None
    assert reading.event.requestObject is ABSENT


@pytest.mark.parametrize("value", [b'{"a":"\\ud800"}', b'{"a":NaN}', b'{"a":"\x01"}', b'{"a":"\xff"}'])
def test_a_broken_body_is_mended_and_named(value: bytes) -> None:
    reading = read(raw("requestObject", value))
    assert reading.event is not None
    assert reading.damaged == ("requestObject",)
    msgspec.json.decode(reading.event.requestObject)


def test_a_body_nested_too_deeply_is_dropped_and_the_event_kept() -> None:
    for depth, kept in ((200, True), (201, False), (100_000, False)):
        reading = read(raw("responseObject", b"[" * depth + b"]" * depth))
        assert reading.event is not None
        assert (reading.event.responseObject is not ABSENT) is kept
        assert reading.damaged == (() if kept else ("responseObject",))


def test_repeated_fields_are_named_and_the_last_one_counts() -> None:
    reading = read(raw("user", b'{"username":"\\ud800"},"user":{"username":"eve"}'))
    assert reading.event is not None
    assert reading.event.user == User("eve")
    assert reading.damaged == ("duplicate:user", "duplicate:user")


@pytest.mark.parametrize("member", [b'"verb":"delete"', b'"user":{"username":"eve"}', b'"sourceIPs":["192.0.2.9"]'])
def test_the_plain_decoder_and_the_ladder_take_the_same_of_two_values(member: bytes) -> None:
    line = json.dumps(WHOLE).encode()[:-1] + b"," + member + b"}"
    slow = read(line[:-1] + b',"foreign":"\\ud800"}').event
    quick = STRICT.decode(line)
    assert slow is not None
    assert quick == slow
    assert quick != read(json.dumps(WHOLE).encode()).event


def test_stage_and_level_are_assumed_when_missing() -> None:
    bare = {key: value for key, value in WHOLE.items() if key not in ("stage", "level")}
    reading = read(json.dumps(bare).encode())
    assert reading.event is not None
    assert (reading.event.stage, reading.event.level) == ("ResponseComplete", "Metadata")
    assert reading.assumed == ("stage", "level")
    refused = read(json.dumps({**bare, "responseStatus": {"code": 401}, "requestObject": {}}).encode())
    assert refused.event is not None
    assert (refused.event.stage, refused.event.level) == ("ResponseStarted", "Request")


def test_older_events_take_their_time_from_where_it_is() -> None:
    bare = {key: value for key, value in WHOLE.items() if key != "requestReceivedTimestamp"}
    for older in ({"timestamp": "2018-01-01T00:00:00Z"}, {"metadata": {"creationTimestamp": "2018-01-01T00:00:00Z"}}):
        reading = read(json.dumps({**bare, **older}).encode())
        assert reading.event is not None
        assert reading.event.requestReceivedTimestamp == "2018-01-01T00:00:00Z"
        assert reading.facts.format == "native-log-v1beta1"
        assert reading.facts.derived == ("requestReceivedTimestamp",)


def test_a_timestamp_beside_the_real_one_changes_nothing() -> None:
    reading = read(changed(timestamp="2018-01-01T00:00:00Z"))
    assert reading.event is not None
    assert reading.event.requestReceivedTimestamp == WHOLE["requestReceivedTimestamp"]
    assert reading.facts.format is None


def test_objects_in_strings_are_read_only_where_the_wrapper_puts_them_there() -> None:
    text = changed(user=json.dumps({"username": "ada"}), sourceIPs='["10.0.0.1"]', annotations="")
    reading = read(text, plain=False, nested=True)
    assert reading.event is not None
    assert (reading.event.user, reading.event.sourceIPs, reading.damaged) == (User("ada"), ("10.0.0.1",), ())
    assert "user" in read(text, plain=False).damaged


def test_an_object_is_an_event_by_what_it_says_not_by_its_kind() -> None:
    assert is_event(tree_of(b'{"verb":"get","user":{}}').members)
    assert is_event(tree_of(b'{"auditID":"a","stage":"Panic"}').members)
    assert not is_event(tree_of(b'{"verb":"get"}').members)
    assert not is_event(tree_of(b'{"verb":1,"user":{}}').members)
    assert not is_event(tree_of(b'{"kind":"Event","apiVersion":"audit.k8s.io/v1"}').members)


def test_the_strict_shape_equals_an_event_and_refuses_foreign_keys() -> None:
    assert Strict(auditID="a") == Event(auditID="a")
    assert Event(auditID="a") == Strict(auditID="a")
    assert Strict(auditID="a") != Event(auditID="b")
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"foreign":1}', type=Strict)


def test_a_complete_event_needs_nothing_assumed() -> None:
    assert is_complete(msgspec.convert(WHOLE, Event))
    assert not is_complete(Event(auditID="a"))
    assert not has_body(msgspec.convert(WHOLE, Event))
    assert has_body(msgspec.json.decode(raw("requestObject", b"{}"), type=Event))


def test_lines_that_break_whoever_parses_bodies_later_are_not_sound() -> None:
    assert is_sound('{"a":"é"}'.encode())
    assert not is_sound(b'{"a":"\xff"}')
    assert not is_sound(b"[" * 300 + b"]" * 300)


junk = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 500) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=70, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), junk, max_size=6), st.booleans())
def test_whatever_stands_in_the_fields_the_event_is_read(fields: dict[str, Any], nested: bool) -> None:
    text = json.dumps({**WHOLE, **fields}).encode()
    reading = read(text, plain=not nested, nested=nested)
    signs = {**WHOLE, **fields}
    if isinstance(signs["verb"], str) or isinstance(signs["requestURI"], str):
        assert reading.event is not None


def test_a_code_that_no_server_can_send_is_damage_and_no_code() -> None:
    for code in (b"9" * 400, b"2147483648", b"1e400"):
        reading = read(raw("responseStatus", b'{"code":' + code + b',"reason":"x"}'))
        assert reading.event is not None
        assert reading.event.responseStatus is not None
        assert reading.event.responseStatus.code is None
        assert reading.damaged == ("responseStatus.code",)
