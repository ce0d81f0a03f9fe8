"""What several parts told, once they are merged: which files stand for one API server."""

from collections import Counter

from kwho.kernel.journal import Sighting
from kwho.kernel.partial import Partial
from kwho.kernel.witness import Leap, Ticking
from kwho.schema.record import Context

FIRST, SECOND = set(range(100)), set(range(95, 200))


def united(minutes: dict[str | None, set[int]], *named: str) -> dict[str | None, set[int]]:
    partial = Partial(minutes=minutes, contexts=Counter(Context("syslog", instance=name) for name in named))
    partial.unite()
    return partial.minutes


def test_files_that_continue_each_other_are_one_server_without_a_name() -> None:
    assert united({"a": set(FIRST), "b": set(SECOND)}) == {None: FIRST | SECOND}
    assert united({"a": set(FIRST)}) == {None: FIRST}
    assert united({}) == {}


def test_a_server_that_a_wrapper_names_keeps_its_name_and_its_minutes() -> None:
    assert united({"a": set(FIRST), "b": set(SECOND)}, "b") == {None: FIRST, "b": SECOND}
    assert united({"a": set(FIRST), "b": set(SECOND)}, "a", "b") == {"a": FIRST, "b": SECOND}


def test_servers_without_a_name_are_called_by_a_file_where_there_are_several() -> None:
    assert united({"a": set(FIRST), None: set(FIRST)}) == {"a": FIRST, None: FIRST}
    assert united({"x/b": set(FIRST), "x/a": set(SECOND), "y/c": set(FIRST)}) == {"x/a": FIRST | SECOND, "y/c": FIRST}


def test_clocks_are_those_of_the_servers() -> None:
    partial = Partial(minutes={"a": set(FIRST), "b": set(SECOND)})
    for number, family in enumerate(("a", "b")):
        leap = Leap(-9, Sighting(number, number, 3, 0, 0, number, 0, 1, None, None))
        partial.witness.leap(Ticking(1, True, None, None, family), leap)
    partial.unite()
    ((ticking, leaps),) = partial.witness.leaps.items()
    assert (ticking.family, len(leaps)) == (None, 2)
