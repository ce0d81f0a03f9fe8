"""What a fact of the log claims, before it is a finding, and what the end of a scan knows to claim it from."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple, get_args

from kwho.kernel.findings import Archive
from kwho.kernel.journal import Sighting, better, position
from kwho.kernel.judge import clip
from kwho.kernel.tally import Findings
from kwho.kernel.witness import Witness
from kwho.profile.gaps import Silence
from kwho.schema.finding import Evidence, Principal, PrincipalKind, Span, Target

_KINDS: Final = get_args(PrincipalKind)

Group = tuple[str | int | None, ...]
"""What the id of a finding is made of beside its rule, the cluster first."""


class Doubted(NamedTuple):
    """What the end of a scan knows: the matches of all rules, what events are remembered for, silences, the end."""

    tallies: Findings
    witness: Witness
    silences: Sequence[Silence]
    unnamed: Collection[str | None]
    """The API servers that no wrapper names."""
    last: int | None
    archive: Archive


class Claim(NamedTuple):
    """What one finding says, beside its rule.

    It is about the `looks`, which are cited first; those `beside` them are what they are held against.
    """

    group: Group
    who: Principal
    time: Span
    looks: Sequence[Sighting]
    evidence: Evidence
    reason: str
    peer: str | None = None
    target: Target = Target()
    beside: Sequence[Sighting] = ()


NOBODY: Final = Principal(None, "system")
"""The server itself, by itself."""


def person(user: str | None, kind: str) -> Principal:
    """A principal by its name, of a kind that is known."""
    return Principal(clip(user), kind if kind in _KINDS else "human")  # type: ignore[arg-type]  # one of the kinds


def best(looks: Iterable[Sighting]) -> Sequence[Sighting]:
    """The best look at each request, in order of time and position."""
    known: dict[int, Sighting] = {}
    for look in looks:
        held = known.get(look.key)
        if held is None or better(look) < better(held):
            known[look.key] = look
    return sorted(known.values(), key=position)
