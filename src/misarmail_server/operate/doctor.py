"""`misarmail doctor`: looks at everything that mail depends on, and says in words what is wrong with it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import NamedTuple

from misarmail_server import settings, vault
from misarmail_server.context import at, now
from misarmail_server.db import migrate
from misarmail_server.db.store import Store
from misarmail_server.delivery.queue import admin
from misarmail_server.delivery.smtp.relay import RelayTransport
from misarmail_server.delivery.worker import relay_state
from misarmail_server.errors import Unavailable
from misarmail_server.external import dns
from misarmail_server.external.lookup import Question
from misarmail_server.settings import BadSettingError, Settings

LEAST_FREE = 500_000_000  # bytes
RELAY_SECONDS = 15.0
LONG_DUE = 300  # seconds; mail that is due for longer waits for more than its turn
NAMELESS = ("localhost", ".localdomain")


class Finding(NamedTuple):
    """What was looked at, whether it is as it should be, and a sentence."""

    what: str
    is_fine: bool
    says: str


def examine(chosen: Settings) -> Iterator[Finding]:
    """Look at one thing after the other, slow ones last."""
    yield from _state(chosen)
    yield from _database(chosen)
    yield from _names(chosen)
    yield from _relays(chosen)


def _state(chosen: Settings) -> Iterator[Finding]:
    try:
        settings.require_state(chosen)
    except BadSettingError as error:
        yield Finding("state", False, str(error))  # noqa: FBT003 - a value, not a switch
        return
    free = shutil.disk_usage(chosen.state).free
    yield Finding("disk", free >= LEAST_FREE, f"{free // 1_000_000:,} MB are free in {chosen.state}")
    try:
        vault.unseal(chosen, vault.seal(chosen, b"probe"))
        yield Finding("secret", True, "What is stored sealed can be read")  # noqa: FBT003 - a value, not a switch
    except Unavailable:
        yield Finding("secret", False, "The secret that seals passwords and keys cannot be read")  # noqa: FBT003 - a value, not a switch


def _database(chosen: Settings) -> Iterator[Finding]:
    store = Store(chosen.database_url)
    try:
        behind = migrate.is_behind(store)
        yield Finding("database", not behind, "Run `misarmail migrate` first" if behind else f"It is at version {migrate.head()}")
        if not behind:
            with store.read() as connection:
                yield from _queue(admin.status(connection))
    except (Unavailable, BadSettingError) as error:
        yield Finding("database", False, f"It cannot be used: {error.__cause__ or error}")  # noqa: FBT003 - a value, not a switch
    finally:
        store.close()


def _queue(seen: admin.Status) -> Iterator[Finding]:
    longest = max((one.due_seconds for one in seen.lines if one.state != "leased"), default=0)
    is_late = longest > LONG_DUE and not seen.held
    waiting = sum(one.rows for one in seen.lines)
    hint = ": is a worker running, and does the relay take mail?" if is_late else ""
    yield Finding("queue", not is_late, f"{waiting:,} mails wait, the oldest due for {max(0, longest):,} s{hint}")
    if seen.held:
        yield Finding("suspended", False, f"Nothing is delivered of {', '.join(lane or 'everybody' for lane in seen.held)}")  # noqa: FBT003 - a value, not a switch
    if seen.doubt_count:
        last = max(one.at for one in seen.doubts)
        says = f"{seen.doubt_count:,} mails are in doubt, the last since {at(last):%Y-%m-%d %H:%M:%S}; `misarmail queue status` lists them"
        yield Finding("in doubt", now() - last > LONG_DUE * 1_000, says)


def _names(chosen: Settings) -> Iterator[Finding]:
    (answered,) = dns.look_up(chosen.dns, [Question("example.com", "MX")])
    failure = answered.failure
    yield Finding("dns", failure is None, "The resolver answers" if failure is None else f"The resolver does not answer: {failure}")
    is_sending = any(way.kind != "capture" for way in chosen.ways.values())
    if is_sending and chosen.return_path_host.lower().endswith(NAMELESS):
        yield Finding("bounces", False, "MISARMAIL_RETURN_PATH_HOST is not set, so bounces go to the senders and not here")  # noqa: FBT003 - a value, not a switch


def _relays(chosen: Settings) -> Iterator[Finding]:
    down = relay_state.reason(chosen)
    if down:
        yield Finding("relay", False, f"The worker found: {down}")  # noqa: FBT003 - a value, not a switch
    for way in sorted(set(chosen.ways.values()), key=lambda one: one.name):
        if way.kind == "capture":
            yield Finding("relay", True, "Mail is captured in the sandbox inbox and reaches nobody")  # noqa: FBT003 - a value, not a switch
        for url in way.relays:
            relay = RelayTransport(url, chosen.hostname, dialogue_seconds=RELAY_SECONDS)
            said = relay.try_out()
            yield Finding("relay", said is None, f"{relay.name} lets us in" if said is None else f"{relay.name}: {said}")
