import gzip
import io
import os
import random
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.sources.input import Input, Part
from kwho.sources.stream import Stream, open_part, parts
from kwho.sources.walk import discover

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CAP = 1 << 24
LINES = [b'{"n":%d,"x":"%s"}\n' % (number, b"y" * (number % 90)) for number in range(2000)]
TEXT = b"".join(LINES)


def source(path: Path | str) -> Input:
    found = next(iter(discover([str(path)])))
    assert isinstance(found, Input)
    return found


def file(path: Path, data: bytes) -> Input:
    path.write_bytes(data)
    return source(path)


def lines(stream: Stream, cap: int = CAP) -> list[bytes]:
    return list(iter(lambda: stream.readline(cap), b""))


def whole(input: Input) -> tuple[bytes, str | None, str | None]:
    (part,) = parts(input, every(1 << 40))
    with open_part(input, part) as stream:
        assert stream.offset == 0
        return b"".join(lines(stream)), stream.torn, stream.error


def every(size: int) -> Callable[[int], int]:
    return lambda _start: size


def owned(input: Input, part: Part) -> list[tuple[int, bytes]]:
    """What a reader takes from a part: the lines that start before its stop."""
    with open_part(input, part) as stream:
        offset = stream.offset
        taken = []
        while (part.stop is None or offset < part.stop) and (line := stream.readline(CAP)):
            taken.append((offset, line))
            offset += len(line)
        return taken


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    given = SimpleNamespace(buffer=io.BytesIO())
    monkeypatch.setattr(sys, "stdin", given)
    return given


@settings(max_examples=60, deadline=None)
@given(
    text=st.lists(st.binary(max_size=12), max_size=20).map(b"\n".join),
    size=st.integers(1, 60),
)
def test_parts_together_hold_every_line_once(tmp_path_factory: pytest.TempPathFactory, text: bytes, size: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "audit.log"
    path.write_bytes(text)
    input = Input(str(path), size=len(text))
    together = [line for part in parts(input, every(size)) for line in owned(input, part)]
    expected, offset = [], 0
    for line in io.BytesIO(text):
        expected.append((offset, line))
        offset += len(line)
    assert together == expected


def test_a_plain_file_is_cut_in_parts_of_the_size_that_is_asked(tmp_path: Path) -> None:
    input = file(tmp_path / "a.log", b"x" * 25)
    path = input.path
    assert parts(input, every(10)) == [Part(path, 0, 10), Part(path, 10, 20), Part(path, 20, None)]
    assert parts(input, every(25)) == [Part(path, 0, None)]
    assert parts(input, lambda start: 16 - start // 2) == [Part(path, 0, 16), Part(path, 16, 24), Part(path, 24, None)]
    assert parts(file(tmp_path / "empty.log", b""), every(10)) == [Part(str(tmp_path / "empty.log"), 0, None)]


def test_what_cannot_be_cut_is_one_part(tmp_path: Path) -> None:
    packed = file(tmp_path / "a.gz", gzip.compress(TEXT))
    wide = file(tmp_path / "wide.log", "{}\n".encode("utf-16"))
    for input in (packed, wide, Input("-")):
        assert parts(input, every(5)) == [Part(input.path, 0, None)]


def test_a_stream_that_is_closed_stays_closed(tmp_path: Path) -> None:
    input = file(tmp_path / "audit.log", TEXT)
    with open_part(input, Part(input.path, 0, None)) as stream:
        buffer = getattr(stream.readline, "__self__", None)
    assert isinstance(buffer, io.BufferedReader)
    for _ in range(2):
        buffer.close()
        assert buffer.closed


def test_a_line_start_exactly_at_the_cut_belongs_to_the_part(tmp_path: Path) -> None:
    input = file(tmp_path / "a.log", b"abc\ndef\nghi")
    for start, offset, line in ((4, 4, b"def\n"), (5, 8, b"ghi"), (8, 8, b"ghi"), (9, 11, b""), (11, 11, b"")):
        with open_part(input, Part(input.path, start, None)) as stream:
            assert (stream.offset, stream.readline(CAP), stream.error) == (offset, line, None)


def test_a_cut_inside_a_very_long_line_costs_bounded_memory(tmp_path: Path) -> None:
    input = file(tmp_path / "a.log", b"x" * (20 << 20) + b"\nnext\n")
    tracemalloc.start()
    try:
        with open_part(input, Part(input.path, 1000, None)) as stream:
            assert (stream.offset, stream.readline(CAP)) == ((20 << 20) + 1, b"next\n")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 << 20


def test_a_line_longer_than_the_cap_comes_in_pieces(tmp_path: Path) -> None:
    for name, data in (("a.log", b"x" * 25 + b"\r\nlast"), ("a.gz", gzip.compress(b"x" * 25 + b"\r\nlast"))):
        input = file(tmp_path / name, data)
        with open_part(input, parts(input, every(1 << 20))[0]) as stream:
            assert lines(stream, 10) == [b"x" * 10, b"x" * 10, b"x" * 5 + b"\r\n", b"last"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd.compress])
def test_plain_and_compressed_files_give_the_same_lines(tmp_path: Path, pack: "type[bytes]") -> None:
    input = file(tmp_path / "audit.log", pack(TEXT))
    with open_part(input, parts(input, every(1 << 30))[0]) as stream:
        assert lines(stream) == LINES
        assert (stream.torn, stream.error) == (None, None)


def test_several_members_are_one_file_and_junk_behind_them_is_told(tmp_path: Path) -> None:
    packed = gzip.compress(TEXT) + gzip.compress(b"more\n")
    assert whole(file(tmp_path / "a.gz", packed)) == (TEXT + b"more\n", None, None)
    assert whole(file(tmp_path / "b.gz", packed + b"junk")) == (
        TEXT + b"more\n",
        "data after the end of the archive is not gzip",
        None,
    )


@pytest.mark.parametrize(("pack", "kind"), [(gzip.compress, "gzip"), (zstd.compress, "zstd")])
def test_an_archive_torn_at_any_byte_gives_what_it_holds(tmp_path: Path, pack: "type[bytes]", kind: str) -> None:
    archive = pack(b"".join(LINES[:40]))
    for cut in range(4, len(archive)):
        content, torn, error = whole(file(tmp_path / "a.log", archive[:cut]))
        assert b"".join(LINES[:40]).startswith(content)
        assert (torn, error) == (f"{kind} stream cut off", None)


def test_damage_late_in_an_archive_keeps_what_stands_before_it(tmp_path: Path) -> None:
    text = b"".join(b"%d\n" % random.Random(number).getrandbits(60) for number in range(40_000))
    archive = bytearray(gzip.compress(text))
    archive[-6] ^= 1
    assert whole(file(tmp_path / "a.gz", bytes(archive))) == (text, "gzip stream damaged", None)


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
def test_a_bomb_without_a_line_feed_costs_bounded_memory(tmp_path: Path, pack: "type[bytes]") -> None:
    input = file(tmp_path / "bomb", pack(bytes(100 << 20)))
    size = 0
    tracemalloc.start()
    try:
        with open_part(input, parts(input, every(1 << 20))[0]) as stream:
            while piece := stream.readline(1 << 20):
                size += len(piece)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == 100 << 20
    assert peak < 24 << 20


def test_leaving_early_ends_the_thread(tmp_path: Path) -> None:
    input = file(tmp_path / "bomb", gzip.compress(bytes(50 << 20)))
    before = threading.active_count()
    with open_part(input, parts(input, every(1 << 20))[0]) as stream:
        assert stream.readline(10) == bytes(10)
    assert threading.active_count() == before


def test_a_file_that_is_gone_has_an_error_and_no_lines(tmp_path: Path) -> None:
    for name, data in (("a.log", TEXT), ("a.gz", gzip.compress(TEXT))):
        input = file(tmp_path / name, data)
        (tmp_path / name).unlink()
        assert whole(input) == (b"", None, "no such file or directory")
    with open_part(input, Part(input.path, 50, 100)) as stream:
        assert (stream.offset, stream.readline(5), stream.error) == (50, b"", "no such file or directory")


def test_a_file_that_was_replaced_after_it_was_found_has_an_error(tmp_path: Path) -> None:
    input = file(tmp_path / "audit.log", TEXT)
    (tmp_path / "audit.log").rename(tmp_path / "audit-2026-11-21T02-57-38.090.log")
    (tmp_path / "audit.log").write_bytes(TEXT * 2)
    assert whole(input) == (b"", None, "another file took this name after it was found")
    assert whole(source(tmp_path / "audit.log")) == (TEXT * 2, None, None)


def test_what_is_appended_while_reading_stays_out(tmp_path: Path) -> None:
    input = file(tmp_path / "a.log", TEXT)
    with open_part(input, parts(input, every(1 << 30))[0]) as stream:
        first = stream.readline(CAP)
        with (tmp_path / "a.log").open("ab") as writer:
            writer.write(b"later\n")
        assert [first, *lines(stream)] == LINES
        assert stream.error is None


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd.compress])
def test_what_is_appended_after_a_file_was_found_stays_out_of_every_part(tmp_path: Path, pack: "type[bytes]") -> None:
    input = file(tmp_path / "a.log", pack(TEXT))
    with (tmp_path / "a.log").open("ab") as writer:
        writer.write(pack(b"later\n"))
    taken = [line for part in parts(input, every(10_000)) for _, line in owned(input, part)]
    assert taken == LINES
    assert whole(source(tmp_path / "a.log"))[0] == TEXT + b"later\n"


def test_a_file_that_was_found_empty_is_bounded_when_it_is_opened(tmp_path: Path) -> None:
    input = file(tmp_path / "a.log", b"")
    (tmp_path / "a.log").write_bytes(TEXT)
    with open_part(input, Part(input.path, 0, None)) as stream:
        with (tmp_path / "a.log").open("ab") as writer:
            writer.write(b"later\n")
        assert lines(stream) == LINES


def test_a_file_cut_off_after_it_was_found_has_an_error(tmp_path: Path) -> None:
    input = file(tmp_path / "a.log", TEXT)
    os.truncate(input.path, len(LINES[0]))
    assert whole(input) == (LINES[0], None, "the file became shorter while it was read")


def test_a_file_cut_off_while_reading_has_an_error(tmp_path: Path) -> None:
    text = TEXT * 20
    input = file(tmp_path / "a.log", text)
    with open_part(input, parts(input, every(1 << 30))[0]) as stream:
        assert stream.readline(CAP) == LINES[0]
        os.truncate(input.path, 1000)
        rest = b"".join(lines(stream))
    assert text.startswith(LINES[0] + rest)
    assert stream.error == "the file became shorter while it was read"
    with open_part(input, Part(input.path, 5000, None)) as stream:
        assert stream.readline(CAP) == b""
        assert stream.error == "the file became shorter while it was read"


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_io_error_in_mid_file_ends_the_reading_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: "type[bytes]"
) -> None:
    class Failing(io.FileIO):
        asked = 0

        def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
            self.asked += 1
            if self.asked > 1:
                raise OSError(5, "Input/output error")
            return super().readinto(buffer[:5000]) or 0

    input = file(tmp_path / "a.log", pack(TEXT))
    monkeypatch.setattr("kwho.sources.stream.io.FileIO", Failing)
    content, torn, error = whole(input)
    assert content
    assert TEXT.startswith(content)
    assert (torn, error) == (None, "input/output error")


def test_a_file_whose_size_says_zero_is_read() -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc here")
    content, _, error = whole(source("/proc/self/status"))
    assert content.startswith(b"Name:")
    assert error is None


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd.compress])
def test_stdin_is_read_plain_or_compressed_and_left_open(stdin: SimpleNamespace, pack: "type[bytes]") -> None:
    stdin.buffer = io.BytesIO(pack(TEXT))
    assert whole(Input("-")) == (TEXT, None, None)
    assert not stdin.buffer.closed


@pytest.mark.parametrize("text", [b"", b"{", b"\x1f", b"\x1f\x8b\x08", b"a\nb"])
def test_a_short_stdin_is_read_whole(stdin: SimpleNamespace, text: bytes) -> None:
    stdin.buffer = io.BytesIO(text)
    content, torn, error = whole(Input("-"))
    packed = text == b"\x1f\x8b\x08"
    assert (content, torn, error) == (b"" if packed else text, "gzip stream cut off" if packed else None, None)


def test_no_stdin_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert whole(Input("-")) == (b"", None, "there is no standard input")


def test_a_stdin_that_does_not_wait_is_an_error_not_an_end(stdin: SimpleNamespace) -> None:
    stdin.buffer = SimpleNamespace(readinto1=lambda _: None)
    assert whole(Input("-"))[2] == "nothing to read yet, and waiting was forbidden"
    answers = iter([4, None])

    def fill(view: memoryview) -> int | None:
        view[:4] = b"abcd"
        return next(answers)

    stdin.buffer = SimpleNamespace(readinto1=fill)
    assert whole(Input("-")) == (b"abcd", None, "nothing to read yet, and waiting was forbidden")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_named_pipe_is_read_however_small_its_writes_are(tmp_path: Path, pack: "type[bytes]") -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    data = pack(TEXT)

    def write() -> None:
        with pipe.open("wb", buffering=0) as writer:
            for start in (0, 1, 2, 3):
                writer.write(data[start : start + 1])
            writer.write(data[4:])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert whole(source(pipe)) == (TEXT, None, None)
    finally:
        writer.join()


def test_nobody_waits_for_a_pipe_that_took_the_name_of_a_file(tmp_path: Path) -> None:
    input = file(tmp_path / "audit.log", TEXT)
    (tmp_path / "audit.log").unlink()
    os.mkfifo(tmp_path / "audit.log")
    assert whole(input) == (b"", None, "another file took this name after it was found")


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
def test_an_archive_is_gone_through_by_line_starts(tmp_path: Path, pack: "type[bytes]") -> None:
    text = b"abc\ndef\n" + b"x" * (1 << 19) + b"\nghi\njkl"
    input = file(tmp_path / "audit.log.gz", pack(text))
    ghi = text.index(b"ghi")
    with open_part(input, Part(input.path, 0, None)) as stream:
        assert (stream.go_on(4), stream.offset, stream.readline(CAP)) == (True, 4, b"def\n")
        assert (stream.go_on(9), stream.offset) == (True, ghi)
        assert (stream.go_on(20), stream.offset, stream.readline(CAP)) == (True, ghi, b"ghi\n")
        assert (stream.go_on(ghi + 5), stream.readline(CAP)) == (False, b"")
        assert not stream.go_on(1 << 30)
