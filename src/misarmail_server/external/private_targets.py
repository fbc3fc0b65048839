"""URLs that obviously lead into a private network, refused before they are stored. Names are not resolved: see `ssrf_guard` for that."""

from __future__ import annotations

import re
import socket
from urllib.parse import urlsplit

from misarmail_server.errors import Invalid
from misarmail_server.external.public_addresses import is_public

# RFC 6761, 6762, 8375, 9476, and ICANN's reservation of .internal.
PRIVATE_SUFFIXES = (".localhost", ".local", ".localdomain", ".internal", ".home.arpa", ".lan")
NUMERIC = re.compile(r"[0-9a-fx.]*[0-9][0-9a-fx.]*", re.IGNORECASE)
SENTENCE = "Must not be in a private network, unless the operator allows it with MISARMAIL_PRIVATE_TARGETS=on"


def require_public(url: str, field: str, *, allows_private: bool) -> None:
    """Raises Invalid on `field`."""
    if not allows_private and _is_private((urlsplit(url).hostname or "").rstrip(".").lower()):
        raise Invalid(field, SENTENCE)


def _is_private(host: str) -> bool:
    if ":" in host:
        return not is_public(host)
    if NUMERIC.fullmatch(host):
        try:
            return not is_public(socket.inet_ntoa(socket.inet_aton(host)))  # also of spellings such as 127.1 and 0x7f000001
        except OSError:
            pass
    return "." not in host or host.endswith(PRIVATE_SUFFIXES)
