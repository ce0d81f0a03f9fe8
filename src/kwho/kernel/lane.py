"""A short way for requests that are like an earlier one: the same rules match them, in the same groups.

Reads of secrets, lists and the like come by the thousand from the same accounts, and the rules that take note of them
are decided by their masks alone. The first such request goes the whole way; the lane it leaves behind takes those of
the same meaning (`kernel.meaning`) and hour, which differ from it in nothing but time, name and URI.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from kwho.fields import Value
from kwho.kernel.judge import Case, Judge, Tallies, clip
from kwho.kernel.tally import Sighting, Tally, keep, position
from kwho.schema.event import Event, ObjectRef
from kwho.views import Look

READS: Final = frozenset({"get", "list", "watch"})
"""Verbs whose outcome the operation tells: there is no dry run of them."""


class Feed(NamedTuple):
    """A correlation that the requests of a lane feed, all in the same groups and, for a while, the same stretch."""

    tallies: tuple[Tally, ...]
    value: Callable[[Look], Value] | None
    """What is counted: something of the object's name."""
    width: int
    bucket: int


class Lane(NamedTuple):
    """What the requests of one lane have in common, and where the rules that match them enter their matches."""

    look: Look
    tallies: tuple[Tally, ...]
    feeds: tuple[Feed, ...]

    def takes(self, sighting: Sighting) -> bool:
        """False when a request must go the whole way: it is better evidence, or begins a stretch of its own."""
        at = (sighting.rank, *position(sighting))
        for tally in self.tallies:
            if at < tally.evidence_at:
                return False
        for feed in self.feeds:
            if sighting.time // feed.width != feed.bucket or any(at < tally.evidence_at for tally in feed.tallies):
                return False
        return True

    def enter(self, sighting: Sighting, flags: int, name: str | None, uri: str | None) -> None:
        """Enter a request in all tallies."""
        shown, uri = clip(name), clip(uri)
        for tally in self.tallies:
            tally.enter(sighting, flags, shown, uri)
        for feed in self.feeds:
            value = None
            if feed.value is not None:
                found = feed.value(self._named(name))
                if found is None:
                    continue
                value = clip(str(found)) or ""
            for tally in feed.tallies:
                tally.enter(sighting, flags, shown, uri, 0 if value is None else hash(value))
                if value is not None:
                    keep(tally.samples, value)

    def _named(self, name: str | None) -> Look:
        """As much of a request of this lane as its name tells."""
        ref = self.look.event.objectRef or ObjectRef()
        return Look(Event(objectRef=msgspec.structs.replace(ref, name=name)), self.look.context, self.look.site)


def lane_for(look: Look, case: Case, numbers: list[int], judge: Judge, found: tuple[Tallies, Tallies]) -> Lane | None:
    """The lane that a request leaves behind; None when others like it may differ in more than time, name and URI.

    `found` are the tallies of findings and of correlations, which the request is in already.
    """
    event, (findings, links) = look.event, found
    if event.objectRef is None or event.verb not in READS or event.impersonatedUser is not None:
        return None
    if len(event.sourceIPs or ()) > 1 or event.requestObject or event.responseObject:
        return None
    feeds = []
    for number in numbers:
        for link in judge.links(number):
            if not link.shared:
                return None
            excused, time = case.excused.get(link.correlation), case.sighting.time
            keys = dict.fromkeys(key for key, _ in link.keys(look, case.group[0], time, excused))
            if keys:
                feeds.append(Feed(tuple(links[key] for key in keys), link.value, link.width, time // link.width))
    tallies = tuple(findings[key] for number in numbers if (key := judge.key(number, case)) is not None)
    return Lane(look, tallies, tuple(feeds))
