"""A short way for requests that are like an earlier one: the same rules match them, in the same groups.

Reads of secrets, lists, updates of the same objects come by the thousand from the same accounts, and the rules that
take note of them are decided by their masks alone. The first such request goes the whole way; the lane it leaves behind
takes those of the same meaning (`kernel.meaning`) and hour, which differ from it in nothing but time, name and URI.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import msgspec

from kwho.kernel.judge import Case, Findings, Judge, Link, Links, clip
from kwho.kernel.mask import USUAL
from kwho.kernel.tally import Sighting, Tally, keep, position
from kwho.schema.event import Event, ObjectRef
from kwho.views import Look
from kwho.views.trail import ISSUED

READS: Final = frozenset({"get", "list", "watch"})
"""Verbs whose outcome the operation tells: there is no dry run of them."""
WRITES: Final = frozenset({"update", "patch", "delete"})
"""Verbs whose outcome the operation tells when the URI speaks of no dry run."""
DRY_RUN: Final = "dryRun"


class Rider(NamedTuple):
    """A request that may take a lane: where it was seen, its own name and URI, and how to get at the rest of it."""

    sighting: Sighting
    flags: int
    name: str | None
    uri: str | None
    whole: Callable[[], Event]


class Feed:
    """A correlation that the requests of a lane feed: all in the same groups and, for a while, in the same stretch."""

    __slots__ = ("entries", "link", "number", "stretch")

    def __init__(self, number: int, link: Link) -> None:
        self.number = number
        """The rule that matches."""
        self.link = link
        self.stretch = -1
        """The stretch of the link's width that the entries are of."""
        self.entries: tuple[tuple[Tally, str | None], ...] = ()
        """Where requests are entered, with what is counted."""


class Lane(NamedTuple):
    """What the requests of one lane have in common, and where the rules that match them enter their matches."""

    look: Look
    case: Case
    tallies: tuple[Tally, ...]
    feeds: tuple[Feed, ...]
    writes: bool
    era: int
    """The era of the part in which the tallies are those of their groups; later on they may have been put together."""

    def takes(self, rider: Rider) -> bool:
        """False when a request must go the whole way: it is better evidence, or a dry run."""
        if self.writes and DRY_RUN in (rider.uri or ""):
            return False
        at = (rider.sighting.rank, *position(rider.sighting))
        for tally in self.tallies:
            if at < tally.evidence_at:
                return False
        for feed in self.feeds:
            for tally, _ in feed.entries:
                if at < tally.evidence_at:
                    return False
        return True

    def enter(self, rider: Rider, judge: Judge, links: Links) -> None:
        """Enter a request in all tallies; one that begins a stretch of a correlation is looked at as a whole."""
        sighting, flags, name, uri, _ = rider
        shown = clip(name), clip(uri)
        for tally in self.tallies:
            tally.enter(sighting, flags, *shown)
        for feed in self.feeds:
            stretch = sighting.time // feed.link.width
            if stretch != feed.stretch:
                feed.entries, feed.stretch = tuple(self._fed(feed, rider, judge, links)), stretch
                continue
            named = None
            if feed.link.named and feed.link.value is not None:
                found = feed.link.value(self._named(name, uri))
                if found is None:
                    continue
                named = clip(str(found)) or ""
            for tally, shared in feed.entries:
                value = shared if named is None else named
                tally.enter(sighting, flags, *shown, 0 if value is None else hash(value))
                if value is not None:
                    keep(tally.samples, value)

    def _fed(self, feed: Feed, rider: Rider, judge: Judge, links: Links) -> Iterator[tuple[Tally, str | None]]:
        """Enter a request in the tallies of one correlation, and make them where there are none."""
        sighting, flags, name, uri, whole = rider
        at = (sighting.rank, *position(sighting))
        case = self.case._replace(sighting=sighting, at=at, flags=flags, name=clip(name), uri=clip(uri), told={})
        look = Look(whole(), self.look.context, self.look.site)
        return judge.feed_link(feed.number, feed.link, look, case, links)

    def _named(self, name: str | None, uri: str | None) -> Look:
        """As much of a request of this lane as its name and URI tell."""
        ref = msgspec.structs.replace(self.look.event.objectRef or ObjectRef(), name=name)
        return Look(Event(objectRef=ref, requestURI=uri), self.look.context, self.look.site)


def lane_for(look: Look, case: Case, numbers: list[int], judge: Judge, findings: Findings, era: int = 0) -> Lane | None:
    """The lane that a request leaves behind; None when others like it may differ in more than time, name and URI."""
    event, notes = look.event, look.event.annotations or {}
    writes = event.verb in WRITES
    if event.objectRef is None or event.impersonatedUser is not None or not (writes or event.verb in READS):
        return None
    if ISSUED in notes or (writes and (DRY_RUN in (event.requestURI or "") or notes.keys() != USUAL)):
        return None
    if len(event.sourceIPs or ()) > 1 or event.requestObject or event.responseObject:
        return None
    feeds = tuple(Feed(number, link) for number in numbers for link in judge.links(number))
    if not all(feed.link.shared for feed in feeds):
        return None
    tallies = tuple(findings[key] for number in numbers if (key := judge.key(number, case)) is not None)
    return Lane(look, case, tallies, feeds, writes, era)
