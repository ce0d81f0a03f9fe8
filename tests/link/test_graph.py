"""A forest: joins of two trees keep their reason, joins within a tree leave nothing."""

from hypothesis import given
from hypothesis import strategies as st

from kwho.link.graph import Forest, Tie


def test_only_what_joins_two_trees_is_kept() -> None:
    forest = Forest(4)
    assert forest.tie(Tie(2, 0, "a", "first"))
    assert forest.tie(Tie(3, 2, "b", "second"))
    assert not forest.tie(Tie(3, 0, "c", "third"))
    assert [tie.kind for tie in forest.ties] == ["a", "b"]
    assert forest.trees() == {0: [0, 2, 3], 1: [1]}
    assert forest.root(3) == 0


PAIRS = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=40)


@given(PAIRS, st.randoms(use_true_random=False))
def test_trees_do_not_depend_on_the_order_of_joins(pairs: list[tuple[int, int]], random: object) -> None:
    one, other = Forest(20), Forest(20)
    shuffled = list(pairs)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random
    for forest, order in ((one, pairs), (other, shuffled)):
        for pair in order:
            forest.join(*pair)
    assert one.trees() == other.trees()
    assert sorted(at for tree in one.trees().values() for at in tree) == list(range(20))
