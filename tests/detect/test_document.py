"""YAML documents with lines."""

import pytest

from kwho.detect.document import DEEPEST, LONGEST, Document, read_documents
from kwho.errors import InvalidRuleError


def only(text: str) -> Document | InvalidRuleError:
    (found,) = read_documents("r.yaml", text)
    return found


def message(text: str) -> str:
    found = only(text)
    assert isinstance(found, InvalidRuleError)
    return str(found)


def test_every_key_and_item_knows_its_line() -> None:
    document = only("title: t\ndetection:\n  sel:\n    - verb: get\n      user: a\n")
    assert isinstance(document, Document)
    assert document.data["detection"]["sel"][0]["user"] == "a"
    assert document.line("detection", "sel", 0, "user") == 5
    assert document.line("detection", "sel", 0, "nothing", "deeper") == 4
    assert document.line("nothing") == 1


def test_documents_of_one_file_are_read_one_by_one() -> None:
    first, second = read_documents("r.yaml", "title: a\n---\n---\n\ntitle: b\n")
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert (first.data["title"], second.data["title"], second.line()) == ("a", "b", 5)


def test_an_empty_file_holds_no_document() -> None:
    assert list(read_documents("r.yaml", "")) == []
    assert list(read_documents("r.yaml", "# only words\n")) == []


def test_a_key_that_stands_twice_is_refused_with_its_line() -> None:
    assert message("a:\n  b: 1\n  c: 2\n  b: 3\n") == 'r.yaml:4: the key "b" stands twice'


def test_a_refused_document_leaves_the_next_one() -> None:
    first, second = read_documents("r.yaml", "a: 1\na: 2\n---\ntitle: b\n")
    assert isinstance(first, InvalidRuleError)
    assert isinstance(second, Document)


def test_what_is_no_mapping_is_refused() -> None:
    assert message("- a\n- b\n") == "r.yaml:1: a rule is a mapping (title: …), this is none"
    assert "is a mapping" in message("1: a\n")


def test_broken_yaml_is_told_with_its_line() -> None:
    assert message("a: 1\nb: [\n").startswith("r.yaml:3: ")
    assert message("a: 1\nb: \x01\n").startswith("r.yaml:")
    assert message("a: !!python/object:os.system {}\n").startswith("r.yaml:1: ")
    assert message("a: 2026-99-99\n").startswith("r.yaml:1: ")


def test_depth_size_and_aliases_are_bounded() -> None:
    assert f"nested deeper than {DEEPEST} levels" in message("a: " + "[" * 10_000)
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for last, name in zip("abcdef", "bcdefg", strict=True):
        bomb += f"{name}: &{name} [{', '.join(['*' + last] * 9)}]\n"
    assert "more than 50,000 values" in message(bomb)
    assert "at most 2,000,000" in message("a" * (LONGEST + 1))


def test_a_document_that_holds_itself_is_refused() -> None:
    assert message("a: &a\n  b: *a\n") == "r.yaml:1: an alias stands within what it stands for, or is nested too deep"


@pytest.mark.parametrize(("key", "line"), [("id", 2), ("name", 1)])
def test_missing_text_is_refused_by_name(key: str, line: int) -> None:
    document = only("title: t\nid: 5\n")
    assert isinstance(document, Document)
    document.require("title")
    with pytest.raises(InvalidRuleError, match=f"r.yaml:{line}: the rule has no {key}"):
        document.require(key)
