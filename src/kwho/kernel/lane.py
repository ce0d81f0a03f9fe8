"""A short way for requests that are like an earlier one: the same rules match them, in the same groups.

Reads of secrets, lists and the like come by the thousand from the same accounts, and the rules that take note of them
are decided by their masks alone. The first such request goes the whole way; the lane it leaves behind takes those of
the same meaning (`kernel.meaning`) and hour, which differ from it in nothing but time, name and URI.
"""

from typing import Final, NamedTuple

from kwho.kernel.judge import Case, Judge, Tallies
from kwho.kernel.tally import Sighting, Tally, position
from kwho.views import Look

READS: Final = frozenset({"get", "list", "watch"})
"""Verbs whose outcome the operation tells: there is no dry run of them."""


class Lane(NamedTuple):
    """What the requests of one lane have in common, and where the rules that match them enter their matches."""

    case: Case
    tallies: tuple[Tally, ...]
    feeding: tuple[int, ...]
    """The rules that feed correlations."""

    def is_better(self, sighting: Sighting) -> bool:
        """True when a request is better evidence than what a tally has, and must go the whole way."""
        at = (sighting.rank, *position(sighting))
        return any(at < tally.evidence_at for tally in self.tallies)

    def enter(self, sighting: Sighting, flags: int, name: str | None, uri: str | None) -> None:
        """Enter a request in the tallies of findings."""
        for tally in self.tallies:
            tally.enter(sighting, flags, name, uri)

    def feed(self, judge: Judge, look: Look, sighting: Sighting, flags: int, links: Tallies) -> None:
        """Enter a request in the tallies of correlations."""
        ref = look.event.objectRef
        case = self.case._replace(
            sighting=sighting,
            at=(sighting.rank, *position(sighting)),
            flags=flags,
            name=ref.name if ref is not None else None,
            uri=look.event.requestURI,
        )
        for number in self.feeding:
            judge.feed(number, look, case, links)


def lane_for(look: Look, case: Case, numbers: list[int], judge: Judge, findings: Tallies) -> Lane | None:
    """The lane that a request leaves behind; None when others like it may differ in more than time, name and URI."""
    event = look.event
    ref = event.objectRef
    if ref is None or event.verb not in READS or event.impersonatedUser is not None or len(event.sourceIPs or ()) > 1:
        return None
    tallies = tuple(findings[key] for number in numbers if (key := judge.key(number, case)) is not None)
    return Lane(case, tallies, tuple(number for number in numbers if judge.feeds(number)))
