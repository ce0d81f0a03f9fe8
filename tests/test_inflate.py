import gzip
import random
import sys
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho import inflate as inflating
from kwho.inflate import Compression, Inflater, inflate, sniff

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

KINDS: tuple[Compression, ...] = ("gzip", "zstd")
TEXT = b"".join(b"line %d %d\n" % (number, random.Random(number).getrandbits(40)) for number in range(300))
SKIPPABLE = b"\x53\x2a\x4d\x18\x05\0\0\0notes"


def pack(kind: Compression, data: bytes) -> bytes:
    return gzip.compress(data) if kind == "gzip" else zstd.compress(data)


def feed(inflater: Inflater, data: bytes, step: int, limit: int) -> bytes:
    out = b""
    for start in range(0, len(data), step):
        block = inflater.feed(data[start : start + step], limit)
        while block:
            assert len(block) <= limit
            out += block
            block = inflater.feed(b"", limit)
    return out


def read(kind: Compression, data: bytes, step: int = 1000, limit: int = 512) -> tuple[bytes, str | None]:
    inflater = Inflater(kind)
    return feed(inflater, data, step, limit), inflater.torn


def gzip_with_every_header_field(data: bytes) -> bytes:
    header = b"\x1f\x8b\x08\x1e\0\0\0\0\0\x03" + b"\x05\0extra" + b"audit.log\0" + b"a comment\0"
    header += (zlib.crc32(header) & 0xFFFF).to_bytes(2, "little")
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = deflate.compress(data) + deflate.flush()
    return header + body + zlib.crc32(data).to_bytes(4, "little") + len(data).to_bytes(4, "little")


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(
    members=st.lists(st.binary(max_size=3000), min_size=1, max_size=4),
    step=st.integers(1, 400),
    limit=st.integers(1, 900),
)
def test_any_chunking_gives_the_same_bytes(kind: Compression, members: list[bytes], step: int, limit: int) -> None:
    archive = b"".join(pack(kind, member) for member in members)
    assert read(kind, archive, step, limit) == (b"".join(members), None)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_a_gzip_header_with_every_field_may_arrive_in_pieces(step: int) -> None:
    archive = gzip_with_every_header_field(TEXT)
    assert read("gzip", archive * 2, step) == (TEXT * 2, None)


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_torn_at_any_byte_gives_what_it_holds_and_says_so(kind: Compression) -> None:
    archive = pack(kind, TEXT)
    for cut in range(len(archive)):
        content, torn = read(kind, archive[:cut])
        assert TEXT.startswith(content)
        assert torn == f"{kind} stream cut off"
    assert read("gzip", gzip.compress(TEXT)[:-1])[0] == TEXT


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", [1, 2, 3, 1000])
@pytest.mark.parametrize("junk", [b"junk and more", b"{", b"\x1f\x8c", b"\x00\x00\x00\x01", b"(\xb5/\xfe", b"\x51\x2b"])
def test_junk_behind_a_whole_archive_is_reported_and_costs_nothing(kind: Compression, step: int, junk: bytes) -> None:
    archive = pack(kind, TEXT)
    assert read(kind, archive + junk, step) == (TEXT, f"data after the end of the archive is not {kind}")


@pytest.mark.parametrize(
    ("kind", "start"), [("gzip", b"\x1f"), ("gzip", b"\x1f\x8b\x08\0"), ("zstd", b"\x28\xb5"), ("zstd", b"\x50")]
)
def test_the_start_of_another_member_is_a_cut(kind: Compression, start: bytes) -> None:
    assert read(kind, pack(kind, TEXT) + start, 1) == (TEXT, f"{kind} stream cut off")


def test_gzip_padded_with_zeros_is_whole() -> None:
    assert read("gzip", gzip.compress(TEXT) + bytes(1000) + gzip.compress(b"more") + b"\0", 7) == (TEXT + b"more", None)


@pytest.mark.parametrize("step", [1, 5, 1000])
def test_skippable_frames_of_zstd_are_skipped(step: int) -> None:
    archive = SKIPPABLE + zstd.compress(TEXT) + SKIPPABLE + SKIPPABLE + zstd.compress(b"more")
    assert read("zstd", archive, step) == (TEXT + b"more", None)


@pytest.mark.parametrize("place", [-6, -2])
def test_a_wrong_checksum_or_length_is_damage(place: int) -> None:
    archive = bytearray(gzip.compress(TEXT))
    archive[place] ^= 1
    assert read("gzip", bytes(archive), 1) == (TEXT, "gzip stream damaged")


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damage_never_raises_and_is_never_silent(kind: Compression, data: st.DataObject) -> None:
    archive = bytearray(
        zstd.compress(TEXT, options={zstd.CompressionParameter.checksum_flag: 1})
        if kind == "zstd"
        else gzip.compress(TEXT)
    )
    archive[data.draw(st.integers(0, len(archive) - 1))] ^= data.draw(st.integers(1, 255))
    content, torn = read(kind, bytes(archive), data.draw(st.integers(1, 300)))
    assert torn or content == TEXT


@pytest.mark.parametrize("kind", KINDS)
@given(junk=st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_survived(kind: Compression, junk: bytes) -> None:
    inflater = Inflater(kind)
    feed(inflater, junk, 3, 100)
    assert inflater.torn


def test_what_is_fed_after_the_end_is_ignored() -> None:
    inflater = Inflater("gzip")
    feed(inflater, b"no archive", 100, 100)
    assert (inflater.ended, inflater.damaged, inflater.torn) == (True, True, "gzip stream damaged")
    assert inflater.feed(gzip.compress(TEXT), 100) == b""
    assert inflater.torn == "gzip stream damaged"


def test_an_endless_gzip_header_is_not_collected() -> None:
    inflater = Inflater("gzip")
    inflater.feed(b"\x1f\x8b\x08\x08\0\0\0\0\0\x03", 100)
    for _ in range(10):
        inflater.feed(b"a" * 50_000, 100)
    assert inflater.damaged


@pytest.mark.parametrize("kind", KINDS)
def test_a_bomb_costs_the_block_that_was_asked_for(kind: Compression) -> None:
    bomb = pack(kind, bytes(64 << 20))
    inflater = Inflater(kind)
    tracemalloc.start()
    try:
        size = 0
        block = inflater.feed(bomb, 1 << 20)
        while block:
            size += len(block)
            block = inflater.feed(b"", 1 << 20)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (size, inflater.torn) == (64 << 20, None)
    assert peak < 8 << 20


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_archive_inflates_at_once(kind: Compression) -> None:
    assert inflate(pack(kind, TEXT) + pack(kind, b"more"), len(TEXT) + 4) == TEXT + b"more"
    assert inflate(pack(kind, b""), 0) == b""


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_archive_says_what_is_wrong(kind: Compression) -> None:
    archive = pack(kind, TEXT)
    with pytest.raises(ValueError, match="cut off"):
        inflate(archive[:-1], 1 << 20)
    with pytest.raises(ValueError, match="after the end"):
        inflate(archive + b"junk", 1 << 20)
    with pytest.raises(ValueError, match=f"beyond {len(TEXT) - 1} bytes"):
        inflate(archive, len(TEXT) - 1)
    with pytest.raises(ValueError, match="neither gzip nor zstd"):
        inflate(b"{}", 1 << 20)


def test_the_first_bytes_tell_the_compression() -> None:
    assert sniff(gzip.compress(b"")[: inflating.HEAD]) == "gzip"
    assert sniff(zstd.compress(b"")[: inflating.HEAD]) == "zstd"
    assert sniff(SKIPPABLE[: inflating.HEAD]) == "zstd"
    for head in (b"", b"\x1f", b"\x1f\x8b", b'{"ki', b"\x60\x2a\x4d\x18", b"\x28\xb5\x2f"):
        assert sniff(head) is None
