"""Files of places in the MaxMind format."""

import struct
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from kwho.engine.geoip import asn_of, country_of, locator, surroundings
from kwho.engine.site import load_site
from kwho.schema.site import GeoIP, Place, Site

MARK = b"\xab\xcd\xefMaxMind.com"
SHORT, LONG, LONGER = 5, 6, 9
"""The kinds of whole numbers that the format tells apart."""


def encode(value: Any, kind: int = LONG) -> bytes:
    """One value in the data format of MaxMind: texts, numbers, lists and maps."""
    if isinstance(value, str):
        data = value.encode()
        assert len(data) < 285
        head = bytes([0x40 | len(data)]) if len(data) < 29 else bytes([0x40 | 29, len(data) - 29])
        return head + data
    if isinstance(value, int):
        data = value.to_bytes((value.bit_length() + 7) // 8, "big")
        return (bytes([len(data), LONGER - 7]) if kind == LONGER else bytes([kind << 5 | len(data)])) + data
    if isinstance(value, list):
        return bytes([len(value), 4]) + b"".join(map(encode, value))
    kinds = {"node_count": LONG, "build_epoch": LONGER, "autonomous_system_number": LONG}
    items = (encode(key) + encode(item, kinds.get(key, SHORT)) for key, item in value.items())
    return bytes([0xE0 | len(value)]) + b"".join(items)


def database(kind: str, networks: dict[str, Any]) -> bytes:
    """A database of places by IPv4 network, as its vendors publish it."""
    tree: list[list[int | None]] = [[None, None]]
    data, offsets = b"", {}
    for text, record in networks.items():
        network, at = ip_network(text), 0
        for depth in range(network.prefixlen):
            bit = int(network.network_address) >> (31 - depth) & 1
            if depth == network.prefixlen - 1:
                offsets[at, bit] = len(data)
                data += encode(record)
            elif tree[at][bit] is None:
                tree.append([None, None])
                tree[at][bit] = len(tree) - 1
            at = tree[at][bit] or 0
    size = len(tree)
    nodes = b""
    for at, pair in enumerate(tree):
        for bit, child in enumerate(pair):
            record = offsets.get((at, bit))
            number = size + 16 + record if record is not None else size if child is None else child
            nodes += struct.pack(">I", number)
    meta = {
        "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": 1_767_607_200,
        "database_type": kind, "ip_version": 4, "node_count": size, "record_size": 32,
        "languages": ["en"], "description": {"en": "made for a test"},
    }  # fmt: skip
    return nodes + bytes(16) + data + MARK + encode(meta)


def write(folder: Path, text: str) -> Path:
    path = folder / "site.yaml"
    path.write_text(text)
    return path


@pytest.mark.skipif(find_spec("maxminddb") is None, reason="the extra geoip is not installed")
class TestPlaces:
    def test_files_tell_countries_and_operators(self, tmp_path: Path) -> None:
        country = {"198.51.100.0/24": {"country": {"iso_code": "BR"}}, "203.0.113.0/25": {"country_code": "DE"}}
        (tmp_path / "country.mmdb").write_bytes(database("Country", country))
        asn = {"198.51.100.0/24": {"autonomous_system_number": 64501, "autonomous_system_organization": "Example"}}
        (tmp_path / "asn.mmdb").write_bytes(database("ASN", asn))
        reading = load_site(write(tmp_path, "geoip: {country: country.mmdb, asn: asn.mmdb}"))
        assert reading.complaints == ()
        locate = locator(reading.site)
        assert locate is not None
        assert locate("198.51.100.9") == Place("BR", 64501)
        assert locate("203.0.113.9") == Place("DE", None)
        assert locate("203.0.113.200") == Place(None, None)
        assert locate("2001:db8::1") == Place(None, None)

    def test_one_file_is_enough(self, tmp_path: Path) -> None:
        (tmp_path / "a.mmdb").write_bytes(database("ASN", {"198.51.100.0/24": {"asn": "AS64501"}}))
        locate = locator(load_site(write(tmp_path, "geoip: {asn: a.mmdb}")).site)
        assert locate is not None
        assert locate("198.51.100.9") == Place(None, 64501)

    def test_a_file_of_another_kind_is_a_complaint(self, tmp_path: Path) -> None:
        (tmp_path / "country.mmdb").write_text("no database")
        reading = load_site(write(tmp_path, "geoip: {country: country.mmdb, asn: gone.mmdb}"))
        first, second = reading.complaints
        assert "country.mmdb: " in first
        assert "gone.mmdb: No such file or directory" in second

    def test_a_damaged_file_tells_nothing(self, tmp_path: Path) -> None:
        whole = database("ASN", {"198.51.100.0/24": {"autonomous_system_number": 64501}})
        at = whole.index(encode("autonomous_system_number"))
        (tmp_path / "a.mmdb").write_bytes(whole[: at - 1] + b"\xff" + whole[at:])
        locate = locator(load_site(write(tmp_path, "geoip: {asn: a.mmdb}")).site)
        assert locate is not None
        assert locate("198.51.100.9") == Place(None, None)


def test_a_site_without_files_of_places_needs_none() -> None:
    assert locator(Site(geoip=GeoIP(places={"10.0.0.0/8": Place("DE")}))) is None


@pytest.mark.parametrize(
    ("record", "country", "asn"),
    [
        ({"country": {"iso_code": "DE"}}, "DE", None),
        ({"country": "DE", "asn": "AS64500"}, "DE", 64500),
        ({"country": {"names": {}}, "asn": 7}, None, 7),
        ({"country": "Germany", "asn": "AS1e9"}, None, None),
        ({"country": ["DE"], "asn": -5}, None, None),
        (["DE"], None, None),
        (None, None, None),
    ],
)
def test_records_of_the_usual_databases(record: object, country: str | None, asn: int | None) -> None:
    assert (country_of(record), asn_of(record)) == (country, asn)


def test_a_site_is_made_ready_with_its_files(tmp_path: Path) -> None:
    assert surroundings(None) is None
    near = surroundings(Site(geoip=GeoIP(places={"10.0.0.0/8": Place("DE")})))
    assert near is not None
    assert near.around("10.0.0.1").country == "DE"
