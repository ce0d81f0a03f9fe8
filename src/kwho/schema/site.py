"""What the user knows of the own site, as data: it travels to workers, and is fixed for a scan."""

from bisect import bisect_right
from operator import itemgetter
from typing import Final, Literal

import msgspec

from kwho.schema.finding import PrincipalKind
from kwho.schema.moment import MINUTE

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

_DAY: Final = 24 * 60 * MINUTE


class Zone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named part of the world: an address belongs to it by its network, its country or its network operator."""

    networks: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    """Two-letter codes of ISO 3166, in capitals."""
    asns: tuple[int, ...] = ()
    """Numbers of autonomous systems."""
    expect: tuple[PrincipalKind, ...] = ()
    """The kinds of principals that come from there."""
    about: str = ""


class People(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Users by their exact name, and everybody in some groups."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class Principals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is expected at all, which accounts are for emergencies, and what the nodes are called."""

    known: People = People()
    break_glass: People = msgspec.field(default=People(), name="breakGlass")
    nodes: tuple[str, ...] = ()
    """Names; `*` stands for any characters, `?` for one."""


class Clock(msgspec.Struct, frozen=True):
    """What clocks on the wall show: from each moment on, how far they are ahead of UTC, both in microseconds.

    The first pair holds before its moment as well; without pairs it is UTC.
    """

    name: str = "UTC"
    shifts: tuple[tuple[int, int], ...] = ()

    def ahead(self, moment: int) -> int:
        """Microseconds that local time is ahead of UTC at a moment."""
        return self.shifts[max(0, bisect_right(self.shifts, moment, key=itemgetter(0)) - 1)][1] if self.shifts else 0

    def moment(self, local: int) -> int:
        """The moment when clocks show `local`: the first of two; in an hour that they skip, as if they did not yet."""
        before, after = (self.ahead(local - sign * _DAY) for sign in (1, -1))
        return next((local - lead for lead in (before, after) if self.ahead(local - lead) == lead), local - before)


class Window(msgspec.Struct, frozen=True):
    """A time in which changes are planned: once (microseconds since 1970), or on days of the week (minutes of the day).

    `start` counts, `end` does not. A weekly window that ends before it starts ends on the next day; its days and
    minutes are those of `clock`.
    """

    name: str
    start: int
    end: int
    days: tuple[Day, ...] = ()
    clock: Clock = Clock()


class Listing(msgspec.Struct, frozen=True):
    """A list of addresses and networks: what it lists (`tor`, `bad` …) and the day it is of."""

    kind: str
    date: str
    addresses: tuple[str, ...]


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an address is: a two-letter country code, and the number of the network operator."""

    country: str | None = None
    asn: int | None = None


class GeoIP(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where addresses are: files in the MaxMind format, and places by network that go before them."""

    country: str | None = None
    asn: str | None = None
    places: dict[str, Place] = {}


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a site file tells but its exclusions; an empty part says nothing."""

    zones: dict[str, Zone] = {}
    proxies: tuple[str, ...] = ()
    """Networks of proxies whose word about the address before them is believed."""
    principals: Principals = Principals()
    clock: Clock = Clock()
    """What clocks on the wall show there: hours and days of the week are told by it."""
    windows: tuple[Window, ...] = ()
    lists: dict[str, Listing] = {}
    geoip: GeoIP = GeoIP()

    @property
    def parts(self) -> frozenset[str]:
        """What fields can be read with this site, as `Field.needs` names it."""
        told = {
            "site.zones": self.zones,
            "site.principals.known": self.principals.known.users or self.principals.known.groups,
            "site.principals.breakGlass": self.principals.break_glass.users or self.principals.break_glass.groups,
            "site.principals.nodes": self.principals.nodes,
            "site.windows": self.windows,
            "site.lists": self.lists,
            "site.geoip.country": self.geoip.country or any(place.country for place in self.geoip.places.values()),
            "site.geoip.asn": self.geoip.asn or any(place.asn is not None for place in self.geoip.places.values()),
        }
        return frozenset(name for name, content in told.items() if content)
