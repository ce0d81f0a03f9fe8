"""Where a request came from: the direct peer, and what the client claims about itself."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from kwho.views import Look
from kwho.views.site import Neighbourhood

NOWHERE: Final = Neighbourhood()
_LONGEST_ADDRESS: Final = 64
_NOT_PUBLIC_V4: Final = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_UNICAST_V6: Final = ip_network("2000::/3")
_PROTOCOLS_V6: Final = ip_network("2001::/23")
_NAT64: Final = ip_network("64:ff9b::/96")


def peer(look: Look) -> str | None:
    """The address that opened the connection: the last of `sourceIPs`, the only one the client cannot choose.

    Behind proxies that the site trusts it is the last one before them.
    """
    addresses = look.event.sourceIPs
    return addresses[_peer_at(look, addresses)] if addresses else None


def claimed(look: Look) -> tuple[str, ...]:
    """The addresses before the peer: what the client or its proxies say."""
    addresses = look.event.sourceIPs
    return addresses[: _peer_at(look, addresses)] if addresses else ()


def _peer_at(look: Look, addresses: tuple[str, ...]) -> int:
    site = look.site
    return len(addresses) - 1 if site is None else site.peer_at(addresses)


def around(look: Look) -> Neighbourhood:
    """What the site knows of the peer."""
    address = peer(look)
    return NOWHERE if look.site is None or address is None else look.site.around(address)


def public(look: Look) -> bool | None:
    """True when the peer is a globally routable unicast address; None when there is no readable address."""
    address = peer(look)
    return None if address is None or len(address) > _LONGEST_ADDRESS else is_public(address)


@lru_cache(maxsize=4_096)
def is_public(text: str) -> bool | None:
    """True for globally routable unicast; None for what is no address.

    The documentation ranges count as public, so that examples can use them. An IPv4 address inside an IPv6 one (mapped,
    6to4, NAT64) is judged as the IPv4 address.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return None
    inner = _embedded(address) if isinstance(address, IPv6Address) else address
    if isinstance(inner, IPv4Address):
        return not any(inner in block for block in _NOT_PUBLIC_V4)
    return inner in _UNICAST_V6 and inner not in _PROTOCOLS_V6


def network(look: Look) -> str | None:
    """The network of the peer, /24 for IPv4 and /64 for IPv6; None when there is no readable address."""
    address = peer(look)
    return None if address is None or len(address) > _LONGEST_ADDRESS else network_of(address)


@lru_cache(maxsize=4_096)
def network_of(text: str) -> str | None:
    """The /24 of an IPv4 address, inside an IPv6 one as well, or the /64 of an IPv6 one; None for what is neither."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    inner = _embedded(address) if isinstance(address, IPv6Address) else address
    length = 24 if isinstance(inner, IPv4Address) else 64
    return str(ip_network(f"{inner}/{length}", strict=False))


def _embedded(address: IPv6Address) -> IPv4Address | IPv6Address:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
