"""A site in words: what of it can be used."""

from collections.abc import Iterator, Sequence

from kwho.detect.rule import Exclusion
from kwho.reports.text import printable
from kwho.reports.words import counted
from kwho.schema.moment import format_moment
from kwho.schema.site import Clock, People, Principals, Site


def site_lines(site: Site, exclusions: Sequence[Exclusion]) -> Iterator[str]:
    """One line for each thing that a site tells; nothing for what it leaves out."""
    for name, zone in site.zones.items():
        parts = (
            (counted(len(zone.networks), "network"), zone.networks),
            (counted(len(zone.countries), "country", "countries"), zone.countries),
            (counted(len(zone.asns), "network operator"), zone.asns),
        )
        expected = f", expects {', '.join(zone.expect)}" if zone.expect else ""
        yield f"zone {name}: {', '.join(words for words, content in parts if content)}{expected}"
    if site.proxies:
        yield f"proxies: {counted(len(site.proxies), 'network')} trusted"
    yield from _principals(site.principals)
    if site.clock != Clock():
        yield f"timezone: {printable(site.clock.name)}"
    for window in site.windows:
        hours = f", hours of {window.clock.name}" if window.days else ""
        yield f"window {window.name}: {'every week' if window.days else 'once'}{hours}"
    for name, listing in site.lists.items():
        kind = printable(listing.kind)
        yield f"list {name}: {counted(len(listing.addresses), 'address', 'addresses')} of kind {kind}, {listing.date}"
    if site.geoip.places:
        yield f"places: {counted(len(site.geoip.places), 'network')}"
    for what, path in (("countries", site.geoip.country), ("network operators", site.geoip.asn)):
        if path is not None:
            yield f"{what}: {printable(path)}"
    for exclusion in exclusions:
        until = f", until {format_moment(exclusion.expires)}" if exclusion.expires is not None else ""
        yield f"exclusion {printable(exclusion.title)}: {counted(len(exclusion.rules), 'rule')}{until}"


def _principals(principals: Principals) -> Iterator[str]:
    yield from _people("known", principals.known)
    yield from _people("break-glass", principals.break_glass)
    if principals.nodes:
        yield f"nodes: {counted(len(principals.nodes), 'name')}"


def _people(what: str, people: People) -> Iterator[str]:
    if people.users or people.groups:
        yield f"{what}: {counted(len(people.users), 'user')}, {counted(len(people.groups), 'group')}"
