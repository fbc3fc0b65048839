"""Delivery workers and the SMTP server as child processes: one that ends by itself is started again, and all end with their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

WORKER = "misarmail_server.operate.work"
MAIL_SERVER = "misarmail_server.mail_server.process"
RESTART_SECONDS = 1.0
DIALOGUE_SECONDS = 30.0  # for the workers' dialogues


class Workers:
    """The delivery workers, and the SMTP server where it is asked for. One that ends by itself is started again."""

    def __init__(self, count: int, *, listens: bool = False) -> None:
        self._modules = [WORKER] * count + [MAIL_SERVER] * listens
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._is_stopping = threading.Event()

    def start(self) -> None:
        """Start all, and a thread that watches each."""
        for number in range(len(self._modules)):
            self._start_one(number)
            threading.Thread(target=self._watch, args=(number,), daemon=True, name=f"worker-watch-{number}").start()

    def stop(self) -> None:
        """Tell all to finish, and wait; those that do not in time are killed, which loses nothing."""
        with self._lock:  # none is started from here on
            self._is_stopping.set()
        for process in self._running.values():
            process.terminate()
        deadline = time.monotonic() + DIALOGUE_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start_one(self, number: int) -> None:
        command = [sys.executable, "-m", self._modules[number], "--with-parent", str(os.getpid())]
        with self._lock:
            if not self._is_stopping.is_set():
                # In a group of its own, a terminal's Ctrl-C reaches it only through this process, which then knows why it ended.
                self._running[number] = subprocess.Popen(command, process_group=0)

    def _watch(self, number: int) -> None:
        while not self._is_stopping.is_set():
            self._running[number].wait()
            if not self._is_stopping.wait(RESTART_SECONDS):
                self._start_one(number)


def run(count: int) -> None:
    """Keep so many workers running until this process is told to stop."""
    workers = Workers(count)
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    workers.start()
    told.wait()
    workers.stop()
