"""The noted requests once all parts are compared: which looks stand, and in what order."""

from array import array
from collections.abc import Iterable, Sequence
from itertools import compress, filterfalse

from kwho.kernel.columns import Copies
from kwho.kernel.journal import Columns, Journal, Sighting
from kwho.kernel.tally import Tally


class Roll:
    """A journal to which nothing is added any more."""

    def __init__(self, journal: Journal, copies: Copies) -> None:
        self.times = journal.times
        """Microseconds since 1970 of each row."""
        self.keys = journal.keys
        """The request of each row."""
        self.places = journal.places
        """Number of the file and offset of the part, by the numbers that `columns` gives."""
        self.unanswered = copies.unanswered
        self.journal = journal
        self.rows = journal.in_order()
        """All rows, by time and position."""
        self._order = array("I", bytes(4 * len(self.rows)))
        for place, row in enumerate(self.rows):
            self._order[row] = place
        doubtful = copies.superseded | copies.outlasted | copies.outlived
        rows = compress(range(len(journal)), map(doubtful.__contains__, journal.keys)) if doubtful else ()
        self._fallen = {row for row in rows if not copies.stands(journal.keys[row], journal.rank(row))}

    def stands(self, row: int) -> bool:
        """False when another look at the same request takes the place of this one."""
        return row not in self._fallen

    def standing(self, rows: Iterable[int]) -> list[int]:
        """The rows that stand, in order, the best look at each request."""
        places = sorted(map(self._order.__getitem__, rows))
        ordered = list(filterfalse(self._fallen.__contains__, map(self.rows.__getitem__, places)))
        if len(set(map(self.keys.__getitem__, ordered))) == len(ordered):
            return ordered
        best = {self.keys[row]: row for row in reversed(ordered)}
        for row in ordered:
            held = best[self.keys[row]]
            if self.journal.rank(row) < self.journal.rank(held):
                best[self.keys[row]] = row
        return sorted(best.values(), key=self._order.__getitem__)

    def sighting(self, row: int) -> Sighting:
        """A row as the look that it was."""
        return self.journal.sighting(row)

    def columns(self, rows: Sequence[int]) -> Columns:
        """Where the looks of some rows stand."""
        return self.journal.columns(rows)

    def audit_id(self, row: int) -> str | None:
        """The audit ID of a row."""
        return self.journal.audit_id(row)

    def noted(self, tallies: Iterable[Tally]) -> bytearray:
        """1 for each row that is in one of the tallies, else 0."""
        found = bytearray(len(self.rows))
        for tally in tallies:
            for row in tally.rows:
                found[row] = 1
        return found

    def shared(self, noted: Sequence[int]) -> set[str]:
        """The audit IDs that several requests bear, among rows that were noted."""
        return self.journal.shared(noted)
