"""Citations as JSON, written by compiled code: a scan writes hundreds of thousands of them."""

import ctypes
from array import array
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from kwho.kernel.express import compiled
from kwho.kernel.journal import Journal
from kwho.schema.finding import encodable

_SPACE: Final = 160
"""Bytes of a citation beside its texts, at most."""


class _Sheet(ctypes.Structure):
    """As `express_cite.h` says."""

    _fields_ = [
        *((name, ctypes.c_void_p) for name in ("ids", "lines", "offsets", "ranks", "begins", "before")),
        *((name, ctypes.POINTER(ctypes.c_char_p)) for name in ("files", "stages")),
        ("places", ctypes.c_uint64),
    ]


class Writer:
    """Writes what a journal tells of its rows, as long as nothing is added to it.

    `files` and `before` are, of each place of the journal, the path of its file and the lines of the file before it.
    """

    def __init__(self, journal: Journal, files: Sequence[str], before: Sequence[int]) -> None:
        self._journal = journal
        self._library = compiled()
        texts = [_texts(files), _texts(list(map(encodable, journal.stages)))]
        self._held: list[Any] = [*journal.packed, array("I", journal.begins), array("q", before), *texts]
        self._sheet = _Sheet(*map(_address, self._held[:-2]), *texts, len(files))
        self._each = _SPACE + sum(max(map(len, text), default=0) for text in texts)
        self._room = bytearray()

    def write(self, rows: Sequence[int]) -> bytes | None:
        """The citations of some rows, as a JSON list; None without compiled code, and where a row is an odd one."""
        if self._library is None or not self._journal.even(rows):
            return None
        chosen, size = array("I", rows), len(rows) * self._each + 2
        if len(self._room) < size:
            self._room = bytearray(size)
        taken = self._library.express_cite(ctypes.byref(self._sheet), _address(chosen), len(rows), _address(self._room))
        return bytes(memoryview(self._room)[:taken])


def _texts(texts: Sequence[str | None]) -> "ctypes.Array[ctypes.c_char_p]":
    return (ctypes.c_char_p * len(texts))(*map(msgspec.json.encode, texts))


def _address(column: "array[int] | bytearray") -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(column)) if column else 0
