"""The words of a query."""

import pytest

from kwho.errors import InvalidQueryError
from kwho.query.lexer import LONGEST, Piece, Token, tokens


def test_terms_parentheses_and_words_are_told_with_their_positions() -> None:
    assert list(tokens("-(verb:get,list) foo")) == [
        Token("minus", 0),
        Token("open", 1),
        Token("compare", 2, "verb", ":", (Piece("get", False, 7), Piece("list", False, 11))),
        Token("close", 15),
        Token("word", 17, values=(Piece("foo", False, 17),)),
    ]


@pytest.mark.parametrize(
    ("text", "name", "operator", "values"),
    [
        ("verb!=get", "verb", "!=", ["get"]),
        ("code>=400", "code", ">=", ["400"]),
        ("code<400", "code", "<", ["400"]),
        ("user:system:serviceaccount:a:b", "user", ":", ["system:serviceaccount:a:b"]),
        ('user:"a b","c"', "user", ":", ["a b", "c"]),
        ("user:'a \"b\"'", "user", ":", ['a "b"']),
        ('user:"a\\"b\\\\c\\*"', "user", ":", ['a"b\\c\\*']),
        ("ua~^(a|b)c{1,2}$", "ua", "~", ["^(a|b)c{1,2}$"]),
        ("ua~a\\)b", "ua", "~", ["a\\)b"]),
        ("(ua~a)", "ua", "~", ["a"]),
        ("ip in 10.0.0.0/8,::1", "ip", "in", ["10.0.0.0/8", "::1"]),
        ("ip IN ::1", "ip", "in", ["::1"]),
        ('"annotations.odd:key":x', "annotations.odd:key", ":", ["x"]),
        ('"odd:key"|cased:x', "odd:key|cased", ":", ["x"]),
        ("|contains:x", "|contains", ":", ["x"]),
        ('ns:""', "ns", ":", [""]),
    ],
)
def test_a_comparison_is_a_name_an_operator_and_values(text: str, name: str, operator: str, values: list[str]) -> None:
    (found,) = (token for token in tokens(text) if token.kind == "compare")
    assert (found.name, found.operator, [piece.text for piece in found.values]) == (name, operator, values)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("verb:", "character 6: a value is missing"),
        ("verb:get,", "character 10: a value is missing"),
        ("verb:(get)", "character 6: values are listed with"),
        (", verb:get", 'character 1: a "," stands between'),
        ('user:"a', "character 6: this quote is never closed"),
        ('user:"a"b', "character 9: a blank is missing"),
        ('user:a"b"', "character 7: a quote opens within a word"),
        ("user~ a", "character 6: a regular expression is missing"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(InvalidQueryError) as told:
        list(tokens(text))
    assert str(told.value).startswith(message)


def test_joining_words_do_not_take_ranges() -> None:
    assert [token.kind for token in tokens("not in x")] == ["word", "word", "word"]


def test_a_query_has_a_greatest_length() -> None:
    with pytest.raises(InvalidQueryError, match="at most 65,536"):
        list(tokens("a" * (LONGEST + 1)))


def test_blanks_alone_are_no_token() -> None:
    assert list(tokens(" \n\t")) == []
