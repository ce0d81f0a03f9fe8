"""Folders for a run's own files, removed at its end; what a killed run left behind is removed by the next one.

A folder belongs to a living run as long as its lock is held. The system lets go of the lock however a process ends, so
a folder whose lock can be taken has no owner. Only folders of this user that hold such a lock are looked at: a
directory that everybody may write to is full of other people's names.
"""

import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Final

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows: nothing that is left behind is removed
    fcntl = None

PREFIX: Final = "kwho-"
MOST_SWEPT: Final = 1_000
"""Folders that are looked at in one go."""
NAMES: Final = ("TMPDIR", "TEMP", "TMP")
"""Variables that name the directory for temporary files; the first that is set counts."""
_LOCK: Final = "lock"


class Scratch:
    """One folder, in the directory for temporary files; `close` removes it. A full disk is an `OSError`.

    So is a directory that the user chose and that cannot be used: what is on a disk is never put on another.
    """

    def __init__(self) -> None:
        sweep()
        name, place = _place()
        try:
            self.path = tempfile.mkdtemp(prefix=PREFIX, dir=place)
        except OSError as error:
            told = f"{error.strerror}; {name} names this directory for temporary files" if name else error.strerror
            raise OSError(error.errno, told, place) from None
        self._lock = _locked(self.path)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def sweep() -> None:
    """Remove the folders of runs that were killed."""
    if fcntl is None:
        return
    with suppress(OSError), os.scandir(_place()[1]) as entries:
        named = (entry for entry in entries if entry.name.startswith(PREFIX))
        for entry, _ in zip(named, range(MOST_SWEPT), strict=False):
            if entry.is_dir(follow_symlinks=False) and _is_orphan(entry.path):
                shutil.rmtree(entry.path, ignore_errors=True)


def _place() -> tuple[str, str]:
    """The variable that names the directory for temporary files, and that directory; without one that of the system."""
    for name in NAMES:
        if chosen := os.environ.get(name):
            return name, os.path.abspath(chosen)
    return "", tempfile.gettempdir()


def _locked(folder: str) -> int | None:
    """Hold the lock of a folder; it gets its name only once it is held, so that nobody finds it free."""
    if fcntl is None:
        return None
    path = Path(folder, f"{_LOCK}-{os.getpid()}")
    lock = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    with suppress(OSError):  # a file system without locks: then nothing is swept, either
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.rename(Path(folder, _LOCK))
    return lock


def _is_orphan(folder: str) -> bool:
    """True when the folder is this user's, has a lock, and nobody holds it."""
    assert fcntl is not None
    try:
        if os.stat(folder, follow_symlinks=False).st_uid != os.getuid():
            return False
        lock = os.open(Path(folder, _LOCK), os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        if not stat.S_ISREG(os.fstat(lock).st_mode):
            return False
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(lock)
