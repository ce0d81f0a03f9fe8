"""A short way for requests that are like an earlier one: the same rules match them, in the same groups.

Reads of secrets, lists and the like come by the thousand from the same accounts, and the rules that take note of them
are decided by their masks alone. The first such request goes the whole way; the lane it leaves behind takes those that
share its signature, namespace, groups and wrapper, have a name as well or none, and differ from it in nothing but time,
name and URI.
"""

from typing import Final, NamedTuple

from kwho.kernel.judge import Case, Judge, Seen, Tallies, clip, sight
from kwho.kernel.tally import Tally, position
from kwho.schema.record import Context, Record
from kwho.views import Look

READS: Final = frozenset({"get", "list", "watch"})
"""Verbs whose outcome the operation tells: there is no dry run of them."""


class Lane(NamedTuple):
    """What the requests of one lane have in common, and where the rules that match them enter their matches."""

    context: Context
    case: Case
    tallies: tuple[Tally, ...]
    feeding: tuple[int, ...]
    """The rules that feed correlations."""

    def takes(self, record: Record, context: Context) -> bool:
        """True when an event with the signature and namespace of this lane belongs to it."""
        user, addresses = record.event.user, record.event.sourceIPs
        groups = (user.groups if user is not None else None) or ()
        return groups == self.case.facts.groups and context is self.context and len(addresses or ()) <= 1

    def enter(self, seen: Seen, judge: Judge, links: Tallies) -> bool:
        """Enter a request; False when it is better evidence than what a tally has, and must go the whole way."""
        if not (self.tallies or self.feeding):
            return True
        event = seen.record.event
        sighting = sight(seen)
        at = (sighting.rank, *position(sighting))
        for tally in self.tallies:
            if at < tally.evidence_at:
                return False
        ref = event.objectRef
        name, uri = clip(ref.name if ref is not None else None), clip(event.requestURI)
        for tally in self.tallies:
            tally.enter(sighting, seen.flags, name, uri)
        if self.feeding:
            case = self.case._replace(sighting=sighting, at=at, flags=seen.flags, name=name, uri=uri)
            look = Look(event, self.context)
            for number in self.feeding:
                judge.feed(number, look, case, links)
        return True


def lane_for(look: Look, case: Case, numbers: list[int], judge: Judge, findings: Tallies) -> Lane | None:
    """The lane that a request leaves behind; None when others like it may differ in more than time, name and URI."""
    event = look.event
    ref = event.objectRef
    if ref is None or event.verb not in READS or event.impersonatedUser is not None or len(event.sourceIPs or ()) > 1:
        return None
    tallies = tuple(findings[key] for number in numbers if (key := judge.key(number, case)) is not None)
    return Lane(look.context, case, tallies, tuple(number for number in numbers if judge.feeds(number)))
