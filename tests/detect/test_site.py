"""A site file is read strictly, and everything that is wrong with it is told at once, with its line."""

from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.detect.site import ADDRESSES, KEYS, Fetched, Reading, read_site
from kwho.schema.site import Clock, GeoIP, Listing, People, Place, Principals, Site, Window, Zone

FILES = {
    "tor.txt": "# exits\n198.51.100.7\n198.51.100.8 ; seen\n\n203.0.113.0/24,columns,follow\n",
    "odd.txt": "address,country\n198.51.100.7,DE\nnothing\n",
    "words.txt": "nothing\nhere\n",
    "many.txt": "\n".join(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(ADDRESSES + 1)),
}

WHOLE = """\
zones:
  office: {networks: [192.0.2.0/24, '2001:db8::/48'], expect: [human], about: the house}
  home: {countries: [DE], asns: [64500]}
proxies: [10.0.9.0/28, 10.0.8.1]
principals:
  known: {users: [ana@example.com], groups: [sre]}
  breakGlass: {users: [root@example.com]}
  nodes: [worker-*, gpu-1.example]
windows:
  release: {from: 2026-01-05T20:00:00Z, to: 2026-01-05T23:00:00+01:00}
  patch-day: {days: [tue, thu], from: 20:00, to: "02:30"}
lists:
  exits: {kind: tor, file: tor.txt}
  ours: {addresses: [203.0.113.9], date: 2026-01-01}
geoip:
  country: country.mmdb
  places: {198.51.100.0/24: {country: BR, asn: 64501}}
exclusions:
  - title: Backup reads
    id: 00000000-0000-4000-8000-0000000000ee
    filter:
      rules: [F01]
      known: {user.username: backup, verb: get, target: secrets}
      condition: not known
    kwho: {owner: ops, reason: it backs up}
"""


def fetch(path: str) -> Fetched:
    if path == "binary.txt":
        raise ValueError("not UTF-8 at byte 3")
    if path not in FILES:
        raise FileNotFoundError(2, "No such file or directory")
    return Fetched(FILES[path], "2026-01-04")


def find_clock(name: str) -> Clock:
    if name not in ("UTC", "Europe/Here", "Asia/There"):
        raise ValueError(f"no time zone {name}")
    return Clock(name, ((0, 3_600_000_000),))


def read(text: str) -> Reading:
    return read_site("site.yaml", dedent(text), fetch, find_clock)


def test_everything_that_a_site_tells_is_read() -> None:
    reading = read(WHOLE)
    assert (reading.complaints, reading.warnings) == ((), ())
    assert reading.site == Site(
        zones={
            "office": Zone(networks=("192.0.2.0/24", "2001:db8::/48"), expect=("human",), about="the house"),
            "home": Zone(countries=("DE",), asns=(64500,)),
        },
        proxies=("10.0.9.0/28", "10.0.8.1"),
        principals=Principals(
            known=People(users=("ana@example.com",), groups=("sre",)),
            break_glass=People(users=("root@example.com",)),
            nodes=("worker-*", "gpu-1.example"),
        ),
        windows=(
            Window("release", 1_767_643_200_000_000, 1_767_650_400_000_000),
            Window("patch-day", 1_200, 150, ("tue", "thu")),
        ),
        lists={
            "exits": Listing("tor", "2026-01-04", ("198.51.100.7", "198.51.100.8", "203.0.113.0/24")),
            "ours": Listing("bad", "2026-01-01", ("203.0.113.9",)),
        },
        geoip=GeoIP(country="country.mmdb", places={"198.51.100.0/24": Place("BR", 64501)}),
    )
    assert [draft.exclusion.title for draft in reading.exclusions] == ["Backup reads"]
    assert reading.site.parts == {
        "site.zones", "site.principals.known", "site.principals.breakGlass", "site.principals.nodes", "site.windows",
        "site.lists", "site.geoip.country", "site.geoip.asn",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}", "zones:\nlists:\nexclusions: []\n"])
def test_an_empty_site_says_nothing_and_is_told_what_could_stand_there(text: str) -> None:
    told = (
        "site.yaml:1: nothing in it; a site file tells zones, proxies, principals, timezone, windows, lists, geoip or "
        "exclusions"
    )
    assert read(text) == Reading(Site(), warnings=(told,))
    assert Site().parts == frozenset()


def test_a_time_zone_holds_for_all_windows_without_one_of_their_own() -> None:
    hours = "days: [mon], from: '20:00', to: '21:00'"
    own = "".join(f"  {name}: {{{hours}, timezone: {zone}}}\n" for name, zone in (("b", "Asia/There"), ("c", "UTC")))
    reading = read(f"timezone: Europe/Here\nwindows:\n  a: {{{hours}}}\n{own}")
    assert reading.complaints == reading.warnings == ()
    assert [window.clock.name for window in reading.site.windows] == ["Europe/Here", "Asia/There", "UTC"]
    assert reading.site.clock.name == "Europe/Here"
    assert read("timezone: Europe/Here\n").warnings == ()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- 1\n", "site.yaml:1: a site file is a mapping (zones: …), this is none"),
        ("zones: {a: [}", "site.yaml:1: "),
        ("zone: {}\n", 'site.yaml:1: unknown key "zone"; known are zones, '),
        ("{}\n---\nzones: {}\n", "site.yaml: a site file is one document"),
        ("zones: [a]\n", "site.yaml:1: zones: is a mapping of names"),
        ("zones:\n  a b: {networks: [10.0.0.0/8]}\n", 'site.yaml:1: zones: "a b" is no name'),
        ("zones:\n  a:\n", "site.yaml:2: a zone has networks, countries or asns"),
        ("zones:\n  a:\n    networks:\n      - 10.0.0.0/8\n      - 10.0.0\n", 'site.yaml:5: "10.0.0" is no address'),
        ("zones:\n  a: {networks: 10.0.0.0/8}\n", "site.yaml:2: zones.a.networks: expected `array`"),
        ("zones:\n  a: {countries: [de]}\n", 'site.yaml:2: "de" is no country code'),
        (
            "zones:\n  a: {countries: [NO]}\n",
            "site.yaml:2: zones.a.countries.0: expected `str`, got `bool`; put words such as NO and yes in quotes",
        ),
        ("zones:\n  a: {asns: [64500], expect: [people]}\n", "site.yaml:2: zones.a.expect.0: invalid enum value"),
        ("zones:\n  a: {network: [10.0.0.0/8]}\n", "site.yaml:2: zones.a.network: object contains unknown field"),
        ("proxies: 10.0.0.1\n", "site.yaml:1: proxies: is a list"),
        ("proxies:\n  - 10.0.0.1\n  - lb\n", 'site.yaml:3: "lb" is no address or network'),
        ("principals:\n  known: [ana]\n", "site.yaml:2: principals.known: expected `object`"),
        ("principals:\n  nodes: worker\n", "site.yaml:2: principals.nodes: expected `array`"),
        ("principals:\n  nodes:\n    - a\n    - Worker-1\n", 'site.yaml:4: "Worker-1" is no name of a node'),
        ("principals:\n  nodes: ['w[0-9]']\n", 'site.yaml:2: "w[0-9]" is no name of a node'),
        ("windows:\n  a: {from: 2026-01-05T20:00:00Z}\n", "site.yaml:2: a window has from: and to:"),
        ("windows:\n  a: {from: soon, to: later}\n", "site.yaml:2: from and to are times"),
        ("windows:\n  a: {from: 2026-01-06, to: 2026-01-05}\n", "site.yaml:2: the window ends before it starts"),
        ("windows:\n  a: {days: [tuesday], from: '20:00', to: '21:00'}\n", "site.yaml:2: days: is a list of mon, "),
        ("windows:\n  a: {days: [tue], from: '20:00', to: '25:00'}\n", "site.yaml:2: from and to are two hours"),
        ("windows:\n  a: {days: [tue], from: '20:00', to: '20:60'}\n", "site.yaml:2: from and to are two hours"),
        ("windows:\n  a: {days: [tue], from: -5, to: '20:00'}\n", "site.yaml:2: from and to are two hours"),
        ("timezone: Mars\nwindows: {}\n", "site.yaml:1: no time zone Mars"),
        ("timezone: [1]\n", "site.yaml:1: no time zone [1]"),
        (
            "windows:\n  a:\n    days: [tue]\n    from: '1:00'\n    to: '2:00'\n    timezone: Mars\n",
            "site.yaml:6: no time zone Mars",
        ),
        ("lists:\n  a: {kind: tor}\n", "site.yaml:2: a list without a file says the day it is of"),
        ("lists:\n  a: {date: 2026-01-01}\n", "site.yaml:2: a list has a file or addresses"),
        ("lists:\n  a: {date: today, addresses: [10.0.0.1]}\n", 'site.yaml:2: "today" is no day'),
        ("lists:\n  a: {file: gone.txt}\n", "site.yaml:2: gone.txt: No such file or directory"),
        ("lists:\n  a: {file: binary.txt}\n", "site.yaml:2: binary.txt: not UTF-8 at byte 3"),
        ("lists:\n  a: {file: words.txt}\n", "site.yaml:2: words.txt:1: no address or network in the file"),
        ("lists:\n  a: {file: many.txt}\n", "site.yaml:2: the lists have more than 200,000 addresses"),
        ("geoip: {city: x.mmdb}\n", "site.yaml:1: geoip.city: object contains unknown field"),
        ("geoip:\n  places:\n    here: {country: DE}\n", 'site.yaml:3: "here" is no address or network'),
        ("exclusions: {}\n", "site.yaml:1: exclusions: is a list"),
        ("exclusions:\n  - title: x\n", "site.yaml:2: an exclusion is a Sigma filter"),
        (
            "exclusions:\n  - title: x\n    id: x\n    filter:\n      rules: [F01]\n    kwho: {owner: o, reason: r}\n",
            "site.yaml:4: the filter has selections and one condition",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, complaint: str) -> None:
    assert read(text).complaints[0].startswith(complaint)


def test_one_fault_does_not_hide_another() -> None:
    reading = read("zones: {a: {networks: [x]}}\nproxies: [y]\nlists: {b: {file: z}}\nwhat: ever\n")
    assert len(reading.complaints) == 4


def test_lines_of_a_list_that_hold_no_address_are_left_out_with_a_warning() -> None:
    reading = read("lists:\n  a: {file: odd.txt, date: 2025-12-31}\n")
    assert reading.complaints == ()
    assert reading.warnings == ("odd.txt:1 and 1 more lines: no address; left out",)
    assert reading.site.lists["a"] == Listing("bad", "2025-12-31", ("198.51.100.7",))


def test_a_zone_that_no_address_can_belong_to_is_remarked() -> None:
    text = "zones:\n  home: {countries: [DE], asns: [1]}\ngeoip: {places: {10.0.0.0/8: {asn: 1}}}\n"
    assert read(text).warnings == ("site.yaml:2: zone home: nothing under geoip tells the country",)


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_any_text_is_a_site_or_a_complaint(text: str) -> None:
    assert isinstance(read_site("site.yaml", text, fetch, find_clock), Reading)


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES))
def test_any_values_make_a_site_or_complaints(data: dict[str, object]) -> None:
    import yaml  # noqa: PLC0415

    assert isinstance(read_site("site.yaml", yaml.safe_dump(data), fetch, find_clock), Reading)
