"""Tokens in links, pixels and return addresses: which recipient they belong to, with a proof that this platform made them.

They are not secret and do not expire; they cannot be forged, nor used for another purpose.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from typing import Literal, NamedTuple

from misarmail_server import vault
from misarmail_server.settings import Settings

Kind = Literal["open", "click", "unsubscribe"]
AddressKind = Literal["b", "u"]  # a bounce, an unsubscribe request by mail

LABEL = "delivery tokens"
PROOF_BYTES = 16
ADDRESS_PROOF_BYTES = 10  # 80 bits; a local part has at most 64 characters (RFC 5321, section 4.5.3.1.1)
ROW_BYTES = 8
MAX_LENGTH = 128
FORM = re.compile(r"([A-Za-z0-9_-]{1,64})\.([0-9a-f]{1,15})\.([0-9a-f]{1,8})\.([A-Za-z0-9_-]{22})")
ADDRESS = re.compile(r"([bu])-([a-z2-7]{29})")


class TokenClaim(NamedTuple):
    """The recipient's row, its message, and the number of a link in it (0 for tokens of other purposes)."""

    message_id: str
    row: int
    link: int = 0


class Tokens:
    """Makes and reads tokens with the key of one platform."""

    def __init__(self, settings: Settings) -> None:
        self._key = vault.derived(settings, LABEL)

    def make(self, kind: Kind, claim: TokenClaim) -> str:
        """A token of letters, digits, `-`, `_` and `.`; the message id is readable in it."""
        payload = f"{claim.message_id}.{claim.row:x}.{claim.link:x}"
        return f"{payload}.{self._proof(kind, payload)}"

    def read(self, kind: Kind, token: str) -> TokenClaim | None:
        """The claim of a token; None if it was not made by this platform for this purpose."""
        match = FORM.fullmatch(token) if len(token) <= MAX_LENGTH else None
        if match is None:
            return None
        payload, _, proof = token.rpartition(".")
        if not hmac.compare_digest(self._proof(kind, payload), proof):
            return None
        return TokenClaim(match[1], int(match[2], 16), int(match[3], 16))

    def address(self, kind: AddressKind, row: int) -> str:
        """The local part of a recipient's return address: `b-` and 29 characters of base 32, case-insensitive."""
        payload = row.to_bytes(ROW_BYTES, "big")
        return f"{kind}-{base64.b32encode(payload + self._address_proof(kind, payload)).decode().rstrip('=').lower()}"

    def read_address(self, kind: AddressKind, local_part: str) -> int | None:
        """The row of `recipients` that a local part names; None if it is not one of this kind."""
        match = ADDRESS.fullmatch(local_part.lower()) if local_part.isascii() else None
        if match is None or match[1] != kind:
            return None
        try:
            raw = base64.b32decode(f"{match[2].upper()}===")
        except binascii.Error:
            return None
        payload, proof = raw[:ROW_BYTES], raw[ROW_BYTES:]
        return int.from_bytes(payload, "big") if hmac.compare_digest(self._address_proof(kind, payload), proof) else None

    def _proof(self, kind: str, payload: str) -> str:
        proof = hmac.digest(self._key, f"{kind} {payload}".encode(), "sha256")[:PROOF_BYTES]
        return base64.urlsafe_b64encode(proof).decode().rstrip("=")

    def _address_proof(self, kind: str, payload: bytes) -> bytes:
        return hmac.digest(self._key, b"address %s %s" % (kind.encode(), payload), "sha256")[:ADDRESS_PROOF_BYTES]
