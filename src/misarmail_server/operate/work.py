"""One worker process, which delivers mail, sends webhooks and runs campaigns."""

from __future__ import annotations

import argparse
import signal
import sys

from misarmail_server import logs
from misarmail_server.db.store import Store
from misarmail_server.delivery.worker.background import BackgroundTask
from misarmail_server.delivery.worker.worker import Worker
from misarmail_server.events.webhook_sender import WebhookSender
from misarmail_server.services.campaign_runs import CampaignRuns
from misarmail_server.settings import BadSettingError, Settings, load


def run(settings: Settings, parent: int | None = None) -> None:
    """Work until SIGTERM or SIGINT, or until the process with the id `parent` ends."""
    logs.configure()
    store = Store(settings.database_url)
    tasks = [
        BackgroundTask("poster", WebhookSender(settings, store).post_due),
        BackgroundTask("campaigns", CampaignRuns(settings, store).run),
    ]
    worker = Worker(settings, store, tasks, parent)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()


def main() -> int:
    """Read the settings and run. Returns 2 for a setting that cannot be used."""
    parser = argparse.ArgumentParser(prog="misarmail_server.operate.work", description="Deliver mail that is due.")
    parser.add_argument("--with-parent", type=int, metavar="PID", help="stop when this parent process ends")
    parent: int | None = parser.parse_args().with_parent
    try:
        settings = load()
    except BadSettingError as error:
        print(error, file=sys.stderr)  # noqa: T201 - why the process does not start
        return 2
    run(settings, parent)
    return 0


if __name__ == "__main__":
    sys.exit(main())
