"""The application: the contract in front, pages behind, and the mapping from refusals to statuses."""

from __future__ import annotations

import random
import threading
from functools import cache
from typing import Any

import flask
import structlog

from contract.runtime.application import Contract, Wsgi
from contract.runtime.binding import bind
from contract.runtime.compiled_operations import RouteTable
from contract.runtime.problems import Problem, Violation
from contract.traffic.recorder import RecorderContext, TrafficRecorder
from misarmail_contract.handlers import HANDLERS
from misarmail_contract.routes import SIGNATURES
from misarmail_server import document, errors, logs
from misarmail_server.context import now
from misarmail_server.db.store import Store
from misarmail_server.errors import Refusal
from misarmail_server.external.trusted_proxies import TrustedProxies, resolve_client
from misarmail_server.platform import Facet, ServerPlatform
from misarmail_server.services import email_addresses, rate_limits, send
from misarmail_server.services.request_counts import RequestCounts
from misarmail_server.settings import Settings
from misarmail_server.web.cors import CrossOrigin
from misarmail_server.web.mail_links import tracking
from misarmail_server.web.pages import not_found, pages
from misarmail_server.web.template_environment import TemplateEnvironment

STATUSES: dict[type[Refusal], int] = {
    errors.Invalid: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Unprocessable: 422,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}
log = structlog.get_logger()
PROBES = {"/healthz", "/readyz"}
# The facets that `x-idempotency-varies-by` may name.
FACETS: dict[str, Facet] = {
    "sandbox": lambda request: send.is_captured(request.principal, is_sandbox_requested=request.parameters.x_misar_mail_sandbox),
}


def create_app(settings: Settings, store: Store | None = None, counts: RequestCounts | None = None) -> flask.Flask:
    """The whole platform as a Flask application. `counts` are those of the HTTP server, for /metrics.

    Raises ContractError if an operation has no handler.
    """
    logs.configure()
    bundle = document.bundle()
    app = flask.Flask("misarmail_server", static_folder=None)
    app.jinja_environment = TemplateEnvironment
    store = store or Store(settings.database_url)
    limits = rate_limits.shared(settings, bundle["x-rate-limits"])
    platform = ServerPlatform(settings, store, limits, problem_of, facets=FACETS)
    contract = Contract(
        _routes(), bind(SIGNATURES, HANDLERS), platform, body_limit=settings.body_limit, checks_responses=settings.checks_answers
    )
    behind = _Pages(app, settings, store, counts)
    recorded: Wsgi = TrafficRecorder(contract, settings.recording, _around()) if settings.recording else contract
    if settings.cors_origins:
        recorded = CrossOrigin(recorded, settings.cors_origins, bundle)
    app.extensions["contract"] = contract
    app.wsgi_app = _with_clients(settings, _with_probes(contract, contract.wrap(behind, recorded)))  # type: ignore[method-assign]  # the way Flask documents
    return app


class _Pages:
    """The pages behind the contract. Their routes are built on the first request for a page, since that is half of the start-up time."""

    def __init__(self, app: flask.Flask, settings: Settings, store: Store, counts: RequestCounts | None) -> None:
        self._app = app
        self._wsgi: Any = app.wsgi_app
        self._settings = settings
        self._store = store
        self._counts = counts
        self._lock = threading.Lock()
        self._has_routes = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if not self._has_routes:
            with self._lock:
                self._make_routes()
        return self._wsgi(environ, start_response)

    def _make_routes(self) -> None:
        if self._has_routes:  # another thread was faster
            return
        self._app.add_url_rule("/", view_func=_front)
        self._app.add_url_rule("/openapi.json", view_func=_document)
        self._app.add_url_rule("/docs", "docs", lambda: _reference(self._settings))
        self._app.add_url_rule("/metrics", "metrics", lambda: _metrics(self._settings, self._store, self._counts))
        self._app.register_blueprint(pages(self._settings, self._store))
        self._app.register_blueprint(tracking(self._settings, self._store))
        self._app.register_error_handler(404, not_found)
        self._has_routes = True


def problem_of(refusal: Refusal) -> Problem:
    """Convert a refusal to its response."""
    headers = dict(refusal.headers)
    if isinstance(refusal, errors.Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    violations = [Violation((field,), sentence) for field, sentence in refusal.fields.items()]
    return Problem(STATUSES[type(refusal)], refusal.code, refusal.sentence, violations=violations, extra=refusal.extra, headers=headers)


@cache
def _routes() -> RouteTable:
    """Compiled once per process, for all applications."""
    return RouteTable(document.bundle(), SIGNATURES, conversions={"idn-email": email_addresses.to_ascii})


def _around() -> RecorderContext:
    draw = random.SystemRandom().random
    return RecorderContext(draw, now, lambda error: log.warning("traffic cannot be recorded", reason=error.strerror))


def _with_probes(contract: Contract, wsgi: Wsgi) -> Any:
    """Serve the probes at the root; the contract has them below its base path."""
    base = document.base_path()

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] in PROBES:
            return contract({**environ, "PATH_INFO": base + environ["PATH_INFO"]}, start_response)
        return wsgi(environ, start_response)

    return application


def _with_clients(settings: Settings, wsgi: Any) -> Any:
    """The application behind trusted proxies. The platform's own HTTP server has done the same already; then nothing changes here."""
    proxies = TrustedProxies(settings.trusted_proxies)
    if not proxies:
        return wsgi

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        resolve_client(proxies, environ)
        return wsgi(environ, start_response)

    return application


def _front() -> flask.Response:
    return flask.Response(
        f"MisarMail Server. The API is at {document.base_path()}, its reference at /docs, its OpenAPI document at /openapi.json.\n",
        mimetype="text/plain",
    )


def _metrics(settings: Settings, store: Store, counts: RequestCounts | None) -> flask.Response:
    # Most processes never serve it.
    from misarmail_server.web import metrics  # noqa: PLC0415 - see above

    return metrics.page(settings, store, counts)


def _reference(settings: Settings) -> flask.Response:
    # The page takes a second to build; only a request for it should wait.
    from misarmail_server.web import reference  # noqa: PLC0415 - see above

    return reference.reference(settings.public_url)


def _document() -> flask.Response:
    return flask.Response(document.text(), mimetype="application/json")
