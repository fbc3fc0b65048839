"""The secrets of webhooks, and the signatures of the events that are posted to them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

SECRET_BYTES = 24  # the minimum of Standard Webhooks


def new_secret() -> str:
    """A random secret in the form of Standard Webhooks."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def signatures(secret: str, event_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """The header fields of the three supported signatures; the last is Standard Webhooks 1.0."""
    stamp, key = str(seconds), secret.encode()
    standard = hmac.digest(_standard_key(secret), f"{event_id}.{stamp}.".encode() + body, "sha256")
    return {
        "X-MisarMail-Signature": hmac.new(key, body, hashlib.sha256).hexdigest(),
        "X-Misar-Timestamp": stamp,
        "X-Misar-Signature": hmac.new(key, stamp.encode() + b"." + body, hashlib.sha256).hexdigest(),
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(standard).decode()}",
    }


def _standard_key(secret: str) -> bytes:
    """The bytes after `whsec_`, decoded, as Standard Webhooks signs; a secret of another form is used as it is."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            return secret.encode()
    return secret.encode()
