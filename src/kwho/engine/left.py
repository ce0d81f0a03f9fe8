"""How much of the input was not read when it was not read to its end, in the same words for every command."""

from typing import Final

STOPPED: Final = "the scan was stopped"
"""Why an input was not read to its end when an interrupt came; followed by how much that is."""


def unread(size: int | None, done: int) -> str:
    """How much of one input was not read, of which `done` bytes were; `size` is None for a stream."""
    return "the rest was not read" if size is None else f"{size - done:,} of {size:,} bytes were not read"


def left(inputs: int, every: int, size: int, total: int) -> str:
    """How many inputs, of `every`, were not read to their end, and how many bytes that is, of `total`."""
    return f"inputs not read to their end: {inputs:,} of {every:,}; bytes not read: {size:,} of {total:,}"
