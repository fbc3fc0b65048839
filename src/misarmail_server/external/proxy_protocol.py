"""The PROXY protocol, versions 1 and 2: the client's address, which a TCP proxy sends before the client's first byte.

https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
"""

from __future__ import annotations

import re
import struct
from ipaddress import ip_address
from typing import NamedTuple

from misarmail_server.external import client_networks

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
FIRST = b"PROXY "
MAX_LINE = 107  # bytes of version 1 with its CRLF
MAX_BLOCK = 4_096  # bytes of version 2; its additional fields (TLVs) are read over
LINE = re.compile(r"PROXY (?:UNKNOWN(?: [ -~]*)?|(TCP[46]) (\S+) (\S+) (\d{1,5}) (\d{1,5}))")
BLOCK = struct.Struct("!12sBBH")
LOCAL, PROXIED = 0x20, 0x21
STREAMS = {0x11: 4, 0x21: 16}  # family and transport -> bytes of an address
MAX_PORT = 65_535


class ProxyProtocolError(Exception):
    """A connection that does not begin with a valid header."""


class ProxyHeader(NamedTuple):
    """A complete header: the client, None if the proxy speaks for itself or does not know it, and the size in bytes."""

    client: tuple[str, int] | None
    size: int


def read(data: bytes) -> ProxyHeader | None:
    """The header that a connection begins with; None if more bytes are needed. Raises ProxyProtocolError."""
    if data.startswith(SIGNATURE):
        return _block(data)
    if data.startswith(FIRST):
        return _line(data)
    if SIGNATURE.startswith(data) or FIRST.startswith(data):
        return None
    raise ProxyProtocolError


def _line(data: bytes) -> ProxyHeader | None:
    end = data.find(b"\r\n", 0, MAX_LINE)
    if end < 0:
        if len(data) >= MAX_LINE:
            raise ProxyProtocolError
        return None
    match = LINE.fullmatch(data[:end].decode("latin-1"))
    if match is None:
        raise ProxyProtocolError
    family, source, _, port, _ = match.groups()
    return ProxyHeader(None if family is None else (_address(source, 4 if family == "TCP4" else 6), _port(port)), end + 2)


def _block(data: bytes) -> ProxyHeader | None:
    if len(data) < BLOCK.size:
        return None
    _, command, family, length = BLOCK.unpack_from(data)
    size = BLOCK.size + length
    if command not in {LOCAL, PROXIED} or size > MAX_BLOCK:
        raise ProxyProtocolError
    if len(data) < size:
        return None
    if command == LOCAL or family not in STREAMS:
        return ProxyHeader(None, size)
    width = STREAMS[family]
    if length < 2 * width + 4:
        raise ProxyProtocolError
    source = ip_address(data[BLOCK.size : BLOCK.size + width])
    (port,) = struct.unpack_from("!H", data, BLOCK.size + 2 * width)
    return ProxyHeader((str(client_networks.parse(str(source))), port), size)


def _address(text: str, version: int) -> str:
    try:
        address = ip_address(text)
    except ValueError as error:
        raise ProxyProtocolError from error
    if address.version != version or "%" in text:
        raise ProxyProtocolError
    return str(client_networks.parse(text))


def _port(text: str) -> int:
    if int(text) > MAX_PORT:
        raise ProxyProtocolError
    return int(text)
