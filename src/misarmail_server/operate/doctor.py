"""`misarmail doctor`: checks of everything that mail delivery depends on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from misarmail_server import settings, vault
from misarmail_server.context import at, now
from misarmail_server.db import migrate
from misarmail_server.db.store import Store
from misarmail_server.delivery.queue import admin
from misarmail_server.delivery.smtp.relay import RelayTransport
from misarmail_server.delivery.worker import relay_state
from misarmail_server.errors import Unavailable
from misarmail_server.external import dns
from misarmail_server.external.dns_results import Question
from misarmail_server.rows.recipient_states import RecipientState
from misarmail_server.services import installation
from misarmail_server.setting_types import sources
from misarmail_server.settings import BadSettingError, Settings

MIN_FREE_BYTES = 500_000_000
RELAY_SECONDS = 15.0
MAX_DUE_SECONDS = 300  # mail that has been due for longer waits for more than its turn
PRIVATE = ("*.db", "*.db-wal", vault.KEY_FILE, sources.FILE_NAME)  # files of the state folder that only the platform may read
LOCAL_HOSTS = ("localhost", ".localdomain")


class Diagnosis(NamedTuple):
    """The result of one check."""

    check: str
    has_passed: bool
    message: str


def examine(chosen: Settings) -> Iterator[Diagnosis]:
    """Run the checks, slow ones last."""
    yield from _state(chosen)
    yield from _database(chosen)
    yield from _names(chosen)
    yield from _relays(chosen)


def _passed(check: str, message: str) -> Diagnosis:
    return Diagnosis(check, True, message)  # noqa: FBT003 - a value, not a switch


def _failed(check: str, message: str) -> Diagnosis:
    return Diagnosis(check, False, message)  # noqa: FBT003 - a value, not a switch


def _state(chosen: Settings) -> Iterator[Diagnosis]:
    try:
        settings.require_state(chosen)
    except BadSettingError as error:
        yield _failed("state", str(error))
        return
    free = shutil.disk_usage(chosen.state).free
    if readable := [path.name for pattern in PRIVATE for path in chosen.state.glob(pattern) if path.stat().st_mode & 0o077]:
        yield _failed("files", f"Others can read {', '.join(sorted(readable))} in {chosen.state}; run `chmod 600` on them")
    yield Diagnosis("disk", free >= MIN_FREE_BYTES, f"{free // 1_000_000:,} MB are free in {chosen.state}")


def _database(chosen: Settings) -> Iterator[Diagnosis]:
    store = Store(chosen.database_url)
    try:
        is_behind = migrate.is_behind(store)
        yield Diagnosis("database", not is_behind, "Run `misarmail migrate` first" if is_behind else f"The version is {migrate.head()}")
        if not is_behind:
            with store.read() as connection:
                yield from _installation(chosen, connection)
                yield from _queue(admin.status(connection))
    except (Unavailable, BadSettingError) as error:
        yield _failed("database", f"The database cannot be used: {error.__cause__ or error}")
    finally:
        store.close()


def _installation(chosen: Settings, connection: Connection) -> Iterator[Diagnosis]:
    """Whether this process has the key and the delivery settings of the installation."""
    checks = {
        "secret": (installation.require_key, "The key is the one that the database was made with"),
        "delivery": (installation.require_delivery, "The delivery settings are those of the installation"),
    }
    for check, (require, sentence) in checks.items():
        try:
            require(chosen, connection)
            yield _passed(check, sentence)
        except BadSettingError as error:
            yield _failed(check, str(error))
            return  # without the key, nothing else can be compared


def _queue(queue: admin.QueueStatus) -> Iterator[Diagnosis]:
    longest = max((line.due_seconds for line in queue.lines if line.state != RecipientState.LEASED), default=0)
    is_late = longest > MAX_DUE_SECONDS and not queue.held
    waiting = sum(line.rows for line in queue.lines)
    hint = ": is a worker running, and does the relay accept mail?" if is_late else ""
    yield Diagnosis("queue", not is_late, f"{waiting:,} mails wait, the oldest due for {max(0, longest):,} s{hint}")
    if queue.held:
        yield _failed("suspended", f"Delivery is suspended for {', '.join(lane or 'all accounts' for lane in queue.held)}")
    if queue.ambiguous_count:
        last = max(mail.at for mail in queue.ambiguous)
        since = f"{queue.ambiguous_count:,} mails are ambiguous, the last since {at(last):%Y-%m-%d %H:%M:%S}"
        yield Diagnosis("ambiguous", now() - last > MAX_DUE_SECONDS * 1_000, f"{since}; `misarmail queue status` lists them")


def _names(chosen: Settings) -> Iterator[Diagnosis]:
    (result,) = dns.look_up(chosen.dns, [Question("example.com", "MX")])
    failure = result.failure
    yield Diagnosis("dns", failure is None, "The resolver answers" if failure is None else f"The resolver does not answer: {failure}")
    is_sending = any(method.kind != "capture" for method in chosen.delivery_methods.values())
    if is_sending and chosen.hostname.lower().endswith(LOCAL_HOSTS):
        yield _failed(
            "hostname", f"MISARMAIL_HOSTNAME is {chosen.hostname}, which other mail servers refuse in EHLO; set this machine's name"
        )
    if is_sending and chosen.return_path_host.lower().endswith(LOCAL_HOSTS):
        yield _failed("bounces", "MISARMAIL_RETURN_PATH_HOST is not set, so bounces go to the senders and not to this server")


def _relays(chosen: Settings) -> Iterator[Diagnosis]:
    if reason := relay_state.reason(chosen):
        yield _failed("relay", f"The worker reports: {reason}")
    for method in sorted(set(chosen.delivery_methods.values()), key=lambda method: method.name):
        if method.kind == "capture":
            yield _passed("relay", "Mail is captured in the sandbox inbox and not delivered")
        for url in method.relays:
            relay = RelayTransport(url, chosen.hostname, dialogue_seconds=RELAY_SECONDS)
            failure = relay.try_out()
            yield Diagnosis(
                "relay", failure is None, f"{relay.name} accepts this server" if failure is None else f"{relay.name}: {failure}"
            )
