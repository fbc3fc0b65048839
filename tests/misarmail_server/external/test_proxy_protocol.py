from __future__ import annotations

import socket
import struct

import pytest

from misarmail_server.external.proxy_protocol import SIGNATURE, ProxyHeader, ProxyProtocolError, read

V4 = socket.inet_aton("198.51.100.1") + socket.inet_aton("192.0.2.1") + struct.pack("!HH", 4711, 25)
V6 = socket.inet_pton(socket.AF_INET6, "2001:db8::1") * 2 + struct.pack("!HH", 4711, 25)


def block(command: int, family: int, payload: bytes) -> bytes:
    return SIGNATURE + struct.pack("!BBH", command, family, len(payload)) + payload


@pytest.mark.parametrize(
    ("header", "client"),
    [
        (b"PROXY TCP4 198.51.100.1 192.0.2.1 4711 25\r\n", ("198.51.100.1", 4711)),
        (b"PROXY TCP6 2001:db8::1 2001:db8::2 4711 25\r\n", ("2001:db8::1", 4711)),
        (b"PROXY TCP6 ::ffff:198.51.100.1 ::ffff:192.0.2.1 4711 25\r\n", ("198.51.100.1", 4711)),
        (b"PROXY UNKNOWN\r\n", None),
        (b"PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", None),
        (block(0x21, 0x11, V4), ("198.51.100.1", 4711)),
        (block(0x21, 0x11, V4 + b"\x04\x00\x03abc"), ("198.51.100.1", 4711)),  # with a TLV
        (block(0x21, 0x21, V6), ("2001:db8::1", 4711)),
        (block(0x20, 0x00, b""), None),  # the proxy's own health check
        (block(0x21, 0x31, b"/run/x".ljust(216, b"\0")), None),  # a UNIX socket
    ],
)
def test_a_header_tells_the_client_and_where_the_dialogue_begins(header: bytes, client: tuple[str, int] | None) -> None:
    assert read(header + b"EHLO x\r\n") == ProxyHeader(client, len(header))
    assert {read(header[:length]) for length in range(len(header))} == {None}


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n",
        b"EHLO x\r\n",
        b"PROXY TCP4 198.51.100.1 192.0.2.1 4711\r\n",
        b"PROXY TCP4 198.51.100.1 192.0.2.1 4711 25 \r\n",
        b"PROXY TCP4 2001:db8::1 2001:db8::2 4711 25\r\n",
        b"PROXY TCP4 example.com 192.0.2.1 4711 25\r\n",
        b"PROXY TCP6 fe80::1%eth0 2001:db8::2 4711 25\r\n",
        b"PROXY TCP4 198.51.100.1 192.0.2.1 65536 25\r\n",
        b"PROXY UDP4 198.51.100.1 192.0.2.1 4711 25\r\n",
        b"PROXY UNKNOWN " + b"x" * 200,
        block(0x11, 0x11, V4),
        block(0x22, 0x11, V4),
        block(0x21, 0x11, V4[:8]),
        SIGNATURE + b"\x21\x11\xff\xff",
    ],
)
def test_anything_else_is_refused(sent: bytes) -> None:
    with pytest.raises(ProxyProtocolError):
        read(sent)
