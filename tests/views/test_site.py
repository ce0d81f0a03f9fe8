"""What a site says of an address, a user and a moment."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwho.schema.event import Event, User
from kwho.schema.moment import parse_moment
from kwho.schema.record import Context
from kwho.schema.site import Clock, GeoIP, Listing, People, Place, Principals, Site, Window, Zone
from kwho.views import Look, source
from kwho.views.site import MOST, Neighbourhood, Networks, Surroundings, address_of

NATIVE = Context("native")


def look(*addresses: str, site: Site | None = None) -> Look:
    return Look(Event(sourceIPs=addresses), NATIVE, Surroundings(site) if site else None)


def at(text: str) -> int:
    moment = parse_moment(text)
    assert moment is not None
    return moment


def test_an_address_is_in_the_zones_of_its_networks() -> None:
    site = Surroundings(
        Site(
            zones={
                "nodes": Zone(networks=("10.0.0.0/16",), expect=("node", "service_account")),
                "rack": Zone(networks=("10.0.3.0/24", "2001:db8::/32"), expect=("node", "human")),
            }
        )
    )
    near = site.around("10.0.3.7")
    assert (near.zones, near.known) == (("nodes", "rack"), True)
    assert near.expects == ("node", "service_account", "human")
    assert site.around("2001:db8::1").zones == ("rack",)
    mapped = Surroundings(Site(zones={"mapped": Zone(networks=("::ffff:10.0.0.0/104", "::ffff:192.0.2.1"))}))
    assert mapped.around("10.1.2.3").known
    assert mapped.around("::ffff:192.0.2.1").known
    assert mapped.around("192.0.2.2").known is False
    assert site.around("::ffff:10.0.0.1").zones == ("nodes",)
    outside = site.around("203.0.113.9")
    assert (outside.zones, outside.expects, outside.known) == ((), (), False)


def test_a_zone_may_be_a_country_or_a_network_operator() -> None:
    places = {"203.0.113.0/24": Place("DE", 64500), "198.51.100.0/24": Place("BR", 64501)}
    zones = {"home": Zone(countries=("DE", "AT")), "isp": Zone(asns=(64501,))}
    site = Surroundings(Site(zones=zones, geoip=GeoIP(places=places)))
    assert site.around("203.0.113.9").zones == ("home",)
    assert site.around("198.51.100.9")[-2:] == ("BR", 64501)
    assert site.around("198.51.100.9").zones == ("isp",)
    assert site.around("192.0.2.1").known is False


def test_places_of_the_site_go_before_files() -> None:
    asked: list[str] = []

    def locate(address: str) -> Place:
        asked.append(address)
        return Place("FR", 1)

    geoip = GeoIP(places={"203.0.113.0/24": Place("DE", 64500), "198.51.100.0/24": Place(asn=7)})
    site = Surroundings(Site(geoip=geoip), locate)
    assert site.around("203.0.113.9")[-2:] == ("DE", 64500)
    assert site.around("198.51.100.9")[-2:] == ("FR", 7)
    assert site.around("192.0.2.1")[-2:] == ("FR", 1)
    assert asked == ["198.51.100.9", "192.0.2.1"]


def test_a_listed_address_tells_the_list_its_kind_and_its_day() -> None:
    lists = {
        "exits": Listing("tor", "2026-01-04", ("203.0.113.9",)),
        "drop": Listing("bad", "2026-01-01", ("203.0.113.0/24", "203.0.113.9")),
    }
    near = Surroundings(Site(lists=lists)).around("203.0.113.9")
    assert set(near.lists or ()) == {"exits", "drop"}
    assert set(near.list_kinds or ()) == {"tor", "bad"}
    assert set(near.list_dates or ()) == {"2026-01-04", "2026-01-01"}
    assert Surroundings(Site(lists=lists)).around("192.0.2.1").lists == ()


@pytest.mark.parametrize("text", ["", "localhost", "10.0.0.1:443", "1" * 65, "\ud800", "10.0.0.1/8"])
def test_what_is_no_address_has_no_neighbourhood(text: str) -> None:
    assert Surroundings(Site(zones={"all": Zone(networks=("0.0.0.0/0",))})).around(text) == Neighbourhood()


def test_what_the_site_does_not_tell_is_unknown() -> None:
    assert Surroundings(Site()).around("10.0.0.1") == Neighbourhood()
    assert Surroundings(Site()).knows(User("ana")) is None
    assert Surroundings(Site()).breaks_glass(User("ana")) is None
    assert Surroundings(Site()).windows(0) is None


def test_the_answers_that_are_remembered_are_bounded() -> None:
    site = Surroundings(Site(zones={"all": Zone(networks=("10.0.0.0/8",))}))
    for number in range(MOST + 10):
        site.around(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert site.around("10.9.9.9").known
    assert len(site._seen) == MOST


def test_the_peer_is_the_last_address_that_is_no_trusted_proxy() -> None:
    site = Site(proxies=("10.0.9.0/28",))
    assert source.peer(look("203.0.113.9", "10.0.9.1", site=site)) == "203.0.113.9"
    assert source.peer(look("10.0.9.3", "203.0.113.9", "10.0.9.1", "10.0.9.2", site=site)) == "203.0.113.9"
    assert source.peer(look("203.0.113.9", "10.1.0.1", site=site)) == "10.1.0.1"
    assert source.peer(look("10.0.9.3", "10.0.9.1", site=site)) == "10.0.9.3"
    assert source.peer(look("10.0.9.1", site=site)) == "10.0.9.1"
    assert source.peer(look("evil", "10.0.9.1", site=site)) == "evil"
    assert source.peer(look(site=site)) is None


def test_what_stands_before_the_peer_is_claimed() -> None:
    site = Site(proxies=("10.0.9.0/28",))
    assert source.claimed(look("1.1.1.1", "203.0.113.9", "10.0.9.1", site=site)) == ("1.1.1.1",)
    assert source.claimed(look("203.0.113.9", "10.0.9.1", site=site)) == ()
    assert source.claimed(look("203.0.113.9", "10.0.9.1")) == ("203.0.113.9",)
    assert source.claimed(look(site=site)) == ()


def test_people_are_known_by_exact_name_or_group() -> None:
    people = Principals(
        known=People(users=("ana@example.com",), groups=("sre",)), break_glass=People(users=("root@example.com",))
    )
    site = Surroundings(Site(principals=people))
    assert site.knows(User("ana@example.com")) is True
    assert site.knows(User("bob@example.com", groups=("dev", "sre"))) is True
    assert site.knows(User("Ana@example.com", groups=("SRE",))) is False
    assert site.knows(None) is False
    assert site.breaks_glass(User("root@example.com")) is True
    assert site.breaks_glass(User("ana@example.com")) is False


def test_a_window_holds_from_its_start_to_before_its_end() -> None:
    window = Window("night", at("2026-01-05T20:00:00Z"), at("2026-01-05T23:00:00Z"))
    site = Surroundings(Site(windows=(window,)))
    assert site.windows(at("2026-01-05T20:00:00Z")) == ("night",)
    assert site.windows(at("2026-01-05T22:59:59.999999Z")) == ("night",)
    assert site.windows(at("2026-01-05T23:00:00Z")) == ()
    assert site.windows(None) is None


def test_a_weekly_window_stays_at_its_hours_when_clocks_are_turned() -> None:
    turn = at("2026-03-29T01:00:00Z")
    berlin = Clock("Berlin", ((0, 3_600_000_000), (turn, 7_200_000_000)))
    site = Surroundings(Site(windows=(Window("night", 22 * 60, 3 * 60, ("sat", "sun"), berlin),)))
    held = {text: site.windows(at(text)) for text in (
        "2026-03-28T20:59:59Z", "2026-03-28T21:00:00Z", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z",
        "2026-03-29T19:59:59Z", "2026-03-29T20:00:00Z", "2026-03-30T00:59:59Z", "2026-03-30T01:00:00Z",
    )}  # fmt: skip
    assert list(held.values()) == [(), ("night",), ("night",), (), (), ("night",), ("night",), ()]


def test_a_weekly_window_comes_back_and_may_pass_midnight() -> None:
    evening = Window("evening", 20 * 60, 23 * 60, ("mon", "wed"))
    night = Window("night", 22 * 60, 2 * 60, ("mon",))
    site = Surroundings(Site(windows=(evening, night)))
    assert site.windows(at("2026-01-05T20:00:00Z")) == ("evening",)  # a Monday
    assert site.windows(at("2026-01-05T22:30:00Z")) == ("evening", "night")
    assert site.windows(at("2026-01-06T01:59:00Z")) == ("night",)
    assert site.windows(at("2026-01-06T02:00:00Z")) == ()
    assert site.windows(at("2026-01-05T01:00:00Z")) == ()
    assert site.windows(at("2026-01-07T20:00:00Z")) == ("evening",)


NETWORKS = st.one_of(
    st.builds(lambda number, length: f"{ip_address(number)}/{length}", st.integers(0, 2**32 - 1), st.integers(0, 32)),
    st.builds(
        lambda number, length: f"{ip_address(number + 2**120)}/{length}", st.integers(0, 2**64), st.integers(0, 128)
    ),
)


@given(st.lists(NETWORKS, max_size=20), st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_networks_hold_what_they_hold(networks: list[str], address: object) -> None:
    found = address_of(str(address))
    assert found is not None
    table = Networks((text, text) for text in networks)
    held = {text for text in networks if found in ip_network(text, strict=False)}
    assert set(table.of(found)) == held
    lengths = [ip_network(text, strict=False).prefixlen for text in table.of(found)]
    assert lengths == sorted(lengths, reverse=True)


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_none(text: str) -> None:
    address_of(text)
    assert isinstance(Surroundings(Site()).around(text), Neighbourhood)


def test_nodes_are_known_by_name_or_pattern() -> None:
    site = Surroundings(Site(principals=Principals(nodes=("gpu-1", "worker-?", "*.rack"))))
    assert [site.knows_node(name) for name in ("gpu-1", "worker-7", "a.rack")] == [True] * 3
    strange = ("gpu-11", "xgpu-1", "worker-77", "Worker-7", "worker-7\n", "a.rack.evil", "a" * 250 + ".rack", "")
    assert [site.knows_node(name) for name in strange] == [False] * len(strange)
    assert Surroundings(Site()).knows_node("gpu-1") is None
