"""Addresses of the public internet, and those that only look like it."""

from __future__ import annotations

import pytest

from misarmail_server.external.public_addresses import is_public

PRIVATE_IPV4 = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.1", "192.0.0.9", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7",
    "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
]  # fmt: skip
PUBLIC_IPV4 = [
    "8.8.8.8",
    "1.1.1.1",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.0.1.1",
    "198.17.255.255",
    "223.255.255.255",
]


def hexadecimal(address: str) -> str:
    first, second, third, fourth = map(int, address.split("."))
    return f"{first << 8 | second:x}:{third << 8 | fourth:x}"


EMBEDDINGS = [
    "::ffff:{dotted}", "::ffff:{hexadecimal}", "64:ff9b::{hexadecimal}", "64:ff9b::{dotted}", "2002:{hexadecimal}::1",
    "2400:cb00:1:2:0:5efe:{hexadecimal}", "2400:cb00:1:2:200:5efe:{hexadecimal}",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE_IPV4)
def test_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC_IPV4)
def test_addresses_beside_the_special_blocks_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("form", EMBEDDINGS)
def test_an_embedded_address_decides(form: str) -> None:
    def written(address: str) -> str:
        return form.format(dotted=address, hexadecimal=hexadecimal(address))

    assert [address for address in PRIVATE_IPV4 if is_public(written(address))] == []
    assert [address for address in PUBLIC_IPV4 if not is_public(written(address))] == []


@pytest.mark.parametrize(
    "address",
    [
        "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "::7f00:1", "fec0::1", "::", "::1", "::808:808", "::ffff:0:808:808", "64:ff9b:1::808:808",
        "64:ff9b:1:a9fe:a9:fe00::", "100::1", "100:0:0:1::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1",
        "2001:20::1", "2001:30::1", "2001:db8::1", "2620:4f:8000::1", "3fff::1", "5f00::1", "fc00::1", "fd00::1", "fe80::1", "fe80::1%eth0",
        "fe80::5efe:a00:1", "ff02::1", "ff0e::1", "4000::1", "e000::1", "no address", "",
    ],
)  # fmt: skip
def test_other_ipv6_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["2001:4860:4860::8888", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e", "2400:cb00::1", "2001:200::1"]
)
def test_allocated_ipv6_is_public(address: str) -> None:
    assert is_public(address)
