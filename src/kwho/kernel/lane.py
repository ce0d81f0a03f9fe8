"""A short way for requests that are like an earlier one: the same rules match them, in the same groups.

Reads of secrets, lists, updates of the same objects come by the thousand from the same accounts, and the rules that
take note of them are decided by their masks alone. The first such request goes the whole way; the lane it leaves behind
takes those of the same meaning (`kernel.meaning`), which differ from it in nothing but time, name and URI. They wait,
and are entered together.
"""

from array import array
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

import msgspec

from kwho.kernel.journal import UNKNOWN_TIME, Journal
from kwho.kernel.judge import AnyEntry, Case, Judge, Link, Rows, clip
from kwho.kernel.mask import USUAL
from kwho.kernel.tally import Findings, Links
from kwho.schema.event import ObjectRef
from kwho.schema.moment import HOUR, format_moment
from kwho.schema.site import Clock
from kwho.views import Look
from kwho.views.timing import steady
from kwho.views.trail import ISSUED

READS: Final = frozenset({"get", "list", "watch"})
"""Verbs whose outcome the operation tells: there is no dry run of them."""
WRITES: Final = frozenset({"update", "patch", "delete"})
"""Verbs whose outcome the operation tells when the URI speaks of no dry run."""
DRY_RUN: Final = "dryRun"
WAITING: Final = 1_000
"""Names and URIs whose requests wait in a lane before all of them are entered."""


class Lane:
    """What the requests of one lane have in common, and where the matches of its rules are entered."""

    __slots__ = ("_case", "_clocked", "_counts", "_entries", "_journal", "_waiting", "begin", "end", "idle", "rests")

    def __init__(self, case: Case, entries: list[AnyEntry], journal: Journal) -> None:
        self._case = case
        clocked: dict[Link | None, AnyEntry] = {
            entry.link: entry for entry in entries if entry.link is not None and entry.link.clocked
        }
        self._entries = [entry for entry in entries if entry.link not in clocked] + list(clocked.values())
        """Of a correlation that groups by what clocks show, one."""
        self._clocked = bool(clocked)
        self._counts = any(entry.link is not None and entry.link.named for entry in entries)
        """True when something is counted that may differ within the lane."""
        self._journal = journal
        self._waiting: dict[tuple[str | None, str | None], array[int]] = {}
        """The rows of the requests to enter, by name and URI."""
        self.begin = self.end = 0
        """The stretch of time that those who wait are of: an hour, or the part of it that clocks show alike."""
        self.idle = not entries
        """True when no rule takes note of such requests."""
        self.rests = False
        """True between two parts: it must be resumed before anybody waits in it."""

    def turn(self, time: int) -> None:
        """Make way for a request of another stretch of time."""
        self.close()
        self.begin = time // HOUR * HOUR
        self.end = self.begin + HOUR
        if self._clocked:
            site = self._case.look.site
            since, until = steady(time, Clock() if site is None else site.site.clock)
            self.begin, self.end = max(self.begin, since), min(self.end, until)

    def enter(self, row: int, name: str | None, uri: str | None) -> None:
        """Let a request of this stretch wait."""
        waiting = self._waiting.get((name, uri))
        if waiting is None:
            if len(self._waiting) >= WAITING:
                self.close()
            self._waiting[name, uri] = array("I", [row])
        else:
            waiting.append(row)

    def close(self) -> None:
        """Enter all that wait; what the rules looked at is the same in all of them."""
        cases: dict[int, list[tuple[int, Case]]] = {}
        for entry in self._entries if self._waiting else ():
            if entry.width not in cases:
                stretches = self._stretches(entry.width)
                cases[entry.width] = [(time, self._case._replace(found=found)) for time, found in stretches]
            for time, case in cases[entry.width]:
                for now in self._during(entry, time):
                    now.enter(case)
        self._waiting.clear()

    def rest(self) -> None:
        """Enter all that wait, and let go of the part."""
        self.close()
        self.resume({}, {}, Journal())
        self.rests = True

    def resume(self, findings: Findings, links: Links, journal: Journal) -> None:
        """Take requests of another part."""
        self._entries = [entry.within(findings, links) for entry in self._entries]
        self._journal = journal
        self.begin = self.end = 0
        self.rests = False

    def _during(self, entry: AnyEntry, time: int) -> Iterator[AnyEntry]:
        """Where requests are entered that are of the stretch which begins at a time, and of this hour."""
        if entry.link is None or not entry.link.clocked:
            yield entry.during(time)
            return
        look, sighting = self._case.look, self._case.sighting._replace(time=time)
        event = msgspec.structs.replace(look.event, requestReceivedTimestamp=format_moment(self.begin))
        yield from entry.like(self._case._replace(look=Look(event, look.context, look.site), sighting=sighting))

    def _stretches(self, width: int) -> Iterator[tuple[int, list[Rows]]]:
        """Those who wait, by stretches of a width: when each begins, and who is of it."""
        first, times = self.begin // width, self._journal.times
        if first == (self.end - 1) // width:
            yield first * width, [self._rows(rows, name, uri) for (name, uri), rows in self._waiting.items()]
            return
        found: dict[int, list[Rows]] = {}
        for (name, uri), rows in self._waiting.items():
            parts: dict[int, array[int]] = {}
            for row in rows:
                parts.setdefault(times[row] // width, array("I")).append(row)
            for number, part in parts.items():
                found.setdefault(number, []).append(self._rows(part, name, uri))
        for number, members in found.items():
            yield number * width, members

    def _rows(self, rows: "array[int]", name: str | None, uri: str | None) -> Rows:
        look = self._named(name, uri) if self._counts else self._case.look
        return Rows(rows, self._journal.precedence(rows), clip(name), clip(uri), look)

    def _named(self, name: str | None, uri: str | None) -> Look:
        """A request of this lane with this name and URI."""
        look = self._case.look
        ref = msgspec.structs.replace(look.event.objectRef or ObjectRef(), name=name)
        return Look(msgspec.structs.replace(look.event, objectRef=ref, requestURI=uri), look.context, look.site)


def lane_for(case: Case, numbers: list[int], judge: Judge, entries: list[AnyEntry], journal: Journal) -> Lane | None:
    """The lane that a request leaves behind; None when others like it may differ in more than time, name and URI."""
    event, notes = case.look.event, case.look.event.annotations or {}
    writes = event.verb in WRITES
    if event.objectRef is None or event.impersonatedUser is not None or not (writes or event.verb in READS):
        return None
    if ISSUED in notes or is_apart(event.requestURI) or (writes and notes.keys() != USUAL):
        return None
    if len(event.sourceIPs or ()) > 1 or event.requestObject or event.responseObject:
        return None
    links = [link for number in numbers for link in judge.links(number)]
    if not all(link.shared and (case.sighting.time != UNKNOWN_TIME or not link.clocked) for link in links):
        return None
    return Lane(case, entries, journal)


def is_apart(uri: str | None) -> bool:
    """True for the URI of a request that no lane takes: rules ask whether it speaks of a dry run, also in escapes."""
    return uri is not None and (DRY_RUN in uri or ("%" in uri and DRY_RUN in unquote(uri)))
