from __future__ import annotations

from ipaddress import ip_network

import pytest

from misarmail_server.external.trusted_proxies import TrustedProxies

PROXIES = TrustedProxies(tuple(map(ip_network, ("10.0.0.0/8", "192.0.2.7/32", "2001:db8:f::/48"))))
PROXY = "10.0.0.1"


@pytest.mark.parametrize(
    ("field", "client"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("198.51.100.1:4711", "198.51.100.1"),
        (" 203.0.113.9 , 198.51.100.1 ", "198.51.100.1"),  # the client wrote the first
        ("198.51.100.1, 10.1.2.3, 192.0.2.7", "198.51.100.1"),
        ("10.9.9.9, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:DB8:0::1, 2001:db8:f::2", "2001:db8::1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("10.1.2.3", "10.1.2.3"),  # a client within the trusted network
        ("198.51.100.1, unknown, 10.1.2.3", "10.1.2.3"),
        ("unknown", PROXY),
        ("198.51.100.1, ", PROXY),
        ("198.51.100.1, example.com", PROXY),
        ("198.51.100.1; DROP TABLE", PROXY),
        ("1.2.3", PROXY),
        (",", PROXY),
        ("x" * 100_000, PROXY),
        ("," * 60_000 + "198.51.100.1", "198.51.100.1"),
    ],
)
def test_the_client_is_the_last_address_that_no_trusted_proxy_has(field: str, client: str) -> None:
    assert PROXIES.client(PROXY, None, field) == client


@pytest.mark.parametrize(
    ("field", "client"),
    [
        ("for=198.51.100.1", "198.51.100.1"),
        ('For="198.51.100.1:4711";proto=https;by=10.0.0.1', "198.51.100.1"),
        ('proto=https;for="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17"),
        ('for="[2001:db8::1]"', "2001:db8::1"),
        ("for=203.0.113.9, for=198.51.100.1, for=10.1.2.3", "198.51.100.1"),
        ('for=198.51.100.1;by="a, b"', "198.51.100.1"),
        ('for="203.0.113.9, for=198.51.100.1', "198.51.100.1"),  # a client that opens a quotation
        ('for="x, for="[2001:db8::1]:4711"', "2001:db8::1"),
        ("for=unknown", PROXY),
        ("for=_hidden, for=10.1.2.3", "10.1.2.3"),
        ("for=198.51.100.1, proto=https", PROXY),
        ("before=203.0.113.9", PROXY),
        ("198.51.100.1", PROXY),
        ('for="198.51.100.1', PROXY),
        ('for="' + "," * 60_000, PROXY),
    ],
)
def test_forwarded_is_read_as_rfc_7239_says(field: str, client: str) -> None:
    assert PROXIES.client(PROXY, field, None) == client


@pytest.mark.parametrize("peer", ["198.51.100.7", "192.0.2.8", "::1", "", "unix"])
def test_only_trusted_peers_are_believed(peer: str) -> None:
    assert PROXIES.client(peer, "for=203.0.113.9", "203.0.113.9") == peer
    assert TrustedProxies(()).client("10.0.0.1", None, "203.0.113.9") == "10.0.0.1"


@pytest.mark.parametrize("peer", ["::ffff:10.0.0.1", "2001:db8:f::1", "192.0.2.7"])
def test_trusted_peers_may_have_addresses_of_either_family(peer: str) -> None:
    assert PROXIES.client(peer, None, "203.0.113.9") == "203.0.113.9"


def test_fields_that_disagree_are_not_believed() -> None:
    """The proxy writes one of them and passes on the client's other one."""
    assert PROXIES.client(PROXY, "for=203.0.113.9", "198.51.100.1") == PROXY
    assert PROXIES.client(PROXY, "for=198.51.100.1", "198.51.100.1") == "198.51.100.1"
