"""DKIM keys and the DNS records that publish them (RFC 6376, RFC 8463). Private keys are used for signing only."""

from __future__ import annotations

import base64
from typing import Literal, NamedTuple

from misarmail_server import vault
from misarmail_server.context import Context
from misarmail_server.db import tables

Algorithm = Literal["rsa", "ed25519"]

RSA_BITS = 2048  # RFC 8301, section 3.2
EXPONENT = 65_537
SELECTORS: dict[Algorithm, str] = {"rsa": "mm{}", "ed25519": "mm{}-ed25519"}


class KeyPair(NamedTuple):
    """A new key: PKCS #8 in DER, and the `p=` of its record."""

    algorithm: Algorithm
    private_key: bytes
    public_key: str


def make_pairs() -> list[KeyPair]:
    """A pair of each algorithm. This takes a tenth of a second or more, so do not call it inside a write."""
    # These take a tenth of a second to import, which no other request and no start should wait for.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat  # noqa: PLC0415 - see above

    rsa = generate_private_key(EXPONENT, RSA_BITS)
    edwards = Ed25519PrivateKey.generate()
    encoding = (Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    rsa_public = rsa.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    edwards_public = edwards.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return [
        KeyPair("rsa", rsa.private_bytes(*encoding), base64.b64encode(rsa_public).decode()),
        KeyPair("ed25519", edwards.private_bytes(*encoding), base64.b64encode(edwards_public).decode()),
    ]


def row(ctx: Context, domain_id: str, pair: KeyPair, generation: int) -> tables.DkimKey:
    """A new key in its stored form. A domain never reuses a selector: `mm`, then `mm2`."""
    return tables.DkimKey(
        domain_id=domain_id,
        selector=SELECTORS[pair.algorithm].format("" if generation == 1 else generation),
        algorithm=pair.algorithm,
        generation=generation,
        private_key=vault.seal(ctx.settings, pair.private_key),
        public_key=pair.public_key,
        state="pending",
        record_status="pending",
        created_at=ctx.now(),
    )


def host(key: tables.DkimKey, name: str) -> str:
    """The host of a key's DNS record."""
    return f"{key.selector}._domainkey.{name}"


def value(key: tables.DkimKey) -> str:
    """The value of a key's DNS record."""
    return f"v=DKIM1; k={key.algorithm}; p={key.public_key}"


def publishes(text: str, key: tables.DkimKey) -> bool:
    """Whether a TXT record publishes this key (RFC 6376, section 3.6.1). An empty `p=` revokes it."""
    tags = {name.strip(): "".join(tag_value.split()) for name, _, tag_value in (part.partition("=") for part in text.split(";"))}
    return tags.get("v", "DKIM1") == "DKIM1" and tags.get("k", "rsa") == key.algorithm and tags.get("p") == key.public_key
