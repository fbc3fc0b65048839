"""The API reference at /docs: built from the contract on the first request."""

from __future__ import annotations

from functools import cache

import flask

from contract.docs.page import page
from misarmail_server import document

CLIENT_PACKAGES = "misarmail"


def reference(public_url: str) -> flask.Response:
    """The page; its samples use this server's URL."""
    response = flask.Response(_page(public_url.rstrip("/") + document.base_path()), mimetype="text/html")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(flask.request.environ)
    return response


@cache
def _page(server: str) -> bytes:
    return page(document.bundle(), server, CLIENT_PACKAGES).encode()
