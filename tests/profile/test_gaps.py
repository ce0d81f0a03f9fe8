"""Silences of API servers that otherwise speak all the time."""

from hypothesis import given
from hypothesis import strategies as st

from kwho.profile.gaps import LEAST, Silence, find_silences, is_steady


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
