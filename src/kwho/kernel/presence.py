"""Where and when identities were seen at work, out of the signatures of all parts, findings or not."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from kwho.detect.stateful import Place
from kwho.kernel.columns import decode_table
from kwho.kernel.entire import Columnar
from kwho.kernel.journal import position
from kwho.kernel.partial import PartKey
from kwho.kernel.witness import Use, Witness
from kwho.profile.activity import UNKNOWN_HOUR
from kwho.state.gained import Seen

_SIGNATURE = 6
_USER, _AGENT, _PEER, _HOUR = 1, 2, 3, 4


class Presence:
    """The places of some identities, gathered when somebody first asks; one part is in memory at a time."""

    def __init__(
        self, order: Sequence[PartKey], columns: Columnar, wanted: Collection[str], witness: Witness | None = None
    ) -> None:
        self._uses: dict[tuple[str | None, str], dict[str, Use]] = defaultdict(dict)
        for followed, peers in (witness or Witness()).uses.items():
            known = self._uses[followed.cluster, followed.id]
            for peer, use in peers.items():
                if peer not in known or position(use.sighting) < position(known[peer].sighting):
                    known[peer] = use
        self._order = order
        self._columns = columns
        self._wanted = wanted
        self._found: dict[str, set[Seen]] | None = None

    def places(self, cluster: str | None, credential: str | None, /) -> tuple[Place, ...]:
        """Where a credential was used, by address; the first request at each."""
        found = self._uses.get((cluster, credential or ""), {})
        return tuple(Place(peer, use.agent, use.sighting) for peer, use in sorted(found.items()))

    def hours(self, user: str, /) -> frozenset[Seen]:
        """Where and in which hours this user was seen; nothing for one that is not among the wanted."""
        if self._found is None:
            self._found = defaultdict(set)
            for part in self._order if self._wanted else ():
                self._gather(self._columns.table(part), self._found)
        return frozenset(self._found.get(user, ()))

    def _gather(self, encoded: bytes, found: dict[str, set[Seen]]) -> None:
        table = decode_table(encoded)
        numbers = {number: name for number, name in enumerate(table.users) if name in self._wanted}
        if not numbers:
            return
        rows = memoryview(table.rows).cast("I").tolist()
        for at in range(0, len(rows), _SIGNATURE):
            name, hour = numbers.get(rows[at + _USER]), rows[at + _HOUR]
            if name is not None and hour != UNKNOWN_HOUR:
                found[name].add(Seen(table.peers[rows[at + _PEER]], table.agents[rows[at + _AGENT]], hour))
