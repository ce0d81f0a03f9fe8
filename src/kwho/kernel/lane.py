"""A short way for requests that are like an earlier one: the same rules match them, in the same groups.

Reads of secrets, lists, updates of the same objects come by the thousand from the same accounts, and the rules that
take note of them are decided by their masks alone. The first such request goes the whole way; the lane it leaves behind
takes those of the same meaning (`kernel.meaning`) and hour, which differ from it in nothing but time, name and URI.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from kwho.fields import Value
from kwho.kernel.judge import Case, Judge, Tallies, clip
from kwho.kernel.mask import USUAL
from kwho.kernel.tally import Sighting, Tally, keep, position
from kwho.schema.event import Event, ObjectRef
from kwho.views import Look

READS: Final = frozenset({"get", "list", "watch"})
"""Verbs whose outcome the operation tells: there is no dry run of them."""
WRITES: Final = frozenset({"update", "patch"})
"""Verbs whose outcome the operation tells when the URI speaks of no dry run."""
DRY_RUN: Final = "dryRun"


class Feed(NamedTuple):
    """A correlation that the requests of a lane feed, all in the same groups and, for a while, the same stretch."""

    tallies: tuple[tuple[Tally, str | None], ...]
    """With what is counted, when it is the same for all."""
    value: Callable[[Look], Value] | None
    """Reads what is counted off the object's name or the URI, when that tells."""
    width: int
    bucket: int


class Lane(NamedTuple):
    """What the requests of one lane have in common, and where the rules that match them enter their matches."""

    look: Look
    tallies: tuple[Tally, ...]
    feeds: tuple[Feed, ...]
    writes: bool

    def takes(self, sighting: Sighting, uri: str | None) -> bool:
        """False when a request must go the whole way: it is better evidence, or begins a stretch of its own."""
        if self.writes and DRY_RUN in (uri or ""):
            return False
        at = (sighting.rank, *position(sighting))
        for tally in self.tallies:
            if at < tally.evidence_at:
                return False
        for feed in self.feeds:
            if sighting.time // feed.width != feed.bucket or any(at < tally.evidence_at for tally, _ in feed.tallies):
                return False
        return True

    def enter(self, sighting: Sighting, flags: int, name: str | None, uri: str | None) -> None:
        """Enter a request in all tallies."""
        full, shown, uri = uri, clip(name), clip(uri)
        for tally in self.tallies:
            tally.enter(sighting, flags, shown, uri)
        for feed in self.feeds:
            named = None
            if feed.value is not None:
                found = feed.value(self._named(name, full))
                if found is None:
                    continue
                named = clip(str(found)) or ""
            for tally, shared in feed.tallies:
                value = named or shared
                tally.enter(sighting, flags, shown, uri, 0 if value is None else hash(value))
                if value is not None:
                    keep(tally.samples, value)

    def _named(self, name: str | None, uri: str | None) -> Look:
        """As much of a request of this lane as its name and URI tell."""
        ref = self.look.event.objectRef or ObjectRef()
        return Look(
            Event(objectRef=msgspec.structs.replace(ref, name=name), requestURI=uri), self.look.context, self.look.site
        )


def lane_for(look: Look, case: Case, numbers: list[int], judge: Judge, found: tuple[Tallies, Tallies]) -> Lane | None:
    """The lane that a request leaves behind; None when others like it may differ in more than time, name and URI.

    `found` are the tallies of findings and of correlations, which the request is in already.
    """
    event, (findings, links) = look.event, found
    writes = event.verb in WRITES
    if event.objectRef is None or event.impersonatedUser is not None or not (writes or event.verb in READS):
        return None
    if writes and (DRY_RUN in (event.requestURI or "") or (event.annotations or {}).keys() != USUAL):
        return None
    if len(event.sourceIPs or ()) > 1 or event.requestObject or event.responseObject:
        return None
    feeds = []
    for number in numbers:
        for link in judge.links(number):
            if not link.shared:
                return None
            excused, time = case.excused.get(link.correlation), case.sighting.time
            keys = dict(link.keys(look, case.group[0], time, excused))
            if keys:
                entries = tuple((links[key], value) for key, value in keys.items())
                feeds.append(Feed(entries, link.value if link.named else None, link.width, time // link.width))
    tallies = tuple(findings[key] for number in numbers if (key := judge.key(number, case)) is not None)
    return Lane(look, tallies, tuple(feeds), writes)
