"""A short way for requests that are like an earlier one: the same rules match them, in the same groups.

Reads of secrets, lists, updates of the same objects come by the thousand from the same accounts, and the rules that
take note of them are decided by their masks alone. The first such request goes the whole way; the lane it leaves behind
takes those of the same meaning (`kernel.meaning`) and hour, which differ from it in nothing but time, name and URI.
They wait in the lane, and are entered together when it is closed.
"""

from array import array
from typing import Final
from urllib.parse import unquote

import msgspec

from kwho.kernel.journal import Sighting, precedence
from kwho.kernel.judge import Case, Judge, Link, clip
from kwho.kernel.mask import USUAL
from kwho.kernel.tally import Findings, Links, Tally, keep
from kwho.schema.event import Event, ObjectRef
from kwho.views import Look
from kwho.views.trail import ISSUED

READS: Final = frozenset({"get", "list", "watch"})
"""Verbs whose outcome the operation tells: there is no dry run of them."""
WRITES: Final = frozenset({"update", "patch", "delete"})
"""Verbs whose outcome the operation tells when the URI speaks of no dry run."""
DRY_RUN: Final = "dryRun"
WAITING: Final = 1_000
"""Names and URIs whose requests wait in a lane before all of them are entered."""
NEVER: Final = -2
_EVER: Final = 1 << 63


class Feed:
    """A correlation that the requests of a lane feed: all in the same groups and, for a while, in the same stretch."""

    __slots__ = ("entries", "link", "number", "stretch")

    def __init__(self, number: int, link: Link) -> None:
        self.number = number
        """The rule that matches."""
        self.link = link
        self.stretch = NEVER
        """The stretch of the link's width that the entries are of; `NEVER` until a request has what is counted."""
        self.entries: tuple[tuple[Tally, str | None], ...] = ()
        """Where requests are entered, with what is counted."""


class Lane:
    """What the requests of one lane have in common, and where the rules that match them enter their matches."""

    __slots__ = ("_case", "_feeds", "_look", "_tallies", "_waiting", "idle", "since", "until")

    def __init__(self, look: Look, case: Case, tallies: tuple[Tally, ...], feeds: tuple[Feed, ...]) -> None:
        self._look = look
        self._case = case
        self._tallies = tallies
        self._feeds = feeds
        self.since = case.sighting.time + 1
        """The time from which on the lane takes requests; earlier ones may be better evidence than what there is."""
        self.until = 0 if feeds else _EVER
        """The time before which those that it takes can wait as they are; else `turn` must make way for them."""
        self._waiting: dict[tuple[str | None, str | None], array[int]] = {}
        """The rows of the requests to enter, by name and URI."""
        self.idle = not (tallies or feeds)
        """True when no rule takes note of such requests."""

    def enter(self, row: int, name: str | None, uri: str | None) -> None:
        """Let a request wait."""
        waiting = self._waiting.get((name, uri))
        if waiting is None:
            if len(self._waiting) >= WAITING:
                self.close()
            self._waiting[name, uri] = array("I", [row])
        else:
            waiting.append(row)

    def close(self) -> None:
        """Enter all that wait."""
        for (name, uri), rows in self._waiting.items():
            shown = clip(name), clip(uri)
            for tally in self._tallies:
                tally.enter(rows, *shown)
            for feed in self._feeds:
                self._feed(feed, rows, name, uri)
        self._waiting.clear()

    def turn(self, event: Event, sighting: Sighting, judge: Judge, links: Links) -> None:
        """Make way for a request that begins another stretch of a correlation, for which it is the evidence."""
        self.close()
        ref, time = event.objectRef, sighting.time
        name, at = None if ref is None else ref.name, precedence(sighting)
        uri, rows = clip(event.requestURI), array("I")
        case = self._case._replace(sighting=sighting, rows=rows, at=at, name=clip(name), uri=uri, told={})
        look = Look(event, self._look.context, self._look.site)
        for feed in self._feeds:
            if feed.stretch != time // feed.link.width:
                feed.entries = tuple(judge.feed_link(feed.number, feed.link, look, case, links))
                feed.stretch = time // feed.link.width if feed.entries or not feed.link.named else NEVER
        self.since = time + 1
        self.until = min((feed.stretch + 1) * feed.link.width for feed in self._feeds)

    def _feed(self, feed: Feed, rows: "array[int]", name: str | None, uri: str | None) -> None:
        """Enter requests in the tallies of one correlation."""
        named = None
        if feed.link.named and feed.link.value is not None:
            found = feed.link.value(self._named(name, uri))
            if found is None:
                return
            named = clip(str(found)) or ""
        for tally, shared in feed.entries:
            value = shared if named is None else named
            tally.enter(rows, clip(name), clip(uri), None if value is None else hash(value))
            if value is not None:
                tally.samples = keep(tally.samples, value)

    def _named(self, name: str | None, uri: str | None) -> Look:
        """As much of a request of this lane as its name and URI tell."""
        ref = msgspec.structs.replace(self._look.event.objectRef or ObjectRef(), name=name)
        return Look(Event(objectRef=ref, requestURI=uri), self._look.context, self._look.site)


def lane_for(look: Look, case: Case, numbers: list[int], judge: Judge, findings: Findings) -> Lane | None:
    """The lane that a request leaves behind; None when others like it may differ in more than time, name and URI."""
    event, notes = look.event, look.event.annotations or {}
    writes = event.verb in WRITES
    if event.objectRef is None or event.impersonatedUser is not None or not (writes or event.verb in READS):
        return None
    if ISSUED in notes or is_apart(event.requestURI) or (writes and notes.keys() != USUAL):
        return None
    if len(event.sourceIPs or ()) > 1 or event.requestObject or event.responseObject:
        return None
    feeds = tuple(Feed(number, link) for number in numbers for link in judge.links(number))
    if not all(feed.link.shared for feed in feeds):
        return None
    tallies = tuple(findings[key] for number in numbers if (key := judge.key(number, case)) is not None)
    return Lane(look, case, tallies, feeds)


def is_apart(uri: str | None) -> bool:
    """True for the URI of a request that no lane takes: rules ask whether it speaks of a dry run, also in escapes."""
    return uri is not None and (DRY_RUN in uri or ("%" in uri and DRY_RUN in unquote(uri)))
