"""Is a webhook really from the server, and fresh? By the Standard Webhooks specification: HMAC-SHA256 of id, timestamp and body."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

from .problems import SdkError

TOLERANCE_SECONDS = 300
PREFIX = "whsec_"


class WebhookVerificationError(SdkError):
    """The request is not a fresh one of the server's. Answer 400 and do nothing else."""


def verify(body: bytes, headers: Mapping[str, str], secrets: str | Iterable[str], *, tolerance: float = TOLERANCE_SECONDS) -> Any:
    """The event in a webhook's body, decoded, after its signature and its age were checked.

    `body` is the request's body as it arrived, byte for byte. Several secrets may be valid while one is being replaced.
    Raises WebhookVerificationError.
    """
    named = {name.lower(): value for name, value in headers.items()}
    try:
        event, stamp, given = (named[f"webhook-{part}"] for part in ("id", "timestamp", "signature"))
    except KeyError as error:
        raise WebhookVerificationError(f"The header field {error} is missing") from error
    if not (stamp.isascii() and stamp.isdecimal() and abs(time.time() - int(stamp[:12])) <= tolerance):
        raise WebhookVerificationError("The timestamp is too far from now")
    signed = f"{event}.{stamp}.".encode() + body
    known = [sign(secret, signed) for secret in ([secrets] if isinstance(secrets, str) else secrets)]
    if not any(hmac.compare_digest(one.encode(), word.encode()) for word in given.split() for one in known):
        raise WebhookVerificationError("No signature matches")
    try:
        return json.loads(body)
    except ValueError as error:
        raise WebhookVerificationError("The body is not JSON") from error


def sign(secret: str, signed: bytes) -> str:
    """One word of `webhook-signature`. A secret `whsec_...` is base64; any other signs as it is written."""
    return f"v1,{base64.b64encode(hmac.digest(_key(secret), signed, 'sha256')).decode()}"


def _key(secret: str) -> bytes:
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            return secret.encode()
    return secret.encode()
