"""The nouns of reading: an input, a part of it, and a path that cannot be read."""

from typing import Final

import msgspec

from kwho.inflate import Compression

STDIN: Final = "-"


class Input(msgspec.Struct, frozen=True):
    """One readable input. `path` is as given or found (undecodable bytes of a file name are lone surrogates).

    `family` is directory and name without what rotation and compression add; None for streams. `size` is bytes on disk;
    None for streams (stdin, FIFO, character device), whose `compression` is found out only when they are opened.
    `whole` says that it cannot be cut: a line feed in it is not always the end of a line (UTF-16). `identity` is device
    and inode, by which a file that was replaced in the meantime is noticed; None when that is not to be checked.
    """

    path: str
    family: str | None = None
    size: int | None = None
    compression: Compression | None = None
    whole: bool = False
    identity: tuple[int, int] | None = None


class Unreadable(msgspec.Struct, frozen=True):
    """A path that was given or found and cannot be read, and the reason in words."""

    path: str
    reason: str


class Part(msgspec.Struct, frozen=True):
    """The records of an input that start at byte `start` or later and before `stop`; `stop` None means all."""

    path: str
    start: int
    stop: int | None


def reason(error: OSError) -> str:
    """What went wrong, in the words of the operating system and without the path."""
    text = error.strerror or str(error) or type(error).__name__
    return text[:1].lower() + text[1:]
