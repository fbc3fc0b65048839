"""One worker process, which delivers mail, sends webhooks and runs campaigns."""

from __future__ import annotations

import argparse
import signal
import sys

import structlog

from misarmail_server import logs
from misarmail_server.db.store import Store
from misarmail_server.delivery.worker.background import BackgroundTask
from misarmail_server.delivery.worker.worker import Worker
from misarmail_server.events.webhook_sender import WebhookSender
from misarmail_server.operate import database
from misarmail_server.services import installation
from misarmail_server.services.campaign_runs import CampaignRuns
from misarmail_server.services.retention import Retention
from misarmail_server.settings import BadSettingError, Settings, load

log = structlog.get_logger()


def run(settings: Settings, parent: int | None = None) -> None:
    """Work until SIGTERM or SIGINT, or until the process with the id `parent` ends."""
    logs.configure()
    store = Store(settings.database_url)
    webhooks = WebhookSender(settings, store)
    tasks = [
        BackgroundTask("poster", webhooks.dispatch, webhooks.close),
        BackgroundTask("campaigns", CampaignRuns(settings, store).run),
        BackgroundTask("retention", Retention(settings, store).run),
        BackgroundTask("installation", lambda: _stop_if_changed(settings, store)),
    ]
    worker = Worker(settings, store, tasks, parent)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()


def _stop_if_changed(settings: Settings, store: Store) -> None:
    """End this worker when the delivery settings were changed for all processes: it would deliver as before."""
    try:
        with store.read() as connection:
            installation.require_delivery(settings, connection)
    except BadSettingError as error:
        log.error("the worker stops", reason=str(error))  # noqa: TRY400 - the traceback says nothing more
        signal.raise_signal(signal.SIGTERM)


def main() -> int:
    """Read the settings and run. Returns 2 for a setting that cannot be used."""
    parser = argparse.ArgumentParser(prog="misarmail_server.operate.work", description="Deliver mail that is due.")
    parser.add_argument("--with-parent", type=int, metavar="PID", help="stop when this parent process ends")
    parent: int | None = parser.parse_args().with_parent
    try:
        settings = load()
        database.join(settings)
    except BadSettingError as error:
        print(error, file=sys.stderr)  # noqa: T201 - why the process does not start
        return 2
    run(settings, parent)
    return 0


if __name__ == "__main__":
    sys.exit(main())
