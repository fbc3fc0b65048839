"""What links, pixels and return addresses carry: who it was, and a proof that this platform wrote it.

Nothing here is secret and nothing expires; a token only cannot be made by somebody else, nor used for another purpose.
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
AddressKind = Literal["b", "u"]  # a bounce, an unsubscription by mail

LABEL = "delivery tokens"
PROOF_BYTES = 16
ADDRESS_PROOF_BYTES = 10  # 80 bits; a local part has room for 64 characters (RFC 5321, section 4.5.3.1.1)
ROW_BYTES = 8
MAX_LENGTH = 128
FORM = re.compile(r"([A-Za-z0-9_-]{1,64})\.([0-9a-f]{1,15})\.([0-9a-f]{1,8})\.([A-Za-z0-9_-]{22})")
ADDRESS = re.compile(r"([bu])-([a-z2-7]{29})")


class TokenClaim(NamedTuple):
    """Which recipient's copy of which message, and which of its links (0 where it is not about a link)."""

    message_id: str
    row: int
    link: int = 0


class Tokens:
    """Makes and reads tokens with one platform's key."""

    def __init__(self, settings: Settings) -> None:
        self._key = vault.derived(settings, LABEL)

    def make(self, kind: Kind, claim: TokenClaim) -> str:
        """A token of letters, digits, `-`, `_` and `.`; the message's id is readable in it."""
        said = f"{claim.message_id}.{claim.row:x}.{claim.link:x}"
        return f"{said}.{self._proof(kind, said)}"

    def read(self, kind: Kind, token: str) -> TokenClaim | None:
        """What a token says; None when it was not made here for this purpose."""
        found = FORM.fullmatch(token) if len(token) <= MAX_LENGTH else None
        if found is None:
            return None
        said, _, proof = token.rpartition(".")
        if not hmac.compare_digest(self._proof(kind, said), proof):
            return None
        return TokenClaim(found[1], int(found[2], 16), int(found[3], 16))

    def address(self, kind: AddressKind, row: int) -> str:
        """The local part that mail about a recipient's copy comes back to: `b-` and 29 characters of base 32, in any case."""
        said = row.to_bytes(ROW_BYTES, "big")
        return f"{kind}-{base64.b32encode(said + self._address_proof(kind, said)).decode().rstrip('=').lower()}"

    def read_address(self, kind: AddressKind, local_part: str) -> int | None:
        """The row of `recipients` that an address of ours names; None when it is not one of this kind."""
        found = ADDRESS.fullmatch(local_part.lower()) if local_part.isascii() else None
        if found is None or found[1] != kind:
            return None
        try:
            raw = base64.b32decode(f"{found[2].upper()}===")
        except binascii.Error:
            return None
        said, proof = raw[:ROW_BYTES], raw[ROW_BYTES:]
        return int.from_bytes(said, "big") if hmac.compare_digest(self._address_proof(kind, said), proof) else None

    def _proof(self, kind: str, said: str) -> str:
        proof = hmac.digest(self._key, f"{kind} {said}".encode(), "sha256")[:PROOF_BYTES]
        return base64.urlsafe_b64encode(proof).decode().rstrip("=")

    def _address_proof(self, kind: str, said: bytes) -> bytes:
        return hmac.digest(self._key, b"address %s %s" % (kind.encode(), said), "sha256")[:ADDRESS_PROOF_BYTES]
