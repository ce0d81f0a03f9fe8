"""Objects stay undecoded until somebody asks."""

from kwho.formats.tree import elements, load, parse, text_of


def test_members_are_read_by_kind_and_absent_when_of_another() -> None:
    tree = parse(b'{"s":"x","o":{"a":"y"},"l":[1,{"k":"z"}],"n":null}')
    assert tree is not None
    assert (tree.text("s"), tree.text("o"), tree.text("none")) == ("x", None, None)
    assert tree.path("o", "a") == "y"
    assert tree.path("s", "a") is None
    assert tree.items("l") == [b"1", b'{"k":"z"}']
    assert tree.items("s") is None
    assert [item.text("k") for item in tree.trees("l")] == ["z"]
    assert (tree.inner("s"), tree.inner("o"), tree.inner("n")) == (b"x", b'{"a":"y"}', None)
    assert "n" in tree
    assert tree.is_text("s")
    assert not tree.is_text("o")


def test_what_msgspec_refuses_is_cut_and_repeated_keys_are_named() -> None:
    tree = parse(b'{"a":"\\ud800","a":"x","b":NaN}')
    assert tree is not None
    assert tree.text("a") == "x"
    assert tree.repeated == ("a",)


def test_only_whole_objects_and_lists_are_loaded() -> None:
    assert load(b'{"a":1} x') is None
    assert load(b"3") is None
    assert load(b" [1]") == [b"1"]
    assert parse(b"[1]") is None
    assert elements(b'["\\ud800"]') == [b'"\\ud800"']


def test_a_lone_surrogate_in_text_is_replaced() -> None:
    assert text_of(b'"\\ud800"') == "�"
    assert text_of(b"3") is None
