"""Who was seen where: pairs of user and peer out of the signatures of all parts, findings or not."""

from collections.abc import Iterator, Sequence

from kwho.kernel.columns import decode_table
from kwho.kernel.entire import Columnar
from kwho.kernel.partial import PartKey
from kwho.link.trace import Places, gathered

_SIGNATURE = 6
_USER, _PEER = 1, 3


def places(order: Sequence[PartKey], columns: Columnar) -> Places:
    """The identities per address and the addresses per identity; one part is in memory at a time."""
    pairs: set[tuple[str | None, str | None]] = set()
    for part in order:
        pairs.update(_pairs(columns.table(part)))
    return gathered(pairs)


def _pairs(encoded: bytes) -> Iterator[tuple[str | None, str | None]]:
    table = decode_table(encoded)
    rows = memoryview(table.rows).cast("I")
    numbers = set(zip(rows[_USER::_SIGNATURE].tolist(), rows[_PEER::_SIGNATURE].tolist(), strict=True))
    return ((table.users[user], table.peers[peer]) for user, peer in numbers)
