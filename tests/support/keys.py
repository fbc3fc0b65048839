"""A domain's keys for tests, made once, with the records that publish them."""

from __future__ import annotations

from functools import cache

from misarmail_server.delivery.message import dkim
from misarmail_server.delivery.message.dkim import Signer
from misarmail_server.services.domain_dkim_keys import KeyPair, make_pairs

SELECTORS = {"rsa": "mm", "ed25519": "mm-ed25519"}


@cache
def pairs() -> list[KeyPair]:
    return make_pairs()


def signers_of(domain: str) -> list[Signer]:
    return [dkim.load(domain, SELECTORS[pair.algorithm], pair.algorithm, pair.private_key) for pair in pairs()]


def zone(domain: str = "example.com") -> dict[str, bytes]:
    """The DNS records, by name with the final dot."""
    return {
        f"{SELECTORS[pair.algorithm]}._domainkey.{domain}.": f"v=DKIM1; k={pair.algorithm}; p={pair.public_key}".encode()
        for pair in pairs()
    }
