import threading
from collections.abc import Iterator

import pytest

from kwho.sources.ahead import DEPTH, ahead


def test_blocks_arrive_in_order() -> None:
    blocks = [b"%d" % number for number in range(100)]
    with ahead(iter(blocks)) as taken:
        assert list(taken) == blocks


def test_the_maker_is_only_a_few_blocks_ahead_and_ends_with_the_context() -> None:
    made = 0

    def endless() -> Iterator[bytes]:
        nonlocal made
        while True:
            made += 1
            yield b"x"

    before = threading.active_count()
    with ahead(endless()) as taken:
        assert [next(taken) for _ in range(10)] == [b"x"] * 10
    assert threading.active_count() == before
    assert made <= 10 + DEPTH + 3


def test_a_context_that_takes_nothing_ends() -> None:
    with ahead(iter([b"x"] * 100)):
        pass


def test_an_exception_of_the_maker_reaches_the_consumer_after_the_blocks_before_it() -> None:
    def failing() -> Iterator[bytes]:
        yield b"good"
        raise OSError("the disk is gone")

    with ahead(failing()) as taken:
        assert next(taken) == b"good"
        with pytest.raises(OSError, match="the disk is gone"):
            next(taken)


def test_an_exception_of_the_consumer_ends_the_maker() -> None:
    def consume() -> None:
        with ahead(iter([b"x"] * 1000)) as taken:
            next(taken)
            raise RuntimeError

    before = threading.active_count()
    with pytest.raises(RuntimeError):
        consume()
    assert threading.active_count() == before
