"""What an interrupt does: it is noted, and heeded where what is being done can end without harm.

That is while more is waited for or read: there it ends the reading at once. One that comes before, or while what was
read is taken in, ends it when that is done; one that comes while the answer is made changes nothing but the exit code.
A second one ends the run at once. SIGTERM counts as one.
"""

import signal
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from types import FrameType
from typing import Final, TypeVar

T = TypeVar("T")


class Interrupted(KeyboardInterrupt):
    """The first interrupt, where it may end what is being done."""


Handler = Callable[[int, FrameType | None], object] | signal.Handlers
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """The interrupts of this process; only its main thread may ask."""

    def __init__(self) -> None:
        self._noted = False
        self._held = False
        self.open = _Open(self)
        """A context in which an interrupt raises `Interrupted`, also one that was noted before.

        They must be held, and are held again when it is left, however that comes about.
        """

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
        with closing(found), suppress(Interrupted):
            while True:
                with self.open:
                    item = next(found, None)
                if item is None:
                    break
                yield item

    def ignore(self) -> None:
        """From now on nothing happens: the process is ending anyway, and has told what it can."""
        self._handle(signal.SIG_IGN)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        if self._noted:
            raise KeyboardInterrupt
        self._noted = True
        if not self._held:
            self._stop()

    def _stop(self) -> None:
        self._held = True
        raise Interrupted

    def _handle(self, handler: Handler) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                signal.signal(number, handler)


class _Open:
    """See `Interrupts.open`; it may be entered again and again."""

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts

    def __enter__(self) -> None:
        self._interrupts._held = False
        if self._interrupts._noted:
            self._interrupts._stop()

    def __exit__(self, *_: object) -> None:
        self._interrupts._held = True


INTERRUPTS: Final = Interrupts()
