"""Delivery workers and the SMTP server as child processes, restarted when they end by themselves and stopped with their parent."""

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
STOP_SECONDS = 30.0  # for running SMTP sessions to finish


class ChildProcesses:
    """The delivery workers and, if `listens`, the SMTP server. A child that ends by itself is restarted."""

    def __init__(self, count: int, *, listens: bool = False) -> None:
        self._modules = [WORKER] * count + [MAIL_SERVER] * listens
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._is_stopping = threading.Event()

    def start(self) -> None:
        """Start the children, and a thread that watches each of them."""
        for number in range(len(self._modules)):
            self._start_child(number)
            threading.Thread(target=self._watch, args=(number,), daemon=True, name=f"worker-watch-{number}").start()

    def stop(self) -> None:
        """Stop the children and wait. Children that do not finish in time are killed, which loses no mail."""
        with self._lock:  # no child is started after this
            self._is_stopping.set()
        for process in self._running.values():
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start_child(self, number: int) -> None:
        command = [sys.executable, "-m", self._modules[number], "--with-parent", str(os.getpid())]
        with self._lock:
            if not self._is_stopping.is_set():
                # In its own process group, the child gets Ctrl-C only through this process, which then knows why the child ended.
                self._running[number] = subprocess.Popen(command, process_group=0)

    def _watch(self, number: int) -> None:
        while not self._is_stopping.is_set():
            self._running[number].wait()
            if not self._is_stopping.wait(RESTART_SECONDS):
                self._start_child(number)


def run(count: int) -> None:
    """Keep this number of workers running until SIGTERM or SIGINT."""
    workers = ChildProcesses(count)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    workers.start()
    stop.wait()
    workers.stop()
