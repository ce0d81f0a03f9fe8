import gzip
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from kwho.inflate import Compression
from kwho.sources.archive import BLOCK, content

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TEXT = b"".join(b"line %d %d\n" % (number, random.Random(number).getrandbits(60)) for number in range(30_000))


@dataclass
class Told:
    torn: str | None = None


def pieces(archive: bytes, size: int = 1 << 16) -> Iterator[bytes]:
    return (archive[start : start + size] for start in range(0, len(archive), size))


def pack(kind: Compression, data: bytes) -> bytes:
    return gzip.compress(data) if kind == "gzip" else zstd.compress(data)


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_whole_archive_gives_its_content_in_blocks(kind: Compression) -> None:
    told = Told()
    blocks = list(content(pieces(pack(kind, bytes(5 * BLOCK))), kind, told))
    assert b"".join(blocks) == bytes(5 * BLOCK)
    assert max(map(len, blocks)) <= BLOCK
    assert told.torn is None


@pytest.mark.parametrize("place", [0.3, 0.5, 0.9, 0.99])
def test_everything_before_damage_is_kept_where_the_archive_can_be_read_again(place: float) -> None:
    archive = bytearray(gzip.compress(TEXT))
    spot = int(len(archive) * place)
    archive[spot : spot + 40] = bytes(byte ^ 0xFF for byte in archive[spot : spot + 40])
    damaged = bytes(archive)
    told = Told()
    found = b"".join(content(pieces(damaged), "gzip", told, lambda: pieces(damaged)))
    once = b"".join(content(pieces(damaged), "gzip", Told()))
    right = next((index for index, (one, two) in enumerate(zip(found, TEXT, strict=False)) if one != two), len(found))
    assert told.torn == "gzip stream damaged"
    assert found.startswith(once)
    assert right >= len(TEXT) * (place - 0.05)


def test_a_wrong_checksum_costs_no_content() -> None:
    archive = bytearray(gzip.compress(TEXT))
    archive[-6] ^= 1
    told = Told()
    assert b"".join(content(pieces(bytes(archive)), "gzip", told, lambda: pieces(bytes(archive)))) == TEXT
    assert told.torn == "gzip stream damaged"


def test_the_rest_of_a_file_with_junk_behind_its_archive_is_not_read() -> None:
    told = Told()
    asked = 0

    def endless() -> Iterator[bytes]:
        nonlocal asked
        yield gzip.compress(b"good\n")
        while True:
            asked += 1
            yield b"junk" * 100

    assert b"".join(content(endless(), "gzip", told)) == b"good\n"
    assert (asked, told.torn) == (1, "data after the end of the archive is not gzip")
