"""The floor of every scan: reads a log line by line and decodes each into the typed event, nothing else."""

import sys
from pathlib import Path
from typing import IO, cast

import msgspec

from kwho.schema.event import Event


def main() -> None:
    """Decode every line of the file that is named."""
    decode = msgspec.json.Decoder(Event).decode
    with opened(Path(sys.argv[1])) as lines:
        for line in lines:
            decode(line)


def opened(path: Path) -> IO[bytes]:
    """The file, decompressed as its name says."""
    if path.suffix == ".gz":
        from isal import igzip  # noqa: PLC0415  needed by this suffix alone

        return cast("IO[bytes]", igzip.open(path, "rb"))  # type: ignore[no-untyped-call]
    if path.suffix == ".zst":
        from backports import zstd  # noqa: PLC0415  needed by this suffix alone

        return cast("IO[bytes]", zstd.open(path, "rb"))
    return path.open("rb")


if __name__ == "__main__":
    main()
