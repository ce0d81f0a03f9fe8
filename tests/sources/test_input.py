import msgspec
import pytest

from kwho.sources.input import Input, Part, Unreadable, reason


def test_the_reason_is_the_word_of_the_operating_system_without_the_path() -> None:
    assert reason(FileNotFoundError(2, "No such file or directory", "secret/path")) == "no such file or directory"
    assert reason(OSError("The disk is gone")) == "the disk is gone"
    assert reason(BlockingIOError()) == "blockingIOError"


@pytest.mark.parametrize("noun", [Input("a.log", "a.log", 5, "gzip"), Part("a.log", 0, None), Unreadable("a", "gone")])
def test_nouns_travel_between_processes(noun: msgspec.Struct) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(noun), type=type(noun)) == noun
