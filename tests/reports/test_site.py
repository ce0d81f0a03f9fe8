"""A site in words."""

from kwho.detect.rule import Exclusion
from kwho.query.ast import And
from kwho.reports.site import site_lines
from kwho.schema.site import Clock, GeoIP, Listing, People, Place, Principals, Site, Window, Zone


def test_every_part_of_a_site_is_a_line() -> None:
    site = Site(
        zones={"home": Zone(networks=("10.0.0.0/8",), countries=("DE", "AT"), asns=(64500,), expect=("human", "node"))},
        proxies=("10.0.9.0/28",),
        clock=Clock("Asia/Tokyo"),
        principals=Principals(
            known=People(users=("ana",), groups=("sre", "dev")), break_glass=People(users=("root",)), nodes=("a", "b-*")
        ),
        windows=(Window("once", 0, 1), Window("weekly", 0, 60, ("mon",), Clock("Asia/Tokyo"))),
        lists={"exits": Listing("tor\x1b", "2026-01-04", ("203.0.113.1", "203.0.113.2"))},
        geoip=GeoIP(country="/c.mmdb", asn="/a.mmdb", places={"10.0.0.0/8": Place("DE")}),
    )
    exclusion = Exclusion(
        id="x",
        title="Backup",
        owner="o",
        reason="r",
        rules=("a", "b"),
        condition=And(()),
        expires=1_767_607_200_000_000,
    )
    assert list(site_lines(site, [exclusion])) == [
        "zone home: 1 network, 2 countries, 1 network operator, expects human, node",
        "proxies: 1 network trusted",
        "known: 1 user, 2 groups",
        "break-glass: 1 user, 0 groups",
        "nodes: 2 names",
        "timezone: Asia/Tokyo",
        "window once: once",
        "window weekly: every week, hours of Asia/Tokyo",
        "list exits: 2 addresses of kind tor\\x1b, 2026-01-04",
        "places: 1 network",
        "countries: /c.mmdb",
        "network operators: /a.mmdb",
        "exclusion Backup: 2 rules, until 2026-01-05T10:00:00.000000Z",
    ]


def test_an_empty_site_says_nothing() -> None:
    assert list(site_lines(Site(), [])) == []
