"""The site made ready for questions about one address, one user, one moment; every answer is a pure look-up."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import translate
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, Generic, NamedTuple, TypeVar

from kwho.schema.event import User
from kwho.schema.moment import MINUTE
from kwho.schema.site import Day, People, Place, Site, Window

T = TypeVar("T")

Locate = Callable[[str], Place]
"""Tells where an address is, by the files of the site."""

MOST: Final = 20_000
"""Peers whose neighbourhood is remembered."""
LONGEST_NAME: Final = 253
"""Characters of the name of a node; a longer one is none."""
LONGEST_ADDRESS: Final = 64
"""Characters of an address; a longer one is none."""

_DAYS: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_THURSDAY: Final = 3  # 1970-01-01 was one
_DAY: Final = 24 * 60 * MINUTE


class Neighbourhood(NamedTuple):
    """What a site knows of one address. None: nothing is known of any address, or this is no address."""

    zones: tuple[str, ...] | None = None
    expects: tuple[str, ...] | None = None
    known: bool | None = None
    lists: tuple[str, ...] | None = None
    list_kinds: tuple[str, ...] | None = None
    list_dates: tuple[str, ...] | None = None
    country: str | None = None
    asn: int | None = None


class Networks(Generic[T]):
    """Values by network; an address has those of every network that holds it, the narrowest first."""

    def __init__(self, entries: Iterable[tuple[str, T]]) -> None:
        self._tables: dict[tuple[int, int], dict[int, list[T]]] = {}
        for text, value in entries:
            network = _network(text)
            table = self._tables.setdefault((network.version, network.prefixlen), {})
            table.setdefault(int(network.network_address), []).append(value)
        self._order = sorted(self._tables, reverse=True)

    def of(self, address: IPv4Address | IPv6Address) -> Iterator[T]:
        """The values of the networks that hold the address."""
        number, bits = int(address), address.max_prefixlen
        for version, length in self._order:
            if version == address.version:
                yield from self._tables[version, length].get(number >> (bits - length) << (bits - length), ())


class Surroundings:
    """One site, compiled; what it says of an address is remembered, of at most `MOST` of them."""

    def __init__(self, site: Site, locate: Locate | None = None) -> None:
        self.site = site
        self._locate = locate
        self._zones = Networks((network, name) for name, zone in site.zones.items() for network in zone.networks)
        self._proxies = Networks((network, True) for network in site.proxies)
        self._listed = Networks((text, name) for name, listing in site.lists.items() for text in listing.addresses)
        self._places = Networks(site.geoip.places.items())
        self._nodes = tuple(re.compile(translate(pattern)) for pattern in site.principals.nodes)
        self._seen: dict[str, Neighbourhood] = {}
        self.trusts_proxies = bool(site.proxies)
        """Whether the peer may be another than the last address."""

    def peer_of(self, addresses: Sequence[str]) -> str | None:
        """The direct peer behind trusted proxies."""
        return addresses[self.peer_at(addresses)] if addresses else None

    def peer_at(self, addresses: Sequence[str]) -> int:
        """The position of the direct peer: the last address that is no trusted proxy, else the first."""
        if not self.trusts_proxies:
            return len(addresses) - 1
        for at in range(len(addresses) - 1, 0, -1):
            address = address_of(addresses[at])
            if address is None or not any(self._proxies.of(address)):
                return at
        return 0

    def around(self, peer: str) -> Neighbourhood:
        """What is known of an address."""
        found = self._seen.get(peer)
        if found is None:
            found = self._look_around(peer)
            if len(self._seen) < MOST:
                self._seen[peer] = found
        return found

    def knows(self, user: User | None) -> bool | None:
        """True for a user whom the site expects; None when it names nobody."""
        return _among(self.site.principals.known, user)

    def breaks_glass(self, user: User | None) -> bool | None:
        """True for an account that is for emergencies; None when the site names none."""
        return _among(self.site.principals.break_glass, user)

    def knows_node(self, name: str) -> bool | None:
        """True for the name of a node that the site expects; None when it names none."""
        if not self._nodes:
            return None
        return len(name) <= LONGEST_NAME and any(pattern.match(name) for pattern in self._nodes)

    def windows(self, moment: int | None) -> tuple[str, ...] | None:
        """The names of the windows that hold a moment; None when the site has none, or the moment is unknown."""
        if not self.site.windows or moment is None:
            return None
        return tuple(window.name for window in self.site.windows if _holds(window, moment))

    def _look_around(self, peer: str) -> Neighbourhood:
        address = address_of(peer)
        if address is None:
            return Neighbourhood()
        site, place = self.site, self._place(address)
        names = set(self._zones.of(address))
        names |= {
            name for name, zone in site.zones.items() if place.country in zone.countries or place.asn in zone.asns
        }
        zones = tuple(name for name in site.zones if name in names)
        kinds = (kind for name in zones for kind in site.zones[name].expect)
        lists = tuple(dict.fromkeys(self._listed.of(address)))
        return Neighbourhood(
            zones if site.zones else None,
            tuple(dict.fromkeys(kinds)) if site.zones else None,
            bool(zones) if site.zones else None,
            lists if site.lists else None,
            tuple(dict.fromkeys(site.lists[name].kind for name in lists)) if site.lists else None,
            tuple(dict.fromkeys(site.lists[name].date for name in lists)) if site.lists else None,
            place.country,
            place.asn,
        )

    def _place(self, address: IPv4Address | IPv6Address) -> Place:
        told = next(self._places.of(address), Place())
        if self._locate is None or (told.country is not None and told.asn is not None):
            return told
        found = self._locate(str(address))
        return Place(told.country or found.country, found.asn if told.asn is None else told.asn)


def peer_of(addresses: Sequence[str]) -> str | None:
    """The direct peer when no proxy is trusted: the last address."""
    return addresses[-1] if addresses else None


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """The address that a text spells, IPv4 within IPv6 as IPv4; None for anything else."""
    if len(text) > LONGEST_ADDRESS:
        return None
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _network(text: str) -> IPv4Network | IPv6Network:
    """The network that a text spells, IPv4 within IPv6 as IPv4."""
    network = ip_network(text, strict=False)
    inner = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    return network if inner is None or network.prefixlen < 96 else IPv4Network((inner, network.prefixlen - 96))


def _among(people: People, user: User | None) -> bool | None:
    if not (people.users or people.groups):
        return None
    if user is None or user.username is None:
        return False
    return user.username in people.users or not set(people.groups).isdisjoint(user.groups or ())


def _holds(window: Window, moment: int) -> bool:
    if not window.days:
        return window.start <= moment < window.end
    local = moment + window.clock.ahead(moment)
    day, minute = local // _DAY, local % _DAY // MINUTE
    today, yesterday = (_DAYS[(number + _THURSDAY) % 7] in window.days for number in (day, day - 1))
    if window.start < window.end:
        return today and window.start <= minute < window.end
    return (today and minute >= window.start) or (yesterday and minute < window.end)
