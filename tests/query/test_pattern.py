"""Wildcard patterns."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwho.query.pattern import Wild, escape, fold, literal_of, matcher, parse_pattern, render_pattern

PATTERNS = st.text(st.sampled_from("ab*?\\"), max_size=8)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("abc", "abc", True),
        ("abc", "abcd", False),
        ("a*", "a", True),
        ("a*", "ba", False),
        ("*c", "abc", True),
        ("*b*", "abc", True),
        ("*b*", "ac", False),
        ("a*c", "abbc", True),
        ("a*a", "a", False),
        ("a*b*c", "a-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("a*b*c", "a-x-c", False),
        ("a*b*", "ab", True),
        ("?", "x", True),
        ("?", "", False),
        ("a?c*", "abcd", True),
        ("*b?", "abc", True),
        ("*x?y*z", "..xay..xby.z", True),
        ("*x?y*z", "xz", False),
        ("*x?y*z", "x..yz", False),
        ("*?b*c", "ab..c", True),
        ("a\\*", "a*", True),
        ("a\\*", "ab", False),
        ("a\\\\*", "a\\b", True),
        ("\\d", "\\d", True),
        ("\\", "\\", True),
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
        ("a\n*", "a\nb", True),
        ("a?b", "a\nb", True),
    ],
)
def test_a_pattern_matches_the_whole_text(pattern: str, text: str, found: bool) -> None:
    assert matcher(pattern, cased=True)(text) is found


@given(PATTERNS, st.text(st.sampled_from("ab\\"), max_size=8))
def test_a_pattern_means_what_a_regular_expression_would(pattern: str, text: str) -> None:
    signs = {Wild.ANY: ".*", Wild.ONE: "."}
    source = "".join(signs[part] if isinstance(part, Wild) else re.escape(part) for part in parse_pattern(pattern))
    assert matcher(pattern, cased=True)(text) is (re.fullmatch(source, text, re.DOTALL) is not None)


def test_case_is_folded_on_both_sides_unless_it_counts() -> None:
    assert matcher("SYSTEM:*", cased=False)(fold("system:Masters"))
    assert not matcher("SYSTEM:*", cased=True)("system:masters")


@given(PATTERNS)
def test_a_pattern_survives_reading_and_writing(pattern: str) -> None:
    written = render_pattern(parse_pattern(pattern))
    assert render_pattern(parse_pattern(written)) == written
    assert matcher(written, cased=True)("abab") is matcher(pattern, cased=True)("abab")


@given(st.text())
def test_an_escaped_text_matches_itself_alone(text: str) -> None:
    assert literal_of(escape(text)) == text
    assert matcher(escape(text), cased=True)(text)
    assert not matcher(escape(text), cased=True)(text + "x")


def test_a_pattern_with_wildcards_is_no_literal() -> None:
    assert literal_of("a*") is None
    assert literal_of("a\\?") == "a?"


def test_many_wildcards_cost_no_more_than_the_walk() -> None:
    started = time.process_time()
    assert not matcher("*a" * 40 + "*b", cased=True)("a" * 20_000)
    assert time.process_time() - started < 2
