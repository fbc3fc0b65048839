"""The API's reference at /docs: made from the contract when it is first asked for, the same for everybody."""

from __future__ import annotations

from functools import cache
from typing import Any

import flask
import msgspec

from contract.docs.page import page


def reference(bundle_text: str, public_url: str) -> flask.Response:
    """The page; its samples speak to this server."""
    response = flask.Response(_page(bundle_text, f"{public_url.rstrip('/')}/api"), mimetype="text/html")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(flask.request.environ)
    return response


@cache
def _page(bundle_text: str, server: str) -> bytes:
    bundle: dict[str, Any] = msgspec.json.decode(bundle_text)
    return page(bundle, server).encode()
