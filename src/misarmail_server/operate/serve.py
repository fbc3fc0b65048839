"""`misarmail serve`: everything that runs on one machine, as one tree of processes that starts and ends together.

This process supervises: API processes, the delivery workers and the SMTP server are its children. A child that dies is started again,
after a pause that grows while it keeps dying; the tree goes on without it.
"""

from __future__ import annotations

import errno
import gc
import os
import socket
from functools import partial
from typing import Any

from sqlalchemy import Connection

from misarmail_server import app, logs, settings
from misarmail_server.mail_server import listener_settings
from misarmail_server.operate import database, supervisor
from misarmail_server.operate.http import process
from misarmail_server.services import keys, tenants
from misarmail_server.settings import VERSION, BadSettingError, Settings

OPERATOR_EMAIL = "operator@localhost"


def run(chosen: Settings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises BadSettingError when the address is taken or the state folder cannot be used, Unavailable when the database cannot.
    """
    with _bound(chosen) as listening:
        listener_settings.require_free(chosen)
        settings.require_state(chosen)
        key = _prepare(chosen)
        logs.configure()
        _listen(chosen, listening)
        _print_summary(chosen, key)
        # The API processes are forks of this one: their garbage collectors neither scan nor copy what is loaded by now.
        gc.freeze()
        supervisor.serve_until_stopped(supervisor.ChildProcesses(_children(chosen, listening)))


def create_wsgi() -> Any:
    """The platform as a WSGI application, for other servers and for development."""
    return app.create_app(settings.load())


def _children(chosen: Settings, listening: socket.socket) -> list[supervisor.StartChild]:
    counts = process.request_counts(chosen.processes)
    apis = [supervisor.fork(partial(process.run, listening, os.getpid(), counts, number)) for number in range(chosen.processes)]
    worker, mail_server = supervisor.python_module(supervisor.WORKER), supervisor.python_module(supervisor.MAIL_SERVER)
    listens = bool(chosen.inbound_listen or chosen.submission_listen)
    return apis + [worker] * chosen.workers + [mail_server] * listens


def _bound(chosen: Settings) -> socket.socket:
    """A socket that does not listen yet. An address in use is refused before anything is written.

    The supervisor keeps the socket, so that connections wait while an API process is started again.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(chosen.host, chosen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        bound = socket.socket(family, kind)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except UnicodeError as error:
        raise BadSettingError(f"MISARMAIL_HOST is {chosen.host!r}, which is not a host name") from error
    except OSError as error:
        raise _cannot_listen(chosen, error) from error
    return bound


def _listen(chosen: Settings, bound: socket.socket) -> None:
    try:
        bound.listen(process.BACKLOG)
    except OSError as error:  # another process was faster
        raise _cannot_listen(chosen, error) from error


def _cannot_listen(chosen: Settings, error: OSError) -> BadSettingError:
    sentence = f"{chosen.host}:{chosen.port} cannot be listened on: {error.strerror}. Choose another with {_remedy(error)}"
    return BadSettingError(sentence)


def _remedy(error: OSError) -> str:
    return "PORT= or MISARMAIL_PORT" if error.errno in {errno.EADDRINUSE, errno.EACCES} else "MISARMAIL_HOST"


def _prepare(chosen: Settings) -> str | None:
    """Migrate. On the first start, create the operator's account and return its API key; None later."""
    with database.joined(chosen) as store:
        with store.read() as connection:
            if tenants.exists(connection):
                return None
        return store.write(_first_key)


def _first_key(connection: Connection) -> str | None:
    if tenants.exists(connection):  # another server created it
        return None
    account_id = tenants.create(connection, OPERATOR_EMAIL, plan="enterprise", senders="any")
    return keys.make(connection, account_id, "First key", keys.ALL_SCOPES).secret


def _print_summary(chosen: Settings, key: str | None) -> None:
    mail = (
        "is captured in the sandbox inbox (MISARMAIL_RELAY=capture)"
        if chosen.relay == "capture"
        else f"goes to {', '.join(dict.fromkeys(method.name for method in chosen.delivery_methods.values()))}"
    )
    lines = [f"MisarMail Server {VERSION}", f"  API    {chosen.public_url}/api", f"  Docs   {chosen.public_url}/docs", f"  Mail   {mail}"]
    listeners = {"inbound": chosen.inbound_listen, "submission": chosen.submission_listen}
    lines += [f"  SMTP   {address.host}:{address.port} ({name})" for name, address in listeners.items() if address]
    lines += [f"  State  {chosen.state}"]
    if key is not None:
        lines += [f"  First account: {OPERATOR_EMAIL}, which may send from any address", "  Its API key, shown only once:", f"  {key}"]
    print("\n".join(lines), flush=True)  # noqa: T201 - what the operator needs to know
