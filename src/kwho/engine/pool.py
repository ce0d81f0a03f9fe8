"""Worker processes: how they begin, what they have in common, and which signals they hear."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Final

from kwho.engine.work import begin, compiled

START: Final = "fork" if sys.platform == "linux" else "spawn"
"""How worker processes begin."""
_SEED: Final = "PYTHONHASHSEED"

Pool = Callable[[int, bytes], Executor]
"""Makes an executor of so many workers, each prepared with these settings (see `engine.work.prepare`)."""


def processes(jobs: int, settings: bytes) -> Executor:
    """Worker processes of this machine; on Linux they are copies of this one and need not start from nothing."""
    if sys.platform == "linux":
        compiled(settings)
    return ProcessPoolExecutor(jobs, get_context(START), begin, (settings,))


@contextmanager
def deaf() -> Iterator[None]:
    """Processes that start meanwhile hear no interrupts, not even before they can say so: they are ours to handle."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def seeded(seed: str) -> Iterator[None]:
    """Processes that start meanwhile have one hash seed, so that their request keys are equal."""
    before = os.environ.get(_SEED)
    os.environ[_SEED] = seed
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SEED]
        else:
            os.environ[_SEED] = before
