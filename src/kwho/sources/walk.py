"""From paths to inputs: files, directories, patterns, stdin and pipes, each once; what cannot be read is named.

Memory: the names of one directory per level at a time, and two integers for every file and directory seen.
"""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from fnmatch import translate
from typing import Final

from kwho.inflate import Inflater, sniff
from kwho.sources.family import family_of, seniority
from kwho.sources.input import STDIN, Input, Unreadable, reason

_MAGIC: Final = re.compile(r"[*?[]")
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_FOREIGN: Final = (
    (re.compile(rb"BZh[1-9]1AY&SY"), "bzip2"),
    (re.compile(rb"\xfd7zXZ\0"), "xz"),
    (re.compile(rb"PK\x03\x04"), "zip"),
    (re.compile(rb"7z\xbc\xaf\x27\x1c"), "7z"),
    (re.compile(rb"\x04\x22\x4d\x18"), "lz4"),
    (re.compile(rb"(?=[^\0]{1,110}\0).{257}ustar", re.DOTALL), "tar"),  # NUL: no client can put it into a log
)
_HEAD: Final = 1 << 9
_PACKED_HEAD: Final = 1 << 18  # a block of zstd, 128 KiB, must be there whole before any byte comes out
_KINDS: Final = ((stat.S_ISSOCK, "a socket"), (stat.S_ISBLK, "a block device"))


def discover(paths: Sequence[str]) -> Iterator[Input | Unreadable]:
    """Every input behind `paths`, in the order given; directories are walked in name order, rotated logs oldest first.

    Each regular file, pipe and stdin comes once, under the first path that led to it (hard and symbolic links are
    followed, loops end). Sockets, pipes and devices count only when they are named themselves. A pattern (`*`, `?`,
    `[…]`, `**`) is tried where no file of that very name exists. Archives other than gzip and zstd are not read.
    """
    walk = _Walk()
    for path in paths:
        yield from walk.given(path)


class _Walk:
    """What was seen so far: regular files and directories by (device, inode)."""

    def __init__(self) -> None:
        self._files: set[tuple[int, int]] = set()
        self._folders: set[tuple[int, int]] = set()
        self._stdin = False

    def given(self, path: str) -> Iterator[Input | Unreadable]:
        """One path as the user wrote it."""
        if path == STDIN:
            if not self._stdin:
                self._stdin = True
                yield Input(STDIN)
        elif _MAGIC.search(path) and not os.path.lexists(path):
            yield from self._matching(path)
        else:
            yield from self._at(path, named=True)

    def _matching(self, pattern: str) -> Iterator[Input | Unreadable]:
        failures: list[Unreadable] = []
        found = False
        for path in _expand(pattern, failures):
            found = True
            yield from self._at(path, named=False)
        yield from failures
        if not found and not failures:
            yield Unreadable(pattern, "nothing matches this pattern")

    def _at(self, path: str, *, named: bool) -> Iterator[Input | Unreadable]:
        """What stands at `path`; directories are walked without recursion, so that depth is no limit."""
        pending = [path]
        while pending:
            here = pending.pop()
            try:
                status = os.stat(here)
                if stat.S_ISDIR(status.st_mode):
                    if _first(status, self._folders):
                        pending += reversed(_listing(here))
                elif stat.S_ISREG(status.st_mode):
                    if _first(status, self._files):
                        yield _regular(here)
                elif named:
                    yield from self._special(here, status)
            except OSError as error:
                yield Unreadable(here, _why(here, error))
            except ValueError:  # a NUL in the path
                yield Unreadable(here, "not a possible path")
            named = False

    def _special(self, path: str, status: os.stat_result) -> Iterator[Input | Unreadable]:
        for test, name in _KINDS:
            if test(status.st_mode):
                yield Unreadable(path, f"is {name}")
                return
        if _first(status, self._files):
            yield Input(path)


def _first(status: os.stat_result, seen: set[tuple[int, int]]) -> bool:
    identity = (status.st_dev, status.st_ino)
    if identity in seen:
        return False
    seen.add(identity)
    return True


def _listing(folder: str) -> list[str]:
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder), key=seniority)]


def _why(path: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError) and os.path.islink(path):
        return "symbolic link to nothing"
    return reason(error)


def _regular(path: str) -> Input | Unreadable:
    with open(path, "rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        head = file.read(_HEAD)
        compression = sniff(head)
        if compression:
            head = Inflater(compression).feed(head + file.read(_PACKED_HEAD), _HEAD)
    for magic, name in _FOREIGN:
        if magic.match(head):
            return Unreadable(path, f"{name} is not read; unpack it first")
    return Input(
        path,
        family=family_of(path),
        size=status.st_size,
        compression=compression,
        whole=head.startswith(_UTF16),
        identity=(status.st_dev, status.st_ino),
    )


def _expand(pattern: str, failures: list[Unreadable]) -> Iterator[str]:
    """Paths that match, in walking order; `**` stands for any number of directories. Loops of links end."""
    root, rest = ("/", pattern.lstrip("/")) if pattern.startswith("/") else ("", pattern)
    paths: Iterator[str] = iter([root])
    for component in filter(None, rest.split("/")):
        paths = _step(paths, component, failures)
    return paths


def _step(paths: Iterator[str], component: str, failures: list[Unreadable]) -> Iterator[str]:
    matches = re.compile(translate(component)).match
    for path in paths:
        if component == "**":
            yield from _below(path, failures)
        elif not _MAGIC.search(component):
            if os.path.lexists(os.path.join(path, component)):
                yield os.path.join(path, component)
        else:
            yield from (each for each in _names(path, failures) if matches(os.path.basename(each)))


def _names(folder: str, failures: list[Unreadable]) -> list[str]:
    try:
        if folder and not os.path.isdir(folder):
            return []
        listing = _listing(folder or ".")
    except OSError as error:
        failures.append(Unreadable(folder, reason(error)))
        return []
    return listing if folder else [os.path.basename(each) for each in listing]


def _below(path: str, failures: list[Unreadable]) -> Iterator[str]:
    """`path` and every directory below it, each once."""
    seen: set[tuple[int, int]] = set()
    pending = [path]
    while pending:
        here = pending.pop()
        with suppress(OSError):  # it is gone, or a file: nothing stands below it
            status = os.stat(here or ".")
            if stat.S_ISDIR(status.st_mode) and _first(status, seen):
                pending += reversed(_names(here, failures))
                yield here
