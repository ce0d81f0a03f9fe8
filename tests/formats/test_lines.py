"""Lines can be put back, and long ones come in pieces."""

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.formats.lines import Lines, Utf16


def test_positions_follow_what_is_taken_and_put_back() -> None:
    lines = Lines(io.BytesIO(b"a\nbb\nccc").readline, 100)
    assert lines.take(64) == b"a\n"
    assert (lines.offset, lines.number, lines.ended) == (102, 1, True)
    assert lines.take(64) + lines.take(64) == b"bb\nccc"
    lines.give_back(b"bb\nccc")
    assert (lines.offset, lines.number) == (102, 1)
    assert [lines.take(64) for _ in range(3)] == [b"bb\n", b"ccc", b""]
    assert lines.number == 3


def test_a_long_line_comes_in_pieces_and_counts_once() -> None:
    lines = Lines(io.BytesIO(b"abcdef\nx\n").readline, 0)
    assert (lines.take(4), lines.ended, lines.number) == (b"abcd", False, 1)
    assert (lines.take(4), lines.ended, lines.number) == (b"ef\n", True, 1)


def test_the_rest_of_a_line_that_was_put_back_half_read_still_belongs_to_it() -> None:
    lines = Lines(io.BytesIO(b"a\nabcdef\nx\n").readline, 0)
    lines.take(64)
    lines.take(3)
    lines.give_back(b"abc")
    assert lines.take(64) == b"abcdef\n"
    assert lines.number == 2


def test_the_rest_of_a_line_can_be_skipped() -> None:
    lines = Lines(io.BytesIO(b"abcdef\nx\n").readline, 0)
    lines.take(2)
    lines.skip_line()
    assert lines.take(64) == b"x\n"


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=40), st.integers(1, 9), st.integers(1, 9))
def test_putting_back_whole_lines_changes_nothing(data: bytes, limit: int, again: int) -> None:
    lines = Lines(io.BytesIO(data).readline, 0)
    taken = b""
    while piece := lines.take(limit):
        taken += piece
        if lines.ended and len(taken) % again == 0:
            begin = taken.rstrip(b"\n").rfind(b"\n") + 1 if taken.endswith(b"\n") else taken.rfind(b"\n") + 1
            back = taken[begin:]
            lines.give_back(back)
            taken = taken[:begin]
            again = 1_000
    assert taken == data
    assert lines.offset == len(data)
    assert lines.number == data.count(b"\n") + (not data.endswith(b"\n") and data != b"")


def test_utf_16_is_read_as_utf_8() -> None:
    for name in ("utf-16-le", "utf-16-be"):
        mark = b"\xff\xfe" if name.endswith("le") else b"\xfe\xff"
        source = io.BytesIO(mark + "é{}\nzwei\n".encode(name))
        wide = Utf16(source.readline(1 << 20), source.readline)
        assert wide.readline(100) == "é{}\n".encode()
        assert wide.readline(2) == b"zw"
        assert wide.readline(100) == b"ei\n"
        assert wide.readline(100) == b""
        assert wide.taken == len(source.getvalue())


@given(
    st.lists(st.sampled_from([b"\n", b"\r\n", b"x\n", b"longer than the limit\n", b" \n"]), max_size=8),
    st.integers(0, 12),
)
def test_empty_lines_are_taken_up_to_the_stop_and_the_next_line_is_whole(pieces: list[bytes], stop: int) -> None:
    data = b"".join(pieces)
    lines = Lines(io.BytesIO(data).readline, 0)
    lines.skip_blank(stop, 8)
    empty = 0
    while empty < len(pieces) and pieces[empty] in (b"\n", b"\r\n") and len(b"".join(pieces[:empty])) < stop:
        empty += 1
    assert (lines.number, lines.offset) == (empty, len(b"".join(pieces[:empty])))
    rest = b""
    while piece := lines.take(8):
        rest += piece
    assert data[len(b"".join(pieces[:empty])) :] == rest
    assert lines.number == len(pieces)
