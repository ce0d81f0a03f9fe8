"""Bodies: decoded once, bounded, never an error."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.views import body
from kwho.views.body import Concern

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def raw(text: bytes) -> msgspec.Raw:
    return msgspec.Raw(text)


def test_no_body_is_no_value() -> None:
    assert body.decode(raw(b"")) is None


@given(JSON)
@settings(max_examples=50)
def test_what_was_encoded_is_decoded(value: Any) -> None:
    assert body.decode(raw(json.dumps(value).encode())) == value


@given(st.binary(max_size=60))
@settings(max_examples=100)
def test_any_bytes_decode_to_something(text: bytes) -> None:
    body.decode(raw(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'"\\ud800x"', "\ud800x"),
        (b'"a\x01b"', "a\x01b"),
        (b'"\xff"', "�"),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b"[1e999]", [float("inf")]),
        (b"9007199254740993", 9007199254740993),
    ],
)
def test_what_a_strict_decoder_refuses_is_read_as_well_as_possible(text: bytes, value: object) -> None:
    assert body.decode(raw(text)) == value


def test_a_number_too_long_to_convert_stays_text() -> None:
    assert body.decode(raw(b"1" * 5_000)) == "1" * 5_000


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"a":' * 5_000, b"not json", b'{"a":1} x'])
def test_what_nothing_can_read_is_absent(text: bytes) -> None:
    assert body.decode(raw(text)) is None


def test_a_created_object_is_what_the_client_sent(look_at: Any) -> None:
    look = look_at(verb="create", requestObject={"kind": "Pod", "a": 1}, responseObject={"metadata": {}, "a": 2})
    assert body.written(look) == ({"kind": "Pod", "a": 1}, "requestObject")


def test_a_created_object_without_request_body_is_what_came_back(look_at: Any) -> None:
    look = look_at(verb="create", responseObject={"metadata": {"name": "x"}})
    assert body.written(look) == ({"metadata": {"name": "x"}}, "responseObject")


@pytest.mark.parametrize("verb", ["get", "list", "watch", "delete", "deletecollection", None])
def test_reads_and_deletions_write_nothing(look_at: Any, verb: str | None) -> None:
    look = look_at(verb=verb, requestObject={"kind": "DeleteOptions"}, responseObject={"metadata": {}})
    assert body.written(look) is None
    assert body.written_object(look) == {}


def test_a_list_of_objects_is_no_object(look_at: Any) -> None:
    assert body.written(look_at(verb="create", requestObject={"kind": "List", "items": []})) is None


def test_a_kind_whose_name_ends_in_list_is_an_object(look_at: Any) -> None:
    assert body.written(look_at(verb="create", requestObject={"kind": "AllowList", "spec": {}})) is not None


def test_a_patch_is_judged_by_the_whole_object(look_at: Any) -> None:
    look = look_at(verb="patch", requestObject={"spec": 1}, responseObject={"metadata": {}, "spec": 2})
    assert body.written(look) == ({"metadata": {}, "spec": 2}, "responseObject")


@pytest.mark.parametrize("kind", ["Table", "Status", "PartialObjectMetadata"])
def test_a_partial_answer_leaves_the_patch_to_speak(look_at: Any, kind: str) -> None:
    look = look_at(verb="patch", requestObject={"spec": 1}, responseObject={"kind": kind, "metadata": {}})
    assert body.written(look) == ({"spec": 1}, "patch")


def test_a_patch_without_any_body_writes_nothing_known(look_at: Any) -> None:
    assert body.written(look_at(verb="patch")) is None
    assert body.written(look_at(verb="patch", requestObject="x")) is None


def patched(look_at: Any, *operations: Any) -> Any:
    return body.written_object(look_at(verb="patch", requestObject=list(operations)))


def test_a_json_patch_is_rebuilt_from_paths_and_values(look_at: Any) -> None:
    path = "/spec/template/spec/containers/0/securityContext"
    found = patched(look_at, {"op": "add", "path": path, "value": {"privileged": True}})
    assert found == {"spec": {"template": {"spec": {"containers": [{"securityContext": {"privileged": True}}]}}}}


def test_operations_on_one_container_meet_in_it(look_at: Any) -> None:
    found = patched(
        look_at,
        {"op": "add", "path": "/spec/containers/0/stdin", "value": True},
        {"op": "replace", "path": "/spec/containers/0/tty", "value": True},
        {"op": "add", "path": "/spec/containers/-", "value": {"name": "b"}},
        {"op": "add", "path": "/spec/containers/-", "value": {"name": "c"}},
    )
    assert found == {"spec": {"containers": [{"stdin": True, "tty": True}, {"name": "b"}, {"name": "c"}]}}


def test_a_later_operation_reaches_into_an_earlier_value(look_at: Any) -> None:
    found = patched(
        look_at,
        {"op": "add", "path": "/rules", "value": [{"verbs": ["get"]}]},
        {"op": "add", "path": "/rules/0/verbs/-", "value": "list"},
        {"op": "add", "path": "/rules/0/1", "value": "odd"},
    )
    assert found == {"rules": [{"verbs": ["get", "list"], "1": "odd"}]}


def test_tests_removals_and_nonsense_in_a_json_patch_say_nothing(look_at: Any) -> None:
    found = patched(
        look_at,
        {"op": "test", "path": "/a", "value": 1},
        {"op": "remove", "path": "/b"},
        {"op": "add", "path": 7, "value": 1},
        "nonsense",
        None,
    )
    assert found == {}


def test_a_json_patch_of_the_root_is_the_object(look_at: Any) -> None:
    found = patched(
        look_at, {"op": "replace", "path": "", "value": {"a": {"0": 1}}}, {"op": "add", "path": "/a~1b~0", "value": 2}
    )
    assert found == {"a": {"0": 1}, "a/b~": 2}
    assert patched(look_at, {"op": "replace", "path": "", "value": 5}) == {}


@given(
    st.lists(
        st.fixed_dictionaries(
            {"op": st.just("add"), "path": st.from_regex(r"(/(a|b|0|1|-)){0,4}", fullmatch=True), "value": JSON}
        ),
        max_size=6,
    )
)
@settings(max_examples=100)
def test_any_json_patch_is_survived(operations: list[Any]) -> None:
    body._fragment(operations)


PODS = Concern(frozenset({"pods"}), frozenset({""}), frozenset({"Pod"}))


def test_an_event_concerns_its_resource_in_its_group_without_subresource(look_at: Any) -> None:
    assert body.concerns(look_at(objectRef={"resource": "pods"}), PODS)
    assert not body.concerns(look_at(objectRef={"resource": "pods", "subresource": "status"}), PODS)
    assert not body.concerns(look_at(objectRef={"resource": "pods", "apiGroup": "example.com"}), PODS)


def test_without_a_reference_the_kind_of_the_body_decides(look_at: Any) -> None:
    assert body.concerns(look_at(verb="create", requestObject={"kind": "Pod"}), PODS)
    assert not body.concerns(look_at(verb="create", requestObject={"kind": ["Pod"]}), PODS)


def test_a_path_is_flattened_through_lists() -> None:
    root: Any = {"spec": {"rules": [{"host": "a"}, {"host": ["b", [None, 1.5]]}, 3]}}
    assert body.leaves(root, "spec.rules.host") == ["a", "b", None, "1.5"]


def test_a_key_may_contain_dots() -> None:
    root: Any = {"labels": {"app.kubernetes.io/name": "x", "app": {"kubernetes": {"io/name": "y"}}}}
    assert sorted(map(str, body.leaves(root, "labels.app.kubernetes.io/name"))) == ["x", "y"]


def test_an_object_at_the_end_of_a_path_is_its_text() -> None:
    assert body.leaves({"a": {"b": {"c": 1}}}, "a.b") == ['{"c":1}']
    assert body.leaves({"a": {}}, "a.b") == []
    assert body.leaves({"a": []}, "a") == []


def test_the_values_that_one_path_touches_are_bounded() -> None:
    assert len(body.leaves({"a": list(range(body.MAX_VISITS * 2))}, "a")) < body.MAX_VISITS


@given(JSON, st.text(max_size=8))
@settings(max_examples=50)
def test_any_path_of_any_value_is_survived(root: Any, path: str) -> None:
    body.leaves(root, path)


def test_what_cannot_be_written_renders_as_nothing() -> None:
    deep: Any = []
    for _ in range(50_000):
        deep = [deep]
    assert body.render(deep) == ""
    assert body.render("\ud800") == '"\\ud800"'
    while deep:
        deep = deep.pop()


def test_accessors_pass_over_other_types() -> None:
    assert body.mapping({"a": [1]}, "a", "b") == {}
    assert body.items("x") == []
    assert list(body.mappings([1, {"a": 1}])) == [{"a": 1}]
    assert body.texts(["a", 1, None]) == ("a",)
    assert body.text(1) is None
    assert body.pairs({"a": "b", "c": 1}) == ("a=b",)
    assert body.pairs(["a"]) == ()
