from kwho.state.fact import LONGEST, MOST, Actor, clip, clip_all


def test_hostile_texts_are_cut() -> None:
    assert clip("x" * 9_999) == "x" * LONGEST
    assert clip(None) is None
    assert clip_all(("x" * 9_999,) * 9_999) == ("x" * LONGEST,) * MOST


def test_the_effective_name_is_the_borrowed_one() -> None:
    assert Actor("ana").effective == "ana"
    assert Actor("ana", "root").effective == "root"
