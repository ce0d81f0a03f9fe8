"""Programs of the lab: each in its own process group, stopped by its id, its output in a file."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path


class Program:
    """One running program."""

    def __init__(
        self, name: str, command: Sequence[str | Path], folder: Path, env: dict[str, str] | None = None
    ) -> None:
        self.name = name
        self.output = folder / f"{name}.out"
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=os.environ | (env or {}),
            )

    @property
    def pid(self) -> int:
        """The id of the process, which is the id of its group too."""
        return self._process.pid

    def check(self) -> None:
        """Raise RuntimeError with the end of its output when the program has ended by itself."""
        if self._process.poll() is not None:
            tail = self.output.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise RuntimeError(f"{self.name} ended with {self._process.returncode}:\n{tail}")

    def stop(self, patience: float = 20.0) -> None:
        """Ask the group to end, wait, and end it by force after `patience` seconds."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if self._process.poll() is not None:
                return
            try:
                os.killpg(self.pid, sign)
                self._process.wait(patience)
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue

    def kill(self) -> None:
        """End the group at once, as a crash would."""
        if self._process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait(20)


def wait_for(what: str, ready: Callable[[], bool], seconds: float, *programs: Program, pause: float = 0.1) -> None:
    """Wait until `ready` says so; raises TimeoutError, or RuntimeError when one of `programs` ended meanwhile."""
    end = time.monotonic() + seconds
    while not ready():
        for program in programs:
            program.check()
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not ready after {seconds:.0f} s")
        time.sleep(pause)
