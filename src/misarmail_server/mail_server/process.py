"""The process that listens for SMTP.

`misarmail smtp`, and a child of `misarmail serve`. On SIGTERM it replies to received mail and ends.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys

import structlog

from misarmail_server import logs, settings
from misarmail_server.db.store import Store
from misarmail_server.mail_server.listeners import Listeners
from misarmail_server.services import installation
from misarmail_server.settings import BadSettingError, Settings

LOOK_SECONDS = 1.0
NOWHERE = "Nothing to listen on: set MISARMAIL_INBOUND_LISTEN, MISARMAIL_SUBMISSION_LISTEN or both"

log = structlog.get_logger()


def run(chosen: Settings, parent: int | None = None) -> None:
    """Listen until SIGTERM or SIGINT, or until the parent process is gone.

    Raises BadSettingError if there is nothing to listen on, or an address is not available.
    """
    if chosen.inbound_listen is None and chosen.submission_listen is None:
        raise BadSettingError(NOWHERE)
    logs.configure()
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # aiosmtpd logs every command, in another format
    store = Store(chosen.database_url)
    try:
        installation.join(chosen, store)
        asyncio.run(_listen(Listeners(chosen, store), parent))
    finally:
        store.close()


async def _listen(listeners: Listeners, parent: int | None) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await listeners.open()
    log.info("listening", **listeners.ports)
    while not stopped.is_set() and (parent is None or os.getppid() == parent):
        try:
            await asyncio.wait_for(stopped.wait(), LOOK_SECONDS)
        except TimeoutError:
            continue
    await listeners.close()


def main() -> int:
    """Read the settings and run; returns 2 if a setting cannot be used."""
    parser = argparse.ArgumentParser(prog="misarmail_server.mail_server.process", description="Listen for SMTP.")
    parser.add_argument("--with-parent", type=int, metavar="PID", help="stop when this parent process ends")
    try:
        run(settings.load(), parser.parse_args().with_parent)
    except BadSettingError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the reason of a refused start
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
