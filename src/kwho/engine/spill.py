"""Where the key columns of the parts rest until the end: in memory when they are few, else in files of this scan."""

import os
from pathlib import Path
from typing import Final

import msgspec

from kwho.kernel.columns import PARTITIONS, Columns
from kwho.kernel.partial import PartKey


class Spilled(msgspec.Struct, frozen=True):
    """Columns in a spill file: where they begin, and where each partition and the table end."""

    path: str
    start: int
    ends: tuple[int, ...]


class Spill:
    """One file that a worker appends columns to. A full disk is an `OSError` that names the file."""

    def __init__(self, folder: str) -> None:
        self._path = Path(folder) / f"columns-{os.getpid()}"

    def put(self, columns: Columns) -> Spilled:
        """Write columns and tell where they are."""
        ends = []
        try:
            with self._path.open("ab") as file:
                start = end = file.tell()
                file.write(b"".join((*columns.partitions, columns.table)))
                for piece in (*columns.partitions, columns.table):
                    end += len(piece)
                    ends.append(end)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self._path)) from None
        return Spilled(str(self._path), start, tuple(ends))


class Shelf:
    """The columns of all accepted parts, wherever they are."""

    def __init__(self) -> None:
        self._held: dict[PartKey, Columns | Spilled] = {}
        self._files: dict[str, int] = {}

    def put(self, part: PartKey, columns: Columns | Spilled) -> None:
        """Keep the columns of one part."""
        self._held[part] = columns

    def partition(self, part: PartKey, number: int) -> bytes:
        """One encoded partition of one part."""
        held = self._held[part]
        return held.partitions[number] if isinstance(held, Columns) else self._read(held, number)

    def table(self, part: PartKey) -> bytes:
        """The encoded table of signatures of one part."""
        held = self._held[part]
        return held.table if isinstance(held, Columns) else self._read(held, PARTITIONS)

    def close(self) -> None:
        """Close the spill files."""
        for descriptor in self._files.values():
            os.close(descriptor)
        self._files.clear()

    def _read(self, spilled: Spilled, number: int) -> bytes:
        start = spilled.ends[number - 1] if number else spilled.start
        length = spilled.ends[number] - start
        if not length:
            return b""
        descriptor = self._files.get(spilled.path)
        if descriptor is None:
            descriptor = self._files[spilled.path] = os.open(spilled.path, _FLAGS)
        os.lseek(descriptor, start, os.SEEK_SET)
        data = os.read(descriptor, length)
        if len(data) != length:
            raise OSError(f"{spilled.path}: shorter than what was written to it")
        return data


_FLAGS: Final = os.O_RDONLY | getattr(os, "O_BINARY", 0)
