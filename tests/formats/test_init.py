"""Members are found by listing the folder; contexts are shared."""

from kwho.formats import CONTEXT_NATIVE, NOTHING, Facts, context_of, members


def test_members_come_in_order_of_priority_and_include_the_native_format() -> None:
    priorities = [member.priority for member in members()]
    assert priorities == sorted(priorities)
    assert "native-log" in {slug for member in members() for slug in member.formats}


def test_no_format_id_belongs_to_two_members() -> None:
    slugs = [slug for member in members() for slug in member.formats]
    assert len(slugs) == len(set(slugs))


def test_equal_facts_give_the_same_context_in_whatever_order_they_were_told() -> None:
    first = context_of(Facts("x", "c", None, ("b", "a")))
    assert context_of(Facts("x", "c", None, ("a", "b", "a"))) is first
    assert first.derived == ("a", "b")


def test_facts_that_tell_nothing_give_the_native_context() -> None:
    assert context_of(NOTHING) is CONTEXT_NATIVE
    assert context_of(Facts()) is CONTEXT_NATIVE


def test_the_outermost_wrapper_names_the_format_and_the_innermost_the_instance() -> None:
    inner = Facts("inner", None, "node", ("x",), ("y",))
    assert inner.within(Facts("outer", "c", "host", ("z",))) == Facts("outer", "c", "node", ("z", "x"), ("y",))
    assert inner.within(NOTHING) is inner


def test_names_that_an_attacker_makes_long_are_cut() -> None:
    assert len(context_of(Facts("x", "c" * 10_000)).cluster or "") == 253
