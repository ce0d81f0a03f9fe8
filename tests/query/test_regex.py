"""Regular expressions by RE2."""

import pytest

from kwho.errors import InvalidQueryError
from kwho.query.regex import LONGEST, compile_regex


def test_an_expression_is_found_anywhere_and_minds_case() -> None:
    assert compile_regex("b+")("abba")
    assert not compile_regex("B")("abba")
    assert compile_regex("(?i)B")("abba")


def test_lone_surrogates_are_looked_at_as_replacement_characters() -> None:
    assert compile_regex("b")("a\ud800b")
    assert compile_regex("a.b")("a\udfffb")
    assert not compile_regex("c")("a\ud800b")


def test_an_expression_that_explodes_elsewhere_is_linear() -> None:
    assert not compile_regex("(a+)+$")("a" * 10_000 + "b")


@pytest.mark.parametrize("pattern", ["(a", "a(?=b)", "(a)\\1", "[z-a]", "a{1000}{1000}", "\ud800"])
def test_a_pattern_that_cannot_run_is_refused_in_words(pattern: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidQueryError, match="is refused"):
        compile_regex(pattern)
    assert capfd.readouterr() == ("", "")


def test_a_pattern_has_a_greatest_length() -> None:
    with pytest.raises(InvalidQueryError, match="4,097 characters"):
        compile_regex("a" * (LONGEST + 1))
