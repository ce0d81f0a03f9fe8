"""The URI as the API server reads it."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.schema.event import Event
from kwho.schema.record import Context
from kwho.views import Look, uri


def at(text: str) -> Look:
    return Look(Event(requestURI=text), Context("native"))


def test_the_path_is_decoded_and_the_query_left_out(look_at: Any) -> None:
    assert uri.path(look_at(requestURI="/api/v1/namespaces/a%2Fb/pods?x=/y")) == "/api/v1/namespaces/a/b/pods"
    assert uri.path(look_at(requestURI="/a+b%zz%ff")) == "/a+b%zz\ufffd"
    assert uri.path(look_at(requestURI="https://host:6443/version?x")) == "/version"
    assert uri.path(look_at(requestURI="")) == ""
    assert uri.path(look_at()) is None


def test_every_value_of_a_key_is_kept_in_order(look_at: Any) -> None:
    look = look_at(requestURI="/x?command=a&command=b+c&%63ommand=%64%20e&flag&=v&&")
    assert uri.query(look) == {"command": ("a", "b c", "d e"), "flag": ("",), "": ("v",)}
    assert uri.query_values(look, "command") == ("a", "b c", "d e")
    assert uri.query_values(look, "absent") == ()


def test_pairs_that_the_server_ignores_are_left_out(look_at: Any) -> None:
    assert uri.query(look_at(requestURI="/x?a=%zz&b=1;c=2&d=%4&e=5")) == {"e": ("5",)}


def test_a_question_mark_in_the_query_belongs_to_it(look_at: Any) -> None:
    assert uri.query(look_at(requestURI="/x?a=b?c=d#e")) == {"a": ("b?c=d#e",)}


def test_bytes_that_are_no_text_are_replaced(look_at: Any) -> None:
    assert uri.query_values(look_at(requestURI="/x?a=%ff%00"), "a") == ("\ufffd\x00",)
    assert uri.query_values(at("/x?a=\ud800"), "a") == ("\ufffd\ufffd\ufffd",)


def test_the_number_of_pairs_is_bounded(look_at: Any) -> None:
    look = look_at(requestURI="/x?" + "a=1&" * (uri.MAX_PAIRS * 2))
    assert len(uri.query_values(look, "a")) == uri.MAX_PAIRS


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/nodes/n1/proxy/run/ns/pod/c", "run/ns/pod/c"),
        ("/api/v1/nodes/n1/proxy//exec/ns", "exec/ns"),
        ("/api/v1/nodes/n1/proxy/%65xec/a?command=b", "exec/a"),
        ("/api/v1/nodes/n1:10250/proxy/metrics", "metrics"),
        ("/api/v1/nodes/n1/proxy", ""),
        ("/api/v1/nodes/n1/proxy/", ""),
        ("/api/v1/nodes/n1/proxy/a/b/c/d/e/f/g", "a/b/c/d/e/f/g"),
        ("/api/v1/namespaces/a/services/https:web:443/proxy/login/x/y", "login/x/y"),
        ("/api/v1/namespaces/a/pods/p/proxy/debug", "debug"),
        ("/api/v1/namespaces/proxy/pods/proxy/log", None),
        ("/api/v1/namespaces/a/secrets/p/proxy/debug", None),
        ("/api/v1/nodes/proxy", None),
        ("/api/v1/nodes", None),
        ("/version", None),
    ],
)
def test_the_proxied_path_stands_behind_the_subresource(look_at: Any, path: str, expected: str | None) -> None:
    assert uri.proxied_path(look_at(requestURI=path)) == expected


def test_without_a_uri_nothing_is_proxied(look_at: Any) -> None:
    assert uri.proxied_path(look_at()) is None


@given(st.dictionaries(st.text(max_size=6), st.lists(st.text(max_size=6), min_size=1, max_size=3), max_size=4))
@settings(max_examples=50)
def test_what_was_encoded_is_read(look_at: Any, pairs: dict[str, list[str]]) -> None:
    encoded = urlencode([(key, value) for key, values in pairs.items() for value in values])
    assert uri.query(look_at(requestURI=f"/x?{encoded}")) == {key: tuple(values) for key, values in pairs.items()}


@given(st.text(alphabet=st.characters() | st.characters(categories=["Cs"]), max_size=40))
@settings(max_examples=50)
def test_any_uri_is_survived(text: str) -> None:
    look = at(text)
    uri.path(look), uri.query(look), uri.proxied_path(look)
