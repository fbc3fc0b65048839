"""The client behind trusted proxies, from `Forwarded` (RFC 7239) and `X-Forwarded-For`.

Each proxy appends the address that it was connected from, so the fields are read from the right, and only as far as the proxies that wrote
them are trusted: whatever stands further left was sent by the client.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from misarmail_server.external import client_networks

IpNetwork = IPv4Network | IPv6Network
REMEMBERED = 4_096  # addresses
MAX_ELEMENT = 512  # characters
PAIR = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+=(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+|\"(?:[^\"\\]|\\.)*\")"
ELEMENT = re.compile(rf"[ \t]*{PAIR}(?:;{PAIR})*;?[ \t]*")
FOR = re.compile(r"(?:^|;)[ \t]*for=(\"(?:[^\"\\]|\\.)*\"|[^;\s]*)", re.IGNORECASE)
NODE = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9A-Za-z._-]+)?|([0-9.]+)(?::[0-9A-Za-z._-]+)?|([0-9A-Fa-f:.]+)")


class TrustedProxies:
    """The proxies of the settings; false if there are none."""

    def __init__(self, networks: tuple[IpNetwork, ...]) -> None:
        self._networks = networks
        self.trusts: Callable[[str], bool] = lru_cache(REMEMBERED)(self._is_inside)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def client(self, peer: str, forwarded: str | None, forwarded_for: str | None) -> str:
        """The address of the client of a request that came from `peer` with these fields, whose lines are joined with commas.

        It is the last address that a trusted proxy vouches for. Fields that name different clients are not believed: most proxies write
        one of them, and pass on the other as the client sent it.
        """
        if not self.trusts(peer):
            return peer
        named = {
            self._walk(peer, nodes)
            for nodes in (_forwarded_nodes(forwarded) if forwarded else None, _listed_nodes(forwarded_for) if forwarded_for else None)
            if nodes is not None
        }
        return named.pop() if len(named) == 1 else peer

    def _walk(self, peer: str, nodes: Iterator[str | None]) -> str:
        address = peer
        for node in nodes:
            if node is None:
                return address
            address = node
            if not self.trusts(address):
                return address
        return address

    def _is_inside(self, address: str) -> bool:
        try:
            parsed = client_networks.parse(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)


def resolve_client(proxies: TrustedProxies, environ: dict[str, Any]) -> bool:
    """Set REMOTE_ADDR of a request (PEP 3333) to its client; returns whether it came from a trusted proxy."""
    peer: str = environ.get("REMOTE_ADDR", "")
    environ["REMOTE_ADDR"] = proxies.client(peer, environ.get("HTTP_FORWARDED"), environ.get("HTTP_X_FORWARDED_FOR"))
    return proxies.trusts(peer)


def _listed_nodes(field: str) -> Iterator[str | None]:
    """The addresses of an X-Forwarded-For, from the right; None for an invalid one."""
    for part in _from_the_right(field):
        yield _address(part.strip())


def _forwarded_nodes(field: str) -> Iterator[str | None]:
    """The `for` addresses of a Forwarded, from the right; None for an element that has none, or hides it."""
    for part in _from_the_right(field, ELEMENT):
        match = FOR.search(part)
        yield _address(re.sub(r"\\(.)", r"\1", match[1].strip('"'))) if match else None


def _from_the_right(field: str, form: re.Pattern[str] | None = None) -> Iterator[str]:
    """The parts between commas. With `form`, a part may contain commas in quotes, and one that never matches ends the list."""
    end = start = len(field)
    while start >= 0:
        start = field.rfind(",", 0, start) if start else -1
        part = field[start + 1 : end]
        if len(part) > MAX_ELEMENT:
            return
        if form is None or form.fullmatch(part):
            yield part
            end = start
        if start < 0:
            return


def _address(text: str) -> str | None:
    """An address without its port; None for `unknown`, an obfuscated name, and anything else."""
    match = NODE.fullmatch(text)
    try:
        return str(client_networks.parse(match[1] or match[2] or match[3])) if match else None
    except ValueError:
        return None
