"""`misarmail serve`: everything that runs on one machine, as one tree of processes that starts and ends together.

This process supervises: granian's API processes and the delivery workers are its children, restarted when they die.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from misarmail_server import app, migrate, settings
from misarmail_server.services import accounts, keys
from misarmail_server.settings import VERSION, BadSettingError, Settings
from misarmail_server.store import Store

OPERATOR = "operator@localhost"
RESTART_SECONDS = 1.0
STOP_SECONDS = 30.0  # for the workers to finish their dialogues
PR_SET_PDEATHSIG = 1  # prctl(2)


def run(chosen: Settings) -> None:
    """Serve until told to stop. Raises BadSettingError when the address is taken or the state folder cannot be used."""
    _require_address(chosen)
    settings.require_state(chosen)
    key = _prepare(chosen)
    _say(chosen, key)
    server = Granian(
        "misarmail_server.serve:create_wsgi",
        factory=True,
        address=chosen.host,
        port=chosen.port,
        interface=Interfaces.WSGI,
        workers=chosen.processes,
        blocking_threads=chosen.threads,
        respawn_failed_workers=True,
        respawn_interval=RESTART_SECONDS,
        websockets=False,
        log_level=LogLevels.warning,
    )
    workers = Workers(chosen.workers)
    server.on_startup(workers.start)
    server.on_shutdown(workers.stop)
    server.serve()


def create_wsgi() -> Any:
    """The application of one API process; it ends when the supervisor does."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    return app.create_app(settings.load())


class Workers:
    """The delivery workers. One that ends by itself is started again."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._running: list[subprocess.Popen[bytes]] = []
        self._is_stopping = threading.Event()

    def start(self) -> None:
        """Start all, and a thread that watches each."""
        for index in range(self._count):
            self._running.append(self._start_one())
            threading.Thread(target=self._watch, args=(index,), daemon=True, name=f"worker-watch-{index}").start()

    def stop(self) -> None:
        """Tell all to finish, and wait; those that do not in time are killed, which loses nothing."""
        self._is_stopping.set()
        for process in self._running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()

    def _start_one(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "misarmail_server.delivery.worker", "--with-parent", str(os.getpid())])

    def _watch(self, index: int) -> None:
        while not self._is_stopping.is_set():
            self._running[index].wait()
            if not self._is_stopping.wait(RESTART_SECONDS):
                self._running[index] = self._start_one()


def _require_address(chosen: Settings) -> None:
    """Refuse an address that is taken before anything is touched; granian would only log it."""
    try:
        with socket.create_server((chosen.host, chosen.port), reuse_port=False):
            pass
    except OSError as error:
        sentence = f"{chosen.host}:{chosen.port} cannot be listened on: {error.strerror}. Choose another with PORT= or MISARMAIL_PORT"
        raise BadSettingError(sentence) from error


def _prepare(chosen: Settings) -> str | None:
    """Migrate, and make the operator's account on the first start; returns its key then, None later."""
    store = Store(chosen.database_url)
    try:
        migrate.upgrade(store)
        return store.write(_first_key)
    finally:
        store.close()


def _first_key(connection: Any) -> str | None:
    if accounts.exists(connection):
        return None
    account_id = accounts.create(connection, OPERATOR, plan="enterprise", senders="any")
    return keys.make(connection, account_id, "First key", keys.ALL_SCOPES).secret


def _say(chosen: Settings, key: str | None) -> None:
    mail = (
        "is captured in the sandbox inbox (MISARMAIL_RELAY=capture)"
        if chosen.relay == "capture"
        else f"goes to {chosen.relay_url.hostname}"
    )
    lines = [f"MisarMail Server {VERSION}", f"  API    {chosen.public_url}/api", f"  Mail   {mail}", f"  State  {chosen.state}"]
    if key is not None:
        lines += ["  Your API key, shown only now:", f"  {key}"]
    print("\n".join(lines), flush=True)  # noqa: T201 - what whoever starts it needs to know
