"""`misarmail serve`: everything that runs on one machine, as one tree of processes that starts and ends together.

This process supervises: granian's API processes and the delivery workers are its children and are restarted when they die. An API
process that dies twice within seconds ends the tree, and the service manager decides whether to start it again.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import multiprocessing
import os
import signal
import socket
import sys
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from sqlalchemy import Connection

from misarmail_server import app, settings
from misarmail_server.db import migrate
from misarmail_server.db.store import Store
from misarmail_server.mail_server import listener_settings
from misarmail_server.operate.supervisor import ChildProcesses
from misarmail_server.services import inbound, installation, keys, tenants
from misarmail_server.settings import VERSION, BadSettingError, Settings

OPERATOR_EMAIL = "operator@localhost"
REQUEST_SECONDS = 15  # for running requests to finish after the signal to stop
IDLE_SECONDS = 600  # the maximum that granian accepts: closing the thread-local objects of a thread that it ends has crashed processes
PR_SET_PDEATHSIG = 1  # prctl(2)


def run(chosen: Settings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises BadSettingError when the address is taken or the state folder cannot be used, Unavailable when the database cannot.
    """
    address = _free_address(chosen)
    listener_settings.require_free(chosen)
    settings.require_state(chosen)
    key = _prepare(chosen)
    _print_summary(chosen, key)
    # The API processes are forks of this one: their garbage collectors neither scan nor copy what is loaded by now.
    gc.freeze()
    server = _server(chosen, address)
    children = ChildProcesses(chosen.workers, listens=bool(chosen.inbound_listen or chosen.submission_listen))
    server.on_startup(children.start)
    server.on_shutdown(children.stop)
    server.serve()


def create_wsgi() -> Any:
    """The application of one API process, which ends when the supervisor does."""
    # The process inherits the supervisor's handler. Until granian sets its own, SIGTERM must simply end the process.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Not SIGTERM: granian's handler blocks forever if it is called before the server is ready.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    supervisor = multiprocessing.parent_process()
    if supervisor is not None and os.getppid() != supervisor.pid:
        sys.exit("the supervisor ended")
    return app.create_app(settings.load())


def _server(chosen: Settings, address: str) -> Any:
    return Granian(
        "misarmail_server.operate.serve:create_wsgi",
        factory=True,
        address=address,
        port=chosen.port,
        interface=Interfaces.WSGI,
        workers=chosen.processes,
        blocking_threads=chosen.threads,
        blocking_threads_idle_timeout=IDLE_SECONDS,
        respawn_failed_workers=True,
        workers_kill_timeout=REQUEST_SECONDS,
        websockets=False,
        log_level=LogLevels.error,
    )


def _free_address(chosen: Settings) -> str:
    """The host's IP address. An address in use is refused before anything is written: granian would share it with another granian."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(chosen.host, chosen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
        return str(address[0])
    except UnicodeError as error:
        raise BadSettingError(f"MISARMAIL_HOST is {chosen.host!r}, which is not a host name") from error
    except OSError as error:
        sentence = f"{chosen.host}:{chosen.port} cannot be listened on: {error.strerror}. Choose another with {_remedy(error)}"
        raise BadSettingError(sentence) from error


def _remedy(error: OSError) -> str:
    return "PORT= or MISARMAIL_PORT" if error.errno in {errno.EADDRINUSE, errno.EACCES} else "MISARMAIL_HOST"


def _prepare(chosen: Settings) -> str | None:
    """Migrate. On the first start, create the operator's account and return its API key; None later."""
    store = Store(chosen.database_url)
    try:
        migrate.upgrade(store)
        installation.join(chosen, store)
        inbound.seal_secrets(chosen, store)
        with store.read() as connection:
            if tenants.exists(connection):
                return None
        return store.write(_first_key)
    finally:
        store.close()


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
    lines = [f"MisarMail Server {VERSION}", f"  API    {chosen.public_url}/api", f"  Mail   {mail}"]
    listeners = {"inbound": chosen.inbound_listen, "submission": chosen.submission_listen}
    lines += [f"  SMTP   {address.host}:{address.port} ({name})" for name, address in listeners.items() if address]
    lines += [f"  State  {chosen.state}"]
    if key is not None:
        lines += ["  API key, shown only once:", f"  {key}"]
    print("\n".join(lines), flush=True)  # noqa: T201 - what the operator needs to know
