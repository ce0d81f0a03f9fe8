"""What an interrupt does: nothing at first, while there is nothing to show; then it ends what is being done.

An interrupt that comes before any reading, or while the answer is being made, is noted and heeded as soon as it can be
told; a second one ends the run at once. SIGTERM counts as one.
"""

import signal
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from types import FrameType
from typing import Final, TypeVar

T = TypeVar("T")

Handler = Callable[[int, FrameType | None], object] | signal.Handlers
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """The interrupts of this process; only its main thread may ask."""

    def __init__(self) -> None:
        self._noted = False
        self._held = False

    def hold(self) -> None:
        """From now on a first interrupt is noted and a second one raises KeyboardInterrupt."""
        self._held = True
        self._handle(self._note)
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    def release(self) -> bool:
        """From now on an interrupt raises KeyboardInterrupt; tells whether one was noted."""
        self._held = False
        self._handle(signal.default_int_handler)
        noted, self._noted = self._noted, False
        return noted

    def heed(self, found: Generator[T, None, None]) -> Iterator[T]:
        """What is found up to an interrupt, which is noted; what was found before is made use of to the end.

        Interrupts must be held.
        """
        with closing(found):
            try:
                while not self._noted:
                    self._held = False
                    item = next(found, None)
                    self._held = True
                    if item is None:
                        break
                    yield item
            except KeyboardInterrupt:
                self._noted = True
            finally:
                self._held = True

    def ignore(self) -> None:
        """From now on nothing happens: the process is ending anyway, and has told what it can."""
        self._handle(signal.SIG_IGN)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        if self._noted or not self._held:
            raise KeyboardInterrupt
        self._noted = True

    def _handle(self, handler: Handler) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                signal.signal(number, handler)


INTERRUPTS: Final = Interrupts()
