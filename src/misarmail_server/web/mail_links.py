"""The targets of links in mail: the pixel, the redirect, and the unsubscribe page. A signed token replaces authentication.

GET and HEAD never unsubscribe: mail scanners follow every link. No response sets a cookie or may be cached.
"""

from __future__ import annotations

import base64

import flask

from contract.runtime.bodies import read_bytes
from contract.runtime.problems import Problem
from misarmail_server.db.store import Store
from misarmail_server.errors import Unavailable
from misarmail_server.services.message_recipients import Visitor
from misarmail_server.services.message_tracking import Tracking
from misarmail_server.services.unsubscribes import UnsubscribeLinks
from misarmail_server.settings import Settings
from misarmail_server.web.pages import protect

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")  # one transparent point
LEAVE_ALL = b"leave=all"  # the body of the page's second form
FORM_LIMIT = 4_096  # bytes; List-Unsubscribe=One-Click has 26
PURPOSES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def tracking(settings: Settings, store: Store) -> flask.Blueprint:
    """The URLs that mail of this platform contains."""
    blueprint = flask.Blueprint("tracking", __name__, template_folder="templates")
    links, unsubscribe_links = Tracking(settings, store), UnsubscribeLinks(settings, store)
    blueprint.after_request(_uncached)
    blueprint.register_error_handler(Unavailable, _unavailable)
    blueprint.register_error_handler(Problem, _refused)

    @blueprint.get("/t/o/<token>")
    def pixel(token: str) -> flask.Response:
        links.opened(token.removesuffix(".gif"), _visitor())
        return flask.Response(GIF, mimetype="image/gif")

    @blueprint.get("/t/c/<token>")
    def redirect(token: str) -> flask.typing.ResponseReturnValue:
        url = links.clicked(token, _visitor())
        return _unknown() if url is None else flask.redirect(url)

    @blueprint.get("/u/<token>")
    def unsubscribe_form(token: str) -> flask.typing.ResponseReturnValue:
        link = unsubscribe_links.find(token)
        return _unknown() if link is None else flask.render_template("unsubscribe.html", link=link)

    @blueprint.post("/u/<token>")
    def unsubscribe(token: str) -> flask.typing.ResponseReturnValue:
        form = read_bytes(flask.request.environ, FORM_LIMIT)
        # Anything but the page's second button, such as a button of RFC 8058, leaves the topic of the mail, or all mail if it has none.
        link = unsubscribe_links.unsubscribe(token, _visitor(), is_from_all=form == LEAVE_ALL)
        return _unknown() if link is None else flask.render_template("unsubscribed.html", link=link)

    return blueprint


def _visitor() -> Visitor:
    request = flask.request
    purpose = " ".join(request.headers.get(name, "") for name in PURPOSES).strip()
    return Visitor(request.method, request.headers.get("User-Agent", "").strip(), request.remote_addr or "", purpose)


def _uncached(response: flask.Response) -> flask.Response:
    response.headers["Cache-Control"] = "no-store"
    return protect(response)


def _unknown() -> flask.typing.ResponseReturnValue:
    return flask.render_template("unknown_link.html"), 404


def _unavailable(refusal: Unavailable) -> flask.typing.ResponseReturnValue:
    return flask.render_template("later.html"), 503, refusal.headers


def _refused(problem: Problem) -> flask.typing.ResponseReturnValue:
    return flask.Response(f"{problem.sentence}\n", problem.status, problem.headers, mimetype="text/plain")
