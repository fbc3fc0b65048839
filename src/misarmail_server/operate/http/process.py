"""One API process: a fork of the supervisor that serves HTTP on the supervisor's socket, and ends with it."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
from dataclasses import dataclass, field
from functools import partial

import uvicorn

from contract.runtime.application import Contract, Wsgi
from misarmail_server import app, document, settings
from misarmail_server.db.store import Store
from misarmail_server.errors import Unavailable
from misarmail_server.external.trusted_proxies import TrustedProxies
from misarmail_server.operate.http.bodies import BodyDeadlines
from misarmail_server.operate.http.connections import ConnectionDeadlines, Connections, GuardedProtocol, raise_file_limit
from misarmail_server.operate.http.front import Front, FrontLimits, Probes
from misarmail_server.operate.http.observation import AccessLog, Observer
from misarmail_server.services.request_counts import RequestCounts
from misarmail_server.settings import Settings

REQUEST_SECONDS = 15  # for running requests to finish after the signal to stop
BACKLOG = 4_096  # connections that wait to be accepted; the kernel may allow fewer (net.core.somaxconn)
PR_SET_PDEATHSIG = 1  # prctl(2)


def run(listening: socket.socket, supervisor: int, counts: RequestCounts, number: int) -> None:
    """Serve until SIGTERM, as this number of the processes that share the counts."""
    # A Ctrl-C reaches the whole process group; only the supervisor decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != supervisor:
        sys.exit("the supervisor ended")
    chosen = settings.load()
    counts.use_row(number)
    server(chosen, Store(chosen.database_url), Deadlines(), counts).run([listening])


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long clients are waited for."""

    connections: ConnectionDeadlines = field(default_factory=ConnectionDeadlines)
    bodies: BodyDeadlines = field(default_factory=BodyDeadlines)


def request_counts(processes: int = 1) -> RequestCounts:
    """Counts for the operations of the contract, to be shared by that many forks of this process."""
    items = document.bundle()["paths"].values()
    operations = [
        method["operationId"] for item in items for method in item.values() if isinstance(method, dict) and "operationId" in method
    ]
    return RequestCounts(sorted(operations), processes)


def server(chosen: Settings, store: Store, deadlines: Deadlines, counts: RequestCounts | None = None) -> uvicorn.Server:
    """The HTTP server of the platform."""
    front = _front(chosen, store, deadlines.bodies, counts or request_counts())
    connections = Connections(chosen.connections, raise_file_limit())
    protocol = partial(
        GuardedProtocol,
        connections=connections,
        deadlines=deadlines.connections,
        proxies=TrustedProxies(chosen.trusted_proxies),
        uses_proxy_protocol="http" in chosen.proxy_protocol,
    )
    config = uvicorn.Config(
        front,
        http=protocol,  # type: ignore[arg-type] # it makes a protocol
        loop="uvloop",
        ws="none",
        lifespan="off",
        interface="asgi3",
        backlog=BACKLOG,
        timeout_keep_alive=int(deadlines.connections.idle_seconds),
        timeout_graceful_shutdown=REQUEST_SECONDS,
        access_log=False,
        log_config=None,
        log_level="critical",
        proxy_headers=False,
        server_header=False,
    )
    result = uvicorn.Server(config)
    front.is_stopping = lambda: result.should_exit
    return result


def _front(chosen: Settings, store: Store, deadlines: BodyDeadlines, counts: RequestCounts) -> Front:
    flask_app = app.create_app(chosen, store, counts)
    wsgi: Wsgi = flask_app.wsgi_app  # type: ignore[assignment] # Flask's type for it has a narrower callback
    contract: Contract = flask_app.extensions["contract"]
    base = document.base_path()
    return Front(
        wsgi,
        contract,
        FrontLimits(chosen.threads, chosen.body_memory, TrustedProxies(chosen.trusted_proxies), chosen.connections, deadlines),
        lambda: app.problem_of(Unavailable()),
        observer=Observer(counts, AccessLog() if chosen.has_access_log else None),
        probes=Probes(alive=frozenset({"/healthz", f"{base}/healthz"}), ready=frozenset({"/readyz", f"{base}/readyz"})),
    )
