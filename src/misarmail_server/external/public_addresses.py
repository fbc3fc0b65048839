"""IP addresses of the public internet. An embedded IPv4 address is judged too.

The platform keeps this list itself: `ipaddress` of older Python versions lacks parts of it, and knows no embedded addresses.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

IPv4 = ipaddress.IPv4Address
IPv6 = ipaddress.IPv6Address

# IANA's registries of special-purpose addresses (RFC 6890), with multicast, deprecated blocks and broadcast.
DENIED_IPV4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
# All of IPv6 that is allocated to the internet is in 2000::/3; everything else, such as fc00::/7, fe80::/10 and fec0::/10, is denied.
GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")
DENIED_IPV6 = tuple(
    map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20"))
)  # 2001::/23 has Teredo (2001::/32), benchmarking and ORCHID
MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")  # RFC 3056
ISATAP = frozenset({0x00005EFE, 0x02005EFE})  # the first half of the interface identifier; RFC 5214


def is_public(address: str) -> bool:
    """Whether an IP address, and every IPv4 address embedded in it, is a public unicast address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, IPv4):
        return _is_public_ipv4(parsed)
    return _is_public_ipv6(parsed) and all(map(_is_public_ipv4, _embedded(parsed)))


def _is_public_ipv4(address: IPv4) -> bool:
    return not any(address in network for network in DENIED_IPV4)


def _is_public_ipv6(address: IPv6) -> bool:
    if address in MAPPED or address in NAT64:
        return True  # as public as the embedded address
    return address in GLOBAL_IPV6 and not any(address in network for network in DENIED_IPV6)


def _embedded(address: IPv6) -> Iterator[IPv4]:
    """The IPv4 addresses to which a translator or tunnel would send the packets."""
    number = int(address)
    if address in MAPPED or address in NAT64 or (number >> 32) & 0xFFFFFFFF in ISATAP:
        yield IPv4(number & 0xFFFFFFFF)
    if address in SIX_TO_FOUR:
        yield IPv4((number >> 80) & 0xFFFFFFFF)
