import codecs
import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.reports.command import LONGEST, Asked, typed

HOSTILE = st.text(alphabet=st.characters(exclude_categories=()), max_size=30)


def read_back(word: str) -> bytes:
    """What bash, zsh and ksh make of a word."""
    if word.startswith("$'"):
        return codecs.escape_decode(word[2:-1].encode())[0]
    (told,) = shlex.split(word)
    return told.encode("utf-8", "surrogateescape")


@given(HOSTILE)
@settings(max_examples=200)
def test_a_word_is_one_printable_word_that_a_shell_reads_back(text: str) -> None:
    word = typed(text)
    assert word.isprintable()
    try:
        given_ = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return  # no command line holds such a word
    assert read_back(word) == given_


@pytest.mark.parametrize(
    ("word", "shown"),
    [("a.log", "a.log"), ("my log", "'my log'"), ("a\x1b'b", "$'a\\x1b\\x27b'"), ("x\udcff", "$'x\\xff'"), ("", "''")],
)
def test_words_are_quoted_as_needed(word: str, shown: str) -> None:
    assert typed(word) == shown


def test_a_word_that_no_command_line_can_hold_is_printable_all_the_same() -> None:
    assert typed("\ud800") == "$'\\xed\\xa0\\x80'"


def test_a_path_is_no_option() -> None:
    assert typed("-x", path=True) == "./-x"
    assert typed("-user:x") == "-user:x"


def test_each_command_takes_the_options_that_it_knows() -> None:
    options = (("--since", "2026-01-05T00:00:00Z"), ("--rules", "own"), ("--policy", "p"), ("--show-excluded", None))
    asked = Asked(("a",), options)
    assert asked.story("i-1") == "kwho story i-1 a --since 2026-01-05T00:00:00Z --rules own"
    assert asked.show("f-1") == "kwho scan a --since 2026-01-05T00:00:00Z --rules own --show-excluded --show f-1"
    assert asked.blind() == "kwho rules blind a --rules own --policy p"
    assert Asked(("a",), (("--disable", "own"),)).blind() == "kwho rules blind a --disable own"
    assert asked.rule("abc") == "kwho rules show abc --rules own"
    assert asked.page().endswith("--policy p --show-excluded --out html=report.html")


def test_what_is_too_long_to_paste_is_named_by_a_word() -> None:
    many = Asked(tuple(f"{number}.log" for number in range(1_000)), (("--cluster", "a"),))
    assert many.story("i-1") == "kwho story i-1 PATH --cluster a"
    endless = Asked(("a",), (("--where", "x" * LONGEST),))
    assert endless.story("i-1") == "kwho story i-1 PATH OPTIONS"
    assert endless.show("f-1") == "kwho scan PATH OPTIONS --show f-1"
    assert endless.blind() == "kwho rules blind a"
    assert endless.unsaid(endless.story("i-1")) == "PATH and OPTIONS: as given to this scan"


def test_standard_input_cannot_be_read_twice() -> None:
    piped = Asked(("-", "a"))
    assert piped.story("i-1") == "kwho story i-1 PATH"
    assert piped.unsaid(piped.story("i-1")).startswith("PATH: the log kept in a file")
    assert piped.unsaid("kwho story i-1 a") == ""
