"""What was not read is told in the same words by every command."""

from kwho.engine.left import left, unread


def test_what_is_left_of_an_input_is_told_in_bytes_unless_it_is_a_stream() -> None:
    assert unread(12_000, 2_000) == "10,000 of 12,000 bytes were not read"
    assert unread(None, 2_000) == "the rest was not read"


def test_what_is_left_of_all_inputs_is_counted() -> None:
    told = "inputs not read to their end: 1,000 of 2,000; bytes not read: 3,000 of 4,000"
    assert left(1_000, 2_000, 3_000, 4_000) == told
