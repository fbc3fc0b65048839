"""Pages that API responses point to: prices, the subscription, and setting a password."""

from __future__ import annotations

import flask

from misarmail_server import document
from misarmail_server.context import Context
from misarmail_server.db.store import Store
from misarmail_server.errors import Unauthenticated
from misarmail_server.services import billing, session_tokens
from misarmail_server.services.plans import PLANS
from misarmail_server.settings import Settings

POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'"


def pages(settings: Settings, store: Store) -> flask.Blueprint:
    """The pages of this platform."""
    blueprint = flask.Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static")

    blueprint.after_request(protect)

    @blueprint.get("/pricing")
    def pricing() -> str:
        return flask.render_template("pricing.html", plans=PLANS.values(), api=document.base_path())

    @blueprint.get("/billing")
    def subscription() -> str:
        return flask.render_template("billing.html", subscription=_subscription(settings, store))

    @blueprint.get("/reset-password")
    def reset_password() -> flask.typing.ResponseReturnValue:
        token = flask.request.args.get("token", "").strip()
        if not token:
            return flask.render_template("reset_link_missing.html"), 400
        return flask.render_template("reset_password.html", token=token, api=document.base_path())

    return blueprint


def not_found(_error: Exception) -> flask.typing.ResponseReturnValue:
    """404: a page for browsers, a sentence for programs."""
    if flask.request.accept_mimetypes.best_match(["text/plain", "text/html"], default="text/plain") == "text/html":
        return protect(flask.make_response(flask.render_template("not_found.html", api=document.base_path()), 404))
    return flask.Response("There is no such page\n", 404, mimetype="text/plain")


def protect(response: flask.Response) -> flask.Response:
    """Restrict what a browser may do with a page."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"  # URLs contain tokens, such as that of a password reset
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _subscription(settings: Settings, store: Store) -> object:
    """The subscription of the signed-in account; None if the browser is not signed in."""
    try:
        principal = session_tokens.authenticate(store, flask.request.cookies.get(session_tokens.COOKIE, ""))
    except Unauthenticated:
        return None
    with store.read() as connection:
        return billing.subscription(Context.of_principal(store, settings, connection, principal))
