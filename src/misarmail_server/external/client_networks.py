"""The networks that clients are counted by: one customer of an IPv6 provider has a whole /64."""

from __future__ import annotations

import ipaddress

IPV6_NETWORK = 64  # bits; the size of one customer's network
WIDE_BITS = {4: 24, 6: 48}  # of the network that one operator or attacker usually has
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def parse(text: str) -> IpAddress:
    """An address without its zone; an IPv4 address that is written as IPv6 becomes IPv4. Raises ValueError."""
    address = ipaddress.ip_address(text.partition("%")[0])
    return (address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None) or address


def network(peer: str) -> str:
    """The address itself, or the network of an IPv6 address. Raises ValueError."""
    address = parse(peer)
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, IPV6_NETWORK), strict=False))  # noqa: PLR2004 - of the protocol


def network_or_text(peer: str) -> str:
    """As `network`; a text that is not an address stays what it is."""
    try:
        return network(peer)
    except ValueError:
        return peer


def wide_network(peer: str) -> str:
    """The network of an address as one operator has it: a /24 of IPv4, a /48 of IPv6. Raises ValueError."""
    address = parse(peer)
    if address.version == 6:  # noqa: PLR2004 - of the protocol
        address = ipaddress.ip_address(network(peer).partition("/")[0])
    return str(ipaddress.ip_network((address, WIDE_BITS[address.version]), strict=False))


def is_loopback(peer: str) -> bool:
    """Whether the client is on this machine. Raises ValueError."""
    return parse(peer).is_loopback
