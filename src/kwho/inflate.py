"""Bounded gzip and zstd: bytes in, blocks of bounded size out, and how the archive ended; no I/O.

Several gzip members or zstd frames in a row are one archive. Nothing here raises on damaged data but `inflate`: what
was decoded before the damage has been given by then, and `Inflater.torn` says what went wrong.

Memory: the block that was asked for, the input not yet used, and the window of the format (32 KiB for gzip; at most
128 MiB for zstd, a frame that asks for more is refused as damaged).
"""

import sys
from typing import Final, Literal, Protocol

from isal import igzip_lib

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Compression = Literal["gzip", "zstd"]

HEAD: Final = 4
"""Bytes that `sniff` needs to see."""

_HEADER_CAP: Final = 1 << 17  # a gzip header (file name, comment, extra field) longer than this is not believed
_EXTRA, _NAME, _COMMENT, _CHECKSUM, _RESERVED = 4, 8, 16, 2, 0xE0
_ERRORS: Final[tuple[type[Exception], ...]] = (
    igzip_lib.IsalError,  # type: ignore[assignment]  # its stub declares an instance
    zstd.ZstdError,
)


class _Member(Protocol):
    """One gzip member or zstd frame in the course of decoding."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /, max_length: int = -1) -> bytes: ...


def sniff(head: bytes) -> Compression | None:
    """The compression that the first bytes of a file show (`HEAD` bytes suffice), None when they show none."""
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    if head.startswith(b"\x28\xb5\x2f\xfd") or (head[1:4] == b"\x2a\x4d\x18" and 0x50 <= head[0] <= 0x5F):
        return "zstd"
    return None


def inflate(data: bytes, limit: int) -> bytes:
    """The content of one whole archive in memory; ValueError says why it is none, torn, or beyond `limit`."""
    kind = sniff(data)
    if kind is None:
        raise ValueError("neither gzip nor zstd")
    inflater = Inflater(kind)
    content = inflater.feed(data, limit + 1)
    pieces = [content]
    left = limit + 1 - len(content)
    while left and (content := inflater.feed(b"", left)):
        pieces.append(content)
        left -= len(content)
    if not left:
        raise ValueError(f"inflates beyond {limit} bytes")
    if inflater.torn:
        raise ValueError(inflater.torn)
    return b"".join(pieces)


class Inflater:
    """Inflates one archive piece by piece: `feed` it, take blocks until one is empty, and feed it again.

    `ended` turns True when nothing more can come out, whatever is fed: after damage (`damaged`), or at data behind the
    archive that belongs to none. Of the input of the call that met the damage nothing is given; small inputs keep more.
    """

    def __init__(self, kind: Compression) -> None:
        self.kind = kind
        self.ended = False
        self.damaged = False
        self._member: _Member | None = None
        self._input = b""
        self._whole = 0
        self._fault: str | None = None

    @property
    def torn(self) -> str | None:
        """Why the archive is not whole if the input ends here, None when it is whole."""
        if self._fault:
            return self._fault
        padding = self.kind == "gzip" and not self._input.strip(b"\0")
        if self._member is None and self._whole and (padding or not self._input):
            return None
        return f"{self.kind} stream cut off"

    def feed(self, data: bytes, limit: int) -> bytes:
        """Takes `data` in and gives the next at most `limit` (> 0) bytes; empty when it needs more, or has ended."""
        self._input += data
        while not self.ended:
            if self._member is None and not self._begin():
                break
            block = self._step(limit)
            if block or self._starving():
                return block
        return b""

    def _starving(self) -> bool:
        return self._member is not None and self._member.needs_input and not self._input

    def _step(self, limit: int) -> bytes:
        member, data = self._member, self._input
        assert member is not None
        self._input = b""
        try:
            block = member.decompress(data, limit)
        except _ERRORS:
            self._damage()
            return b""
        if member.eof:
            self._input = member.unused_data
            self._member = None
            self._whole += 1
        return block

    def _begin(self) -> bool:
        """Opens the next member when its header is there; False when input is missing or no member follows."""
        if self.kind == "gzip" and self._whole:
            self._input = self._input.lstrip(b"\0")  # archives may be padded with zeros
        if not self._input:
            return False
        if sniff(self._input) != self.kind:
            if len(self._input) >= HEAD or not _may_become(self.kind, self._input):
                self._stray()
            return False
        if self.kind == "zstd":
            self._member = zstd.ZstdDecompressor()
            return True
        return self._begin_gzip()

    def _begin_gzip(self) -> bool:
        length = _gzip_header(self._input)
        if length is None:
            if len(self._input) > _HEADER_CAP:
                self._damage()
            return False
        # The header is cut off here because igzip loses its place in one that arrives in pieces.
        self._input = self._input[length:]
        self._member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP_NO_HDR_VER)
        return True

    def _stray(self) -> None:
        if self._whole:
            self._end(f"data after the end of the archive is not {self.kind}")
        else:
            self._damage()

    def _damage(self) -> None:
        self.damaged = True
        self._end(f"{self.kind} stream damaged")

    def _end(self, fault: str) -> None:
        self._fault = fault
        self.ended = True
        self._input = b""


def _may_become(kind: Compression, head: bytes) -> bool:
    if kind == "gzip":
        return b"\x1f\x8b\x08".startswith(head)
    return b"\x28\xb5\x2f\xfd".startswith(head) or (0x50 <= head[0] <= 0x5F and b"\x2a\x4d\x18".startswith(head[1:]))


def _gzip_header(data: bytes) -> int | None:
    """Length of the gzip header (RFC 1952) at the start of `data`, None while it is not all there."""
    if len(data) < 10:
        return None
    flags, end = data[3], 10
    if flags & _EXTRA:
        if len(data) < 12:
            return None
        end = 12 + int.from_bytes(data[10:12], "little")
    for text in (_NAME, _COMMENT):
        if flags & text:
            end = data.find(b"\0", end) + 1
            if not end:
                return None
    if flags & _CHECKSUM:
        end += 2
    return end if end <= len(data) else None
