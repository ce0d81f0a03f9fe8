"""Which parts of a site can be used."""

import msgspec

from kwho.schema.site import Clock, GeoIP, Listing, People, Place, Principals, Site, Window, Zone


def test_only_what_says_something_is_a_part() -> None:
    assert Site().parts == frozenset()
    assert Site(proxies=("10.0.0.0/8",), geoip=GeoIP(places={"10.0.0.0/8": Place()})).parts == frozenset()
    assert Site(zones={"a": Zone()}, windows=(Window("w", 0, 1),)).parts == {"site.zones", "site.windows"}
    assert Site(lists={"l": Listing("bad", "", ())}).parts == {"site.lists"}
    assert Site(principals=Principals(known=People(groups=("g",)))).parts == {"site.principals.known"}
    assert Site(principals=Principals(break_glass=People(users=("u",)))).parts == {"site.principals.breakGlass"}
    assert Site(principals=Principals(nodes=("n",))).parts == {"site.principals.nodes"}
    assert Site(geoip=GeoIP(country="c")).parts == {"site.geoip.country"}
    assert Site(geoip=GeoIP(asn="a")).parts == {"site.geoip.asn"}
    both = GeoIP(places={"10.0.0.0/8": Place("DE", 0)})
    assert Site(geoip=both).parts == {"site.geoip.country", "site.geoip.asn"}


def test_a_clock_is_ahead_by_what_held_last() -> None:
    assert Clock().ahead(7) == 0
    clock = Clock("x", ((100, 5), (200, -3)))
    assert [clock.ahead(moment) for moment in (0, 99, 100, 199, 200, 10**16)] == [5, 5, 5, 5, -3, -3]
    assert Clock().moment(7) == 7


def test_a_site_travels_as_msgpack() -> None:
    site = Site(
        zones={"a": Zone(networks=("10.0.0.0/8",), expect=("node",))},
        principals=Principals(break_glass=People(users=("u",))),
        windows=(Window("w", 0, 60, ("mon",), Clock("Europe/Berlin", ((0, 1), (5, 2)))),),
        geoip=GeoIP(places={"10.0.0.0/8": Place("DE")}),
    )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(site), type=Site) == site
