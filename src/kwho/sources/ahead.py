"""Runs an iterator in a thread, a few blocks ahead of its consumer, so that inflating and decoding overlap."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import Empty, Queue
from threading import Event
from typing import Final

DEPTH: Final = 4
"""Blocks that wait at most; with the one in the making and the one in use, memory is `DEPTH` + 2 blocks."""


@contextmanager
def ahead(blocks: Iterator[bytes]) -> Iterator[Iterator[bytes]]:
    """The same blocks, made in a thread that ends with the context; an exception of the maker reaches the consumer."""
    waiting: Queue[bytes | None] = Queue(DEPTH)
    stopped = Event()

    def make() -> None:
        try:
            for block in blocks:
                if stopped.is_set():
                    break
                waiting.put(block)
        finally:
            waiting.put(None)

    def take() -> Iterator[bytes]:
        while (block := waiting.get()) is not None:
            yield block
        made.result()

    with ThreadPoolExecutor(1, thread_name_prefix="inflate") as threads:
        made = threads.submit(make)
        try:
            yield take()
        finally:
            stopped.set()
            _empty(waiting)  # room for the block whose `put` waits and for the end mark


def _empty(waiting: "Queue[bytes | None]") -> None:
    while True:
        try:
            waiting.get_nowait()
        except Empty:
            return
