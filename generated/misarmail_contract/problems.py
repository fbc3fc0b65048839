"""The contract's error codes. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Literal, TypeAlias

Code: TypeAlias = Literal[
    "already_exists",
    "body_too_large",
    "channel_refused",
    "contact_exists",
    "domain_taken",
    "feature_unavailable",
    "idempotency_in_flight",
    "idempotency_mismatch",
    "internal_error",
    "key_expired",
    "key_revoked",
    "malformed_body",
    "method_not_allowed",
    "not_found",
    "plan_limit_exceeded",
    "rate_limited",
    "recipients_suppressed",
    "scope_missing",
    "sender_not_verified",
    "unauthenticated",
    "unavailable",
    "unsupported_media_type",
    "validation_failed",
    "wrong_state",
]

STATUSES: dict[str, tuple[int, ...]] = {
    "already_exists": (409,),
    "body_too_large": (413,),
    "channel_refused": (422,),
    "contact_exists": (409,),
    "domain_taken": (409,),
    "feature_unavailable": (403,),
    "idempotency_in_flight": (409,),
    "idempotency_mismatch": (409,),
    "internal_error": (500,),
    "key_expired": (401,),
    "key_revoked": (401,),
    "malformed_body": (400,),
    "method_not_allowed": (405,),
    "not_found": (404,),
    "plan_limit_exceeded": (403, 429),
    "rate_limited": (429,),
    "recipients_suppressed": (422,),
    "scope_missing": (403,),
    "sender_not_verified": (403,),
    "unauthenticated": (401,),
    "unavailable": (503,),
    "unsupported_media_type": (415,),
    "validation_failed": (400,),
    "wrong_state": (409,),
}
