"""The site file: what the user knows of the own site, read strictly, every complaint with its line.

Nothing is opened here: `fetch` hands in the texts of address lists.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec

from kwho.detect.addresses import is_network, read_addresses
from kwho.detect.document import Document, Step, read_documents
from kwho.detect.exclusion import ExclusionDraft, read_exclusion
from kwho.detect.extension import convert
from kwho.detect.windows import read_window
from kwho.errors import InvalidRuleError
from kwho.schema.moment import parse_moment
from kwho.schema.site import Clock, GeoIP, Listing, Principals, Site, Window, Zone

KEYS: Final = ("zones", "proxies", "principals", "timezone", "windows", "lists", "geoip", "exclusions")
"""The keys of a site file; each may be left out."""
ADDRESSES: Final = 200_000
"""Addresses and networks of all lists together."""

_NAME: Final = re.compile(r"[A-Za-z][\w-]{0,62}", re.ASCII)
_NODE: Final = re.compile(r"[a-z0-9.*?-]{1,253}", re.ASCII)
_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)
_EXPECTED: Final = "a site file is a mapping (zones: …)"
_NOTHING: Final = f"nothing in it; a site file tells {', '.join(KEYS[:-1])} or {KEYS[-1]}"


class Fetched(NamedTuple):
    """The text of a file that a site file names, and the day it was last changed, such as `2026-01-05`."""

    text: str
    date: str


Fetch = Callable[[str], Fetched]
"""Reads a file named relative to the site file; raises OSError or ValueError (no text)."""
FindClock = Callable[[str], Clock]
"""The clock of a time zone by its name; raises ValueError when it is not known."""


class Reading(NamedTuple):
    """What a site file says: the site, its exclusions with their rules as written, and what is wrong or doubtful.

    With a complaint nothing of it is to be used; warnings name what was left out of lists, and what tells nothing.
    """

    site: Site
    exclusions: tuple[ExclusionDraft, ...] = ()
    complaints: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class _List(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: str = "bad"
    date: Any = None
    file: str | None = None
    addresses: tuple[str, ...] = ()


def read_site(path: str, text: str, fetch: Fetch, find_clock: FindClock) -> Reading:
    """A site file; all that is wrong is told at once."""
    documents = list(read_documents(path, text, _EXPECTED))
    if not documents:
        return Reading(Site(), warnings=(f"{path}:1: {_NOTHING}",))
    document = documents[0]
    if isinstance(document, InvalidRuleError):
        return Reading(Site(), complaints=(str(document),))
    reader = _Reader(document, fetch, find_clock)
    if len(documents) > 1:
        reader.complaints.append(f"{path}: a site file is one document; what follows --- is not read")
    return reader.read()


def read_inline(data: dict[str, Any]) -> Site:
    """The site of an example, which names no files and no time zones; raises InvalidRuleError."""
    reading = _Reader(Document("site", data, {(): 1}), _no_files, _no_clocks).read()
    if reading.complaints:
        raise InvalidRuleError(reading.complaints[0])
    return reading.site


def _no_files(path: str) -> Fetched:
    raise ValueError(f"an example names no files, write addresses instead of {path}")


def _no_clocks(name: str) -> Clock:
    raise ValueError(f"an example names no time zones, write hours in UTC instead of those of {name}")


class _Reader:
    """Reads the parts one by one, so that a fault in one does not hide those of the others."""

    def __init__(self, document: Document, fetch: Fetch, find_clock: FindClock) -> None:
        self.document = document
        self.fetch = fetch
        self.find_clock = find_clock
        self.complaints: list[str] = []
        self.warnings: list[str] = []
        self.room = ADDRESSES
        self.clocks: dict[str, Clock] = {}
        self.local = Clock()
        """The clock of the site's own time zone."""

    def read(self) -> Reading:
        """The whole file."""
        for key in self.document.data:
            if key not in KEYS:
                self.complain(f'unknown key "{key}"; known are {", ".join(KEYS)}', key)
        self.local = self.clock(self.document.data.get("timezone"), "timezone")
        site = Site(
            zones=dict(self.entries("zones", self.zone)),
            proxies=self.networks(self.items("proxies"), "proxies"),
            principals=self.principals(),
            clock=self.local,
            windows=tuple(window for _, window in self.entries("windows", self.window)),
            lists=dict(self.entries("lists", self.listing)),
            geoip=self.geoip(),
        )
        exclusions = tuple(self.exclusions())
        self.warn(site)
        if not (site.parts or site.proxies or exclusions or "timezone" in self.document.data or self.complaints):
            self.warnings.append(f"{self.document.path}:{self.document.line()}: {_NOTHING}")
        return Reading(site, exclusions, tuple(self.complaints), tuple(self.warnings))

    def principals(self) -> Principals:
        """Who is expected, with the names of nodes, which are as Kubernetes has them."""
        found: Principals = self.part("principals", Principals) or Principals()
        for number, name in enumerate(found.nodes):
            if not _NODE.fullmatch(name):
                reason = f'"{name}" is no name of a node: small letters, digits, - and ., with * and ? for any'
                self.complain(reason, "principals", "nodes", number)
        return found

    def warn(self, site: Site) -> None:
        """Note zones to which no address can belong, since nothing tells where addresses are."""
        for name, zone in site.zones.items():
            for members, part in ((zone.countries, "country"), (zone.asns, "asn")):
                if members and f"site.geoip.{part}" not in site.parts:
                    line = self.document.line("zones", name)
                    self.warnings.append(
                        f"{self.document.path}:{line}: zone {name}: nothing under geoip tells the {part}"
                    )

    def complain(self, reason: str, *steps: Step) -> None:
        """Note what is wrong at a path."""
        self.complaints.append(str(self.document.refuse(reason, *steps)))

    def part(self, key: str, kind: type[Any]) -> Any:
        """A part as `kind`; None when it is not there, or wrong."""
        return self.converted(self.document.data[key], kind, key) if self.document.data.get(key) is not None else None

    def converted(self, raw: object, kind: type[Any], *steps: Step) -> Any:
        """What stands at a path, as `kind`; None when it does not fit."""
        try:
            return convert(self.document, raw, kind, *steps)
        except InvalidRuleError as error:
            self.complaints.append(str(error))
            return None

    def entries(self, key: str, read: Callable[[str, object, Step], Any]) -> Iterator[tuple[str, Any]]:
        """The entries of a part that is a mapping by name."""
        raw = self.document.data.get(key)
        if raw is None:
            return
        if not isinstance(raw, dict):
            self.complain(f"{key}: is a mapping of names", key)
            return
        for name, value in raw.items():
            if not isinstance(name, str) or not _NAME.fullmatch(name):
                self.complain(f'{key}: "{name}" is no name: a letter, then letters, digits, - and _', key)
                continue
            found = read(name, {} if value is None else value, key)
            if found is not None:
                yield name, found

    def items(self, key: str) -> list[Any]:
        """The items of a part that is a list."""
        raw = self.document.data.get(key)
        if raw is not None and not isinstance(raw, list):
            self.complain(f"{key}: is a list", key)
        return raw if isinstance(raw, list) else []

    def networks(self, texts: Any, *steps: Step) -> tuple[str, ...]:
        """The networks of a list, without those that are none."""
        found = []
        for number, text in enumerate(texts):
            if isinstance(text, str) and is_network(text):
                found.append(text)
            else:
                place = text if isinstance(texts, dict) else number
                self.complain(
                    f'"{text}" is no address or network; write it as 10.0.0.0/8 or 2001:db8::/32', *steps, place
                )
        return tuple(found)

    def zone(self, name: str, raw: object, key: Step) -> Zone | None:
        """One zone."""
        zone: Zone | None = self.converted(raw, Zone, key, name)
        if zone is None:
            return None
        if not (zone.networks or zone.countries or zone.asns):
            self.complain("a zone has networks, countries or asns", key, name)
        for country in zone.countries:
            if not _COUNTRY.fullmatch(country):
                self.complain(f'"{country}" is no country code; write two capitals, as DE', key, name, "countries")
        return msgspec.structs.replace(zone, networks=self.networks(zone.networks, key, name, "networks"))

    def window(self, name: str, raw: object, key: Step) -> Window | None:
        """One change window; a time zone of its own goes before that of the site."""
        own = raw.get("timezone") if isinstance(raw, dict) else None
        clock = self.local if own is None else self.clock(own, key, name, "timezone")
        window, reason = read_window(name, raw, clock)
        if reason:
            self.complain(reason, key, name)
        return window

    def clock(self, zone: object, *steps: Step) -> Clock:
        """The clock of a time zone; UTC when none is named, or none that is known."""
        if zone is None:
            return Clock()
        name = zone if isinstance(zone, str) else repr(zone)
        if name not in self.clocks:
            try:
                self.clocks[name] = self.find_clock(name)
            except ValueError as error:
                self.complain(str(error), *steps)
                return Clock()
        return self.clocks[name]

    def listing(self, name: str, raw: object, key: Step) -> Listing | None:
        """One list of addresses, its file read."""
        written: _List | None = self.converted(raw, _List, key, name)
        if written is None:
            return None
        day = _day(written.date)
        addresses = list(self.networks(written.addresses, key, name, "addresses"))
        if written.date is not None and day is None:
            self.complain(f'"{written.date}" is no day; write it as 2026-01-05', key, name, "date")
        if written.file is not None:
            fetched = self.file(written.file, key, name)
            addresses += fetched[0]
            day = day or fetched[1]
        elif day is None and written.date is None:
            self.complain("a list without a file says the day it is of: date: 2026-01-05", key, name)
        if written.file is None and not addresses:
            self.complain("a list has a file or addresses", key, name)
        self.room -= len(addresses)
        if self.room < 0:
            self.complain(f"the lists have more than {ADDRESSES:,} addresses in all", key, name)
            addresses = []
        return Listing(written.kind, day or "", tuple(addresses))

    def file(self, path: str, key: Step, name: str) -> tuple[list[str], str]:
        """The addresses of a list file and the day of its last change."""
        try:
            fetched = self.fetch(path)
        except (OSError, ValueError) as error:
            self.complain(f"{path}: {getattr(error, 'strerror', None) or error}", key, name, "file")
            return [], ""
        found, strange = read_addresses(fetched.text)
        if strange and not found:
            self.complain(f"{path}:{strange[0]}: no address or network in the file", key, name, "file")
        elif strange:
            more = f" and {len(strange) - 1} more lines" if len(strange) > 1 else ""
            self.warnings.append(f"{path}:{strange[0]}{more}: no address; left out")
        return found, fetched.date

    def geoip(self) -> GeoIP:
        """Where addresses are."""
        geoip: GeoIP | None = self.part("geoip", GeoIP)
        if geoip is None:
            return GeoIP()
        kept = self.networks(geoip.places, "geoip", "places")
        return msgspec.structs.replace(geoip, places={network: geoip.places[network] for network in kept})

    def exclusions(self) -> Iterator[ExclusionDraft]:
        """The exclusions, each as if it were a file of its own."""
        for number, raw in enumerate(self.items("exclusions")):
            steps: tuple[Step, ...] = ("exclusions", number)
            if not isinstance(raw, dict) or not isinstance(raw.get("filter"), dict):
                self.complain("an exclusion is a Sigma filter: a mapping (title, id, filter, kwho)", *steps)
                continue
            lines = {path[2:]: line for path, line in self.document.lines.items() if path[:2] == steps}
            try:
                yield read_exclusion(Document(self.document.path, raw, lines))
            except InvalidRuleError as error:
                self.complaints.append(str(error))


def _day(written: object) -> str | None:
    """A day as text, or None when it is none."""
    text = written.isoformat()[:10] if isinstance(written, date) else str(written)
    return text if parse_moment(f"{text}T00:00:00Z") is not None else None
