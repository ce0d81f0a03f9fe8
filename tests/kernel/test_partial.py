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


def test_files_that_continue_each_other_are_one_server_called_by_the_first() -> None:
    assert united({"b": set(FIRST), "a": set(SECOND)}) == {"a": FIRST | SECOND}
    assert united({"a": set(FIRST)}) == {"a": FIRST}
    assert united({}) == {}
    assert united({"x/b": set(FIRST), "x/a": set(SECOND), "y/c": set(FIRST)}) == {"x/a": FIRST | SECOND, "y/c": FIRST}


def test_a_server_that_a_wrapper_names_keeps_its_name_and_its_minutes() -> None:
    assert united({"a": set(FIRST), "b": set(SECOND)}, "b") == {"a": FIRST, "b": SECOND}
    assert united({"a": set(FIRST), "b": set(SECOND)}, "a", "b") == {"a": FIRST, "b": SECOND}


def test_streams_alone_have_no_name() -> None:
    assert united({"a": set(FIRST), None: set(FIRST)}) == {"a": FIRST, None: FIRST}


def test_it_is_known_which_servers_no_wrapper_names() -> None:
    contexts = Counter((Context("native"), Context("syslog", instance="node-1")))
    partial = Partial(minutes={name: set(FIRST) for name in ("a", "node-1", None)}, contexts=contexts)
    partial.unite()
    assert partial.unnamed == {"a", None}


def test_clocks_are_those_of_the_servers() -> None:
    partial = Partial(minutes={"a": set(FIRST), "b": set(SECOND)})
    for number, family in enumerate(("a", "b")):
        leap = Leap(-9, Sighting(number, number, 3, 0, 0, number, 0, 1, None, None))
        partial.witness.leap(Ticking(1, True, None, None, family), leap)
    partial.unite()
    ((ticking, leaps),) = partial.witness.leaps.items()
    assert (ticking.family, len(leaps)) == ("a", 2)
