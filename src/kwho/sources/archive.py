"""The content of one gzip or zstd archive in blocks of bounded size, with all that a damaged one still holds."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final, Protocol

from kwho.inflate import Compression, Inflater

BLOCK: Final = 1 << 20
"""Bytes of content given at once, whatever the ratio of compression."""

PIECE: Final = 1 << 16
"""Bytes of the archive read at once."""


class Torn(Protocol):
    """Whoever is told why an archive is not whole."""

    torn: str | None


def content(
    pieces: Iterator[bytes], kind: Compression, teller: Torn, reopen: Callable[[], Iterator[bytes]] | None = None
) -> Iterator[bytes]:
    """Blocks of content; at the end `teller.torn` is set when the archive was not whole.

    Where damage begins within a piece, what the piece holds before it comes from a second, finer reading of the pieces
    that `reopen` gives; without it (a pipe cannot be read twice) up to `PIECE` bytes of the archive before the damage
    are lost. What follows the damage cannot be read.
    """
    inflater = Inflater(kind)
    used = given = 0
    for piece in pieces:
        for block in _blocks(inflater, piece):
            given += len(block)
            yield block
        if inflater.ended:
            break
        used += 1
    if inflater.damaged and reopen:
        yield from _again(reopen(), kind, used, given)
    teller.torn = inflater.torn


def _again(pieces: Iterator[bytes], kind: Compression, whole: int, given: int) -> Iterator[bytes]:
    """The content from `given` bytes on: `whole` pieces at once, the next one byte by byte."""
    inflater = Inflater(kind)
    for piece in _finer(pieces, whole):
        for block in _blocks(inflater, piece):
            if len(block) > given:
                yield block[given:]
            given = max(0, given - len(block))


def _finer(pieces: Iterator[bytes], whole: int) -> Iterator[bytes]:
    yield from islice(pieces, whole)
    for byte in next(pieces, b""):
        yield bytes((byte,))


def _blocks(inflater: Inflater, piece: bytes) -> Iterator[bytes]:
    block = inflater.feed(piece, BLOCK)
    while block:
        yield block
        block = inflater.feed(b"", BLOCK)
