"""One worker process: mail is delivered, events are posted, campaigns are run."""

from __future__ import annotations

import argparse
import signal
import sys

from misarmail_server import logs
from misarmail_server.db.store import Store
from misarmail_server.delivery.worker.background import Chore
from misarmail_server.delivery.worker.worker import Worker
from misarmail_server.events.webhook_sender import Poster
from misarmail_server.services.campaign_runs import CampaignRuns
from misarmail_server.settings import BadSettingError, Settings, load


def run(settings: Settings, parent: int | None = None) -> None:
    """Work until SIGTERM or SIGINT, or until that parent process is gone."""
    logs.configure()
    store = Store(settings.database_url)
    chores = [Chore("poster", Poster(settings, store).post_due), Chore("campaigns", CampaignRuns(settings, store).run)]
    worker = Worker(settings, store, chores, parent)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()


def main() -> int:
    """Read the settings and run; 2 when one of them cannot be used."""
    parser = argparse.ArgumentParser(prog="misarmail_server.operate.work", description="Deliver what is due.")
    parser.add_argument("--with-parent", type=int, metavar="PID", help="stop when this parent process ends")
    arguments = parser.parse_args()
    try:
        settings = load()
    except BadSettingError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the one sentence of a refused start
        return 2
    run(settings, arguments.with_parent)
    return 0


if __name__ == "__main__":
    sys.exit(main())
