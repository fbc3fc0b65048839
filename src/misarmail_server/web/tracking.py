"""Where the links of mails lead: the pixel, the redirect, and the way out. Nobody signs in here, the signed token is the proof.

GET and HEAD never unsubscribe: programs that scan mail follow every link. No answer sets a cookie or may be kept by a cache.
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
FORM_LIMIT = 4_096  # bytes; List-Unsubscribe=One-Click has 26
PURPOSES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def tracking(settings: Settings, store: Store) -> flask.Blueprint:
    """The addresses that mails of this platform carry."""
    blueprint = flask.Blueprint("tracking", __name__, template_folder="templates")
    tracks, ways_out = Tracking(settings, store), UnsubscribeLinks(settings, store)
    blueprint.after_request(_uncached)
    blueprint.register_error_handler(Unavailable, _unavailable)
    blueprint.register_error_handler(Problem, _refused)

    @blueprint.get("/t/o/<token>")
    def pixel(token: str) -> flask.Response:
        tracks.opened(token.removesuffix(".gif"), _visitor())
        return flask.Response(GIF, mimetype="image/gif")

    @blueprint.get("/t/c/<token>")
    def redirect(token: str) -> flask.typing.ResponseReturnValue:
        url = tracks.clicked(token, _visitor())
        return _unknown() if url is None else flask.redirect(url)

    @blueprint.get("/u/<token>")
    def way_out(token: str) -> flask.typing.ResponseReturnValue:
        found = ways_out.look(token)
        return _unknown() if found is None else flask.render_template("unsubscribe.html", found=found)

    @blueprint.post("/u/<token>")
    def leave(token: str) -> flask.typing.ResponseReturnValue:
        read_bytes(
            flask.request.environ, FORM_LIMIT
        )  # what it says does not matter: RFC 8058 and our own form differ, the token is the same
        found = ways_out.leave(token, _visitor())
        return _unknown() if found is None else flask.render_template("unsubscribed.html", found=found)

    return blueprint


def _visitor() -> Visitor:
    asked = flask.request
    purpose = " ".join(asked.headers.get(name, "") for name in PURPOSES).strip()
    return Visitor(asked.method, asked.headers.get("User-Agent", "").strip(), asked.remote_addr or "", purpose)


def _uncached(answer: flask.Response) -> flask.Response:
    answer.headers["Cache-Control"] = "no-store"
    return protect(answer)


def _unknown() -> flask.typing.ResponseReturnValue:
    return flask.render_template("unknown_link.html"), 404


def _unavailable(refusal: Unavailable) -> flask.typing.ResponseReturnValue:
    return flask.render_template("later.html"), 503, refusal.headers


def _refused(problem: Problem) -> flask.typing.ResponseReturnValue:
    return flask.Response(f"{problem.sentence}\n", problem.status, problem.headers, mimetype="text/plain")
