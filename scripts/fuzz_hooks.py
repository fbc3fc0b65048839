"""What the fuzz run of this platform must know beyond the contract. Nothing here hides an answer of the server that is wrong."""

from __future__ import annotations

import hashlib
import os
import re
from typing import Any

import schemathesis

OWN_KEY = os.environ.get("FUZZ_OWN_KEY")
TEMPLATE = os.environ.get("FUZZ_TEMPLATE", "")
NAME = re.compile(r"(?=.{3,200}$)(?:[0-9A-Za-z\u00DF-\uD7FF-]{1,63}\.)+[A-Za-z\u00DF-\uD7FF][0-9A-Za-z\u00DF-\uD7FF-]{0,62}\.?$")
ID = re.compile(r"[A-Za-z0-9_-]{1,64}$")
PAST_OR_SOON = re.compile(r"(0\d{3}|1\d{3}|20[0-2]\d)-\d\d-")


@schemathesis.hook
def filter_case(_context: Any, case: Any) -> bool:
    """Drop the requests that revoke the key of this run: after them everything is a 401."""
    named = {(case.path_parameters or {}).get("key_id"), (case.query or {}).get("id")}
    return case.method != "DELETE" or OWN_KEY not in named


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Give valid values that mean something: a template that is there, an expiry that is not past, a domain that can be had.

    No schema can say any of these, nor that one of two parameters is needed, and not both.
    """
    if case.path == "/v1/validate" and case.method == "GET":
        case.query = one_address(dict(case.query or {}))
    if not isinstance(case.body, dict):
        return
    for name, (pattern, meant) in MEANT.items():
        value = case.body.get(name)
        if isinstance(value, str) and pattern.match(value):
            case.body[name] = meant(value)


def one_address(query: dict[str, Any]) -> dict[str, Any]:
    """The query with `email`, or with its alias alone."""
    if "email" in query:
        query.pop("address", None)
    return query if "address" in query else {"email": "ada@example.com", **query}


def a_template(_value: str) -> str:
    """The one that is there."""
    return TEMPLATE


def later(value: str) -> str:
    """The same day in a year that is far off."""
    return "2090" + value[4:]


def a_domain(value: str) -> str:
    """A name that nobody has, of its own for each value."""
    return f"{hashlib.sha256(value.encode()).hexdigest()[:20]}.example.com"


# By field: what of it is valid, and what to say instead.
MEANT = {
    "template_id": (ID, a_template),
    "templateId": (ID, a_template),
    "expires_at": (PAST_OR_SOON, later),
    "expiresAt": (PAST_OR_SOON, later),
    "domain": (NAME, a_domain),
    "subdomain": (NAME, a_domain),
}
