"""The direct peer, and claims."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.views import source


def test_the_last_address_is_the_peer_and_the_others_are_claims(look_at: Any) -> None:
    look = look_at(sourceIPs=["10.0.0.1", "198.51.100.7", "203.0.113.9"])
    assert source.peer(look) == "203.0.113.9"
    assert source.claimed(look) == ("10.0.0.1", "198.51.100.7")


def test_a_claimed_private_address_hides_no_public_peer(look_at: Any) -> None:
    assert source.public(look_at(sourceIPs=["10.0.0.1", "203.0.113.9"])) is True


def test_the_network_of_the_peer_is_the_same_for_neighbours(look_at: Any) -> None:
    for address, network in (
        ("10.244.1.7", "10.244.1.0/24"),
        ("::ffff:10.244.1.9", "10.244.1.0/24"),
        ("2001:db8:1:2::5", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", None),
        ("1" * 100, None),
    ):
        assert source.network(look_at(sourceIPs=["203.0.113.1", address])) == network
    assert source.network(look_at()) is None


@pytest.mark.parametrize("addresses", [None, []])
def test_without_addresses_nothing_is_known(look_at: Any, addresses: Any) -> None:
    look = look_at(sourceIPs=addresses)
    assert source.peer(look) is None
    assert source.claimed(look) == ()
    assert source.public(look) is None


@pytest.mark.parametrize(
    "address",
    ["192.0.2.1", "198.51.100.1", "203.0.113.1", "8.8.8.8", "100.128.0.1", "172.32.0.1", "2001:db8::1",
     "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1", "2a00::1%eth0"],
)  # fmt: skip
def test_globally_routable_addresses_are_public(address: str) -> None:
    assert source.is_public(address) is True


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "172.16.0.1", "192.168.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1%eth0", "fd00::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1",
     "64:ff9b::a00:1", "2002:a00:1::1", "2001::1"],
)  # fmt: skip
def test_private_and_special_addresses_are_not_public(address: str) -> None:
    assert source.is_public(address) is False


@pytest.mark.parametrize(
    "text", ["", "localhost", "1.2.3", "1.2.3.4:80", "\x1b[31m", "010.0.0.1", "９.9.9.9", "\ud800"]
)
def test_what_is_no_address_is_neither(text: str) -> None:
    assert source.is_public(text) is None


def test_an_endless_address_is_not_looked_at(look_at: Any) -> None:
    assert source.public(look_at(sourceIPs=["1" * 1_000_000])) is None


@given(st.text(max_size=40))
@settings(max_examples=50)
def test_any_text_is_survived(text: str) -> None:
    assert source.is_public(text) in (True, False, None)
