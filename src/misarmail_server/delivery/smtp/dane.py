"""DANE for SMTP (RFC 7672): DNSSEC-signed records say which certificate the receiver's mail server has."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from misarmail_server.delivery.smtp.client import UnsafeError

TRUST_ANCHOR, END_ENTITY = 2, 3  # the usages defined for SMTP (section 3.1)
WHOLE, PUBLIC_KEY = 0, 1
DIGESTS = {1: hashlib.sha256, 2: hashlib.sha512}
MAX_CERTIFICATES = 10


@dataclass(frozen=True, slots=True)
class Tlsa:
    """One TLSA record (RFC 6698, section 2)."""

    usage: int
    selector: int
    matching: int
    data: bytes

    @property
    def is_usable(self) -> bool:
        """Whether its usage, selector and matching type are supported."""
        return self.usage in {TRUST_ANCHOR, END_ENTITY} and self.selector in {WHOLE, PUBLIC_KEY} and self.matching in {0, *DIGESTS}

    def matches(self, certificate: x509.Certificate) -> bool:
        """Whether it matches this certificate."""
        if self.selector == WHOLE:
            selected = certificate.public_bytes(Encoding.DER)
        else:
            selected = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return (DIGESTS[self.matching](selected).digest() if self.matching else selected) == self.data


def parse(records: Sequence[str]) -> list[Tlsa]:
    """The records in presentation format, such as `3 1 1 ab12...`."""
    parsed = []
    for record in records:
        usage, selector, matching, *data = record.split()
        parsed.append(Tlsa(int(usage), int(selector), int(matching), bytes.fromhex("".join(data))))
    return parsed


def check(connection: ssl.SSLSocket, records: Sequence[Tlsa], names: Sequence[str]) -> None:
    """Raises UnsafeError unless a usable record matches the server's certificates; without a usable record any will do (section 2.2)."""
    usable = [record for record in records if record.is_usable]
    if not usable:
        return
    try:
        chain = [x509.load_der_x509_certificate(der) for der in _chain(connection)[:MAX_CERTIFICATES]]
        is_known = bool(chain) and _is_known(chain, usable, names)
    except (ValueError, x509.UnsupportedGeneralNameType) as error:
        raise UnsafeError("the server's certificate cannot be read") from error
    if not is_known:
        raise UnsafeError("no TLSA record matches the server's certificate")


def _is_known(chain: Sequence[x509.Certificate], records: Sequence[Tlsa], names: Sequence[str]) -> bool:
    """An end entity is matched by its record alone, without names and dates (section 3.1.1); below a trust anchor both are checked."""
    if any(record.usage == END_ENTITY and record.matches(chain[0]) for record in records):
        return True
    anchors = [issuer for issuer in chain[1:] if any(record.usage == TRUST_ANCHOR and record.matches(issuer) for record in records)]
    return any(_is_below(chain, anchor, name) for anchor in anchors for name in names)


def _is_below(chain: Sequence[x509.Certificate], anchor: x509.Certificate, name: str) -> bool:
    verifier = PolicyBuilder().store(Store([anchor])).build_server_verifier(x509.DNSName(name))
    try:
        verifier.verify(chain[0], list(chain[1:]))
    except VerificationError:
        return False
    return True


def _chain(connection: ssl.SSLSocket) -> list[bytes]:
    """The certificates that the server sent, its own first. Python before 3.13 has no public way to the others."""
    if hasattr(connection, "get_unverified_chain"):
        return list(connection.get_unverified_chain())
    inner: Any = connection._sslobj  # type: ignore[attr-defined]  # noqa: SLF001 - see above
    return [ssl.PEM_cert_to_DER_cert(certificate.public_bytes()) for certificate in inner.get_unverified_chain() or ()]
