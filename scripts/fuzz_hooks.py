"""What the fuzz run of this platform must know beyond the contract. Nothing here hides an answer of the server that is wrong."""

from __future__ import annotations

import os
from typing import Any

import schemathesis
from schemathesis.specs.openapi.checks import EnsureResourceAvailability

OWN_KEY = os.environ.get("FUZZ_OWN_KEY")
deleted: set[str] = set()


@schemathesis.hook
def filter_case(_context: Any, case: Any) -> bool:
    """Drop the requests that revoke the key of this run: after them everything is a 401."""
    named = {(case.path_parameters or {}).get("key_id"), (case.query or {}).get("id")}
    return case.method != "DELETE" or OWN_KEY not in named


@schemathesis.hook
def after_call(_context: Any, case: Any, response: Any) -> None:
    """Remember what the run deleted."""
    if case.method == "DELETE" and response.status_code < 300:  # noqa: PLR2004 - the successes
        deleted.update(map(str, (case.path_parameters or {}).values()))


@schemathesis.hook
def filter_failure(_context: Any, failure: Any, case: Any, _response: Any) -> bool:
    """A template that was deleted cannot be rendered. The check looks for its DELETE only above the path, and the id is in the body."""
    named = case.body.get("template_id") if isinstance(case.body, dict) else None
    return not (isinstance(failure, EnsureResourceAvailability) and named in deleted)
