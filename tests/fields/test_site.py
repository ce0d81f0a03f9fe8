"""Fields that a site file tells."""

import pytest

from kwho.fields import Value, find
from kwho.fields.site import SITE
from kwho.schema.event import Event, ObjectRef, User
from kwho.schema.record import Context
from kwho.schema.site import GeoIP, Listing, People, Place, Principals, Site, Window, Zone
from kwho.views import Look
from kwho.views.site import Surroundings

WHOLE = Site(
    zones={"office": Zone(networks=("192.0.2.0/24",), expect=("human",))},
    principals=Principals(known=People(users=("ana",)), break_glass=People(users=("root",)), nodes=("w-*",)),
    windows=(Window("day", 1_767_571_200_000_000, 1_767_657_600_000_000),),
    lists={"feed": Listing("tor", "2026-01-04", ("192.0.2.7",))},
    geoip=GeoIP(places={"192.0.2.0/24": Place("DE", 64500)}),
)
NAMES = [field.name for field in SITE]


def look(
    site: Site | None, *addresses: str, user: str = "ana", time: str | None = "2026-01-05T10:00:00Z", node: str = "w-1"
) -> Look:
    ref = ObjectRef(resource="nodes", name=node)
    event = Event(sourceIPs=addresses, user=User(user), requestReceivedTimestamp=time, objectRef=ref)
    return Look(event, Context("native"), None if site is None else Surroundings(site))


@pytest.mark.parametrize(
    ("name", "near", "far"),
    [
        ("source.zone", ("office",), ()),
        ("source.expects", ("human",), ()),
        ("source.known", True, False),
        ("source.listed", ("feed",), ()),
        ("source.listKind", ("tor",), ()),
        ("source.listDate", ("2026-01-04",), ()),
        ("source.country", "DE", None),
        ("source.asn", 64500, None),
        ("principal.known", True, False),
        ("principal.breakGlass", False, False),
        ("node.known", True, False),
        ("time.window", ("day",), ()),
    ],
)
def test_each_field_is_read_from_the_site(name: str, near: Value, far: Value) -> None:
    read = find(name).read
    assert read(look(WHOLE, "192.0.2.7")) == near
    assert read(look(WHOLE, "203.0.113.1", user="eve", time="2026-01-07T10:00:00Z", node="x")) == far


@pytest.mark.parametrize("name", NAMES)
def test_without_a_site_or_its_part_each_field_is_absent(name: str) -> None:
    read = find(name).read
    assert read(look(None, "192.0.2.7")) is None
    assert read(look(Site(), "192.0.2.7")) is None


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("source.")])
def test_without_an_address_nothing_is_known_of_the_source(name: str) -> None:
    assert find(name).read(look(WHOLE)) is None
    assert find(name).read(look(WHOLE, "not an address")) is None


def test_the_break_glass_account_is_one() -> None:
    assert find("principal.breakGlass").read(look(WHOLE, user="root")) is True


def test_a_time_that_is_not_believable_is_in_no_known_window() -> None:
    assert find("time.window").read(look(WHOLE, time="yesterday")) is None


def test_every_field_says_what_part_of_a_site_it_needs() -> None:
    for field in SITE:
        needs = [need for need in field.needs if need.startswith("site.")]
        assert len(needs) == 1
        assert needs[0] in WHOLE.parts


@pytest.mark.parametrize(
    ("ref", "user", "known"),
    [
        (ObjectRef(resource="nodes"), User("system:node:w-7", groups=("system:nodes",)), True),
        (ObjectRef(resource="pods", name="w-7"), User("system:node:x", groups=("system:nodes",)), False),
        (ObjectRef(resource="nodes", name="x"), User("system:node:w-7", groups=("system:nodes",)), False),
        (ObjectRef(resource="nodes", name="w-" + "7" * 300), User("ana"), False),
        (ObjectRef(resource="nodes", apiGroup="metrics.k8s.io", name="w-7"), User("ana"), None),
        (ObjectRef(resource="nodes"), User("system:node:w-7"), None),
        (None, User("ana"), None),
    ],
)
def test_a_node_is_the_one_that_a_request_is_on_else_the_one_that_asks(
    ref: ObjectRef | None, user: User, known: bool | None
) -> None:
    event = Event(objectRef=ref, user=user)
    assert find("node.known").read(Look(event, Context("native"), Surroundings(WHOLE))) is known
