import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.reports.text import ascii_only, chop, cut, flow, pad, pieces, printable, width_of

HOSTILE = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\x00b\x7fc\x9bd", "a\\x00b\\x7fc\\x9bd"),
        ("two\nlines\r\tand a tab", "two\\x0alines\\x0d\\x09and a tab"),
        ("bidi \u202e\u2066 end", "bidi \\u202e\\u2066 end"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("lines\u2028\u2029", "lines\\u2028\\u2029"),
        ("lone \ud800 half", "lone \\ud800 half"),
        ("tag \U000e0041", "tag \\U000e0041"),
        ("日本語", "日本語"),
    ],
)
def test_what_a_terminal_would_obey_or_hide_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_long_string_is_looked_at_only_so_far_and_its_length_is_told() -> None:
    assert printable("x" * 1_000_000, 10) == "x" * 10 + "… (1,000,000 characters)"


@given(HOSTILE)
@settings(max_examples=60)
def test_printable_text_is_printable_and_stays_as_it_is(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert printable(shown) == shown


@given(HOSTILE)
@settings(max_examples=60)
def test_ascii_only_leaves_nothing_but_ascii(text: str) -> None:
    assert ascii_only(text).isascii()


def test_our_own_signs_have_plain_twins() -> None:
    assert ascii_only("✔ a → b … ▁█") == "ok a -> b .. .#"


def test_wide_characters_count_two_and_marks_none() -> None:
    assert width_of("abc") == 3
    assert width_of("日本") == 4
    assert width_of("e\u0301") == 1


@given(HOSTILE, st.integers(0, 30))
@settings(max_examples=100)
def test_a_cut_never_takes_more_columns_than_it_has(text: str, width: int) -> None:
    assert width_of(cut(printable(text), width)) <= width


def test_a_cut_marks_what_was_left_out_and_tears_no_character() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert cut("日本語テキスト", 6) == "日本…"
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdef", 1, "..") == "."
    assert cut("abc", 0) == ""


def test_a_tower_of_combining_marks_is_cut() -> None:
    assert len(cut("a" + "\u0301" * 10_000, 10)) <= 60


def test_padding_counts_columns() -> None:
    assert pad("日", 4) == "日  "


def test_text_breaks_at_blanks_and_long_words_between_characters() -> None:
    assert pieces("one two three", 7) == ["one two", "three"]
    assert pieces("abcdefghij k", 4) == ["abcd", "efgh", "ij k"]


@given(HOSTILE, st.integers(2, 20))
@settings(max_examples=100)
def test_broken_lines_fit_and_lose_no_word(text: str, width: int) -> None:
    shown = printable(text)
    lines = pieces(shown, width)
    assert all(width_of(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == shown.replace(" ", "")


@given(HOSTILE, st.integers(2, 20))
@settings(max_examples=100)
def test_full_lines_are_the_text(text: str, width: int) -> None:
    shown = printable(text)
    lines = [*chop(shown, width)]
    assert all(width_of(line) <= width for line in lines)
    assert "".join(lines) == shown


def test_no_line_begins_with_a_sign() -> None:
    assert pieces("one · two → three", 8) == ["one ·", "two →", "three"]


def test_a_part_stays_whole_where_a_line_can_hold_it() -> None:
    assert flow(["one two", "three", "four"], 12, "·") == ["one two ·", "three · four"]
    assert flow(["one two three"], 8, "·") == ["one two", "three"]
    assert flow([], 8, "·") == [""]
