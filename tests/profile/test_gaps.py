"""Silences of API servers that otherwise speak all the time."""

from hypothesis import given
from hypothesis import strategies as st

from kwho.profile.gaps import LEAST, TOGETHER, Silence, by_server, find_silences, in_words, is_steady, spoken
from kwho.schema.ledger import Gap


def test_a_silence_amid_steady_speech_is_a_gap() -> None:
    assert list(find_silences({"a": {*range(30), *range(40, 60)}})) == [Silence("a", 30, 39)]
    assert list(find_silences({"a": {*range(30), *range(34, 60)}})) == []


def test_who_stops_or_starts_late_while_others_go_on_is_told() -> None:
    found = list(find_silences({"a": set(range(60)), "b": set(range(20, 40)), None: set(range(60))}))
    assert found == [Silence("b", 0, 19), Silence("b", 40, 59)]


def test_nothing_is_said_about_servers_that_speak_seldom_or_little() -> None:
    assert list(find_silences({"a": set(range(0, 600, 9))})) == []
    assert list(find_silences({"a": {*range(LEAST - 2), 99}, "b": set()})) == []
    assert list(find_silences({})) == []


def test_one_long_silence_does_not_make_a_server_unsteady() -> None:
    assert is_steady([*range(30), *range(500, 530)])
    assert not is_steady([*range(5), *range(100, 105), *range(200, 205), *range(300, 305)])


@given(st.dictionaries(st.sampled_from(["a", "b", None]), st.sets(st.integers(0, 200))))
def test_no_minute_of_a_silence_was_spoken_in(minutes: dict[str | None, set[int]]) -> None:
    for silence in find_silences(minutes):
        assert not minutes[silence.instance].intersection(range(silence.first, silence.last + 1))
        assert silence.last - silence.first >= 4


def servers(**files: set[int]) -> list[list[str]]:
    return sorted(by_server(files))


def test_files_that_hardly_speak_together_are_of_one_server() -> None:
    tail = {41, 58, 73, 99}
    assert servers(aa=set(range(100)), ab=tail | set(range(100, 300)), ac=set(range(240, 500))) == [["aa", "ab", "ac"]]
    assert servers(later=set(range(900, 999)), earlier=set(range(99))) == [["earlier", "later"]]


def test_files_that_speak_together_for_long_are_of_several_servers() -> None:
    apart = {"a": set(range(400)), "b": set(range(400 - TOGETHER, 600))}
    assert servers(**apart) == [["a"], ["b"]]
    assert servers(**apart | {"b": apart["b"] - {399}}) == [["a", "b"]]
    assert servers(**apart, c=set(range(620, 900)), d=set(range(640, 900))) == [["a", "c"], ["b", "d"]]


def test_who_speaks_from_beginning_to_end_continues_nobody() -> None:
    assert servers(a=set(range(60)), b={*range(20), *range(40, 60)}) == [["a"], ["b"]]
    assert servers(a=set(range(60)), b=set(range(20))) == [["a"], ["b"]]
    assert servers(a=set(range(60)), rest={50, 61}) == [["a", "rest"]]
    assert servers(part={1, *range(20, 30)}, other=set(range(20))) == [["other", "part"]]


def test_files_of_several_directories_are_of_several_servers() -> None:
    files = {"x/a": set(range(60)), "y/a": set(range(60, 90)), "x/b": set(range(60, 90))}
    assert sorted(by_server(files)) == [["x/a", "x/b"], ["y/a"]]


def test_what_only_files_tell_is_a_name_where_they_tell_several() -> None:
    assert spoken("a.log", {"a.log"}) is None
    assert spoken("node-1", {"a.log"}) == "node-1"
    assert spoken("a.log", {"a.log", "b.log"}) == spoken("a.log", {"a.log", None}) == "a.log"
    assert spoken(None, {None}) is spoken(None, {"a.log", None}) is None


def test_gaps_in_words_differ_in_the_name_alone() -> None:
    gaps = (Gap("1", "2", "a.log"), Gap("3", "4", "node-1"))
    assert in_words(gaps, {"a.log"}) == (Gap("1", "2", None), gaps[1])
    assert in_words(gaps, ()) == gaps
