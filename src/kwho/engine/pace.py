"""How far workers are in an archive that they share: each says so in a file of its own, in the folder of the scan."""

from pathlib import Path
from typing import NamedTuple

_NAME = "pace-{file}-{number}"


class Pace(NamedTuple):
    """Bytes of an archive (on disk) that a worker has read, and records that it has mapped."""

    read: int = 0
    records: int = 0


def tell(folder: str, file: int, number: int, pace: Pace) -> None:
    """Say how far worker `number` is in a file; a full disk keeps nobody from working."""
    try:
        Path(folder, _NAME.format(file=file, number=number)).write_text(f"{pace.read} {pace.records}")
    except OSError:
        return


def ask(folder: str, file: int, workers: int) -> Pace:
    """How far all workers are: what they have read on the average, and what they have mapped together."""
    found = [_look(Path(folder, _NAME.format(file=file, number=number))) for number in range(workers)]
    return Pace(sum(pace.read for pace in found) // workers, sum(pace.records for pace in found))


def _look(path: Path) -> Pace:
    try:
        read, records = path.read_text().split()
        return Pace(int(read), int(records))
    except (OSError, ValueError):  # nothing said yet, or half of it
        return Pace()
