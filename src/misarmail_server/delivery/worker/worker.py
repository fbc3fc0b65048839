"""The delivery worker: leases due recipients, hands their mail over on a few connections, settles what came of it.

It may be killed at any point: its journal tells what may have left, the rest becomes due again. Told to stop, it finishes its
dialogues and gives the rest back.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from types import FrameType

import structlog

from misarmail_server.context import SECOND, now
from misarmail_server.db.store import Store
from misarmail_server.delivery import outcomes
from misarmail_server.delivery.envelope import Envelope
from misarmail_server.delivery.message.headers import Unsendable
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.queue import journal, leases, owners, retry
from misarmail_server.delivery.queue.journal import Journal
from misarmail_server.delivery.queue.leases import Leased
from misarmail_server.delivery.queue.recovery import Recovery
from misarmail_server.delivery.smtp.transports import CaptureTransport, Transport, Transports
from misarmail_server.delivery.worker.background import BackgroundTask
from misarmail_server.delivery.worker.buffer import LeaseBuffer
from misarmail_server.delivery.worker.message_cache import MessageCache
from misarmail_server.delivery.worker.relay_state import RelayState
from misarmail_server.delivery.worker.senders import GreenletSenders, SenderPool, ThreadSenders
from misarmail_server.delivery.worker.settler import Settler
from misarmail_server.errors import Unavailable
from misarmail_server.settings import Settings

BATCH = 300  # rows a lease takes
LOOK_SECONDS = 0.5  # what was true at the lease is taken to be true for so long
REFILL = 100  # rows left when the next lease is due
POLL_SECONDS = 0.25
IDLE_SECONDS = 15.0  # an unused connection is closed then
STORE_RETRY_SECONDS = 1.0
RECOVERY_SECONDS = 5.0

log = structlog.get_logger()


class _JournalFailed(Exception):  # noqa: N818 - says what is so
    """The journal could not take the line before the dot."""


class _LeaseExpired(Exception):  # noqa: N818 - says what is so
    """The row may be somebody else's by now."""


class Worker:
    """One process's part in the delivery: this thread leases, a crew delivers, another thread settles."""

    def __init__(self, settings: Settings, store: Store, chores: Sequence[BackgroundTask] = (), parent: int | None = None) -> None:
        self._settings = settings
        self._store = store
        self._parent = parent
        self._owner = owners.own_name()
        self._relay = RelayState(settings)
        self._messages = MessageCache(settings, store)
        self._journal = Journal(settings.journals, self._owner)
        self._recovery = Recovery(settings, store)
        self._settler = Settler(store, self._journal)
        self._chores = chores
        self._hungry = threading.Event()
        self._transports = Transports(settings, store)
        crew = ThreadSenders if self._transports.blocks else GreenletSenders
        self._crew: SenderPool = crew(self._transports.connection_count, self._deliver_rows, self._journal)
        self._rows = LeaseBuffer(self._crew.news)
        self._leased_count = 0
        self._recovers_at = self._looks_at = 0.0
        self._barred: dict[int, Outcome] = {}
        self._is_stopping = False
        self._draw = random.SystemRandom().random

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Ask it to stop. Fit to be a signal handler: it takes no lock."""
        self._is_stopping = True

    def run(self) -> None:
        """Work until told to stop or until the parent is gone; then finish in order."""
        self._settler.start()
        for chore in self._chores:
            chore.start()
        self._crew.start()
        try:
            while not (self._is_stopping or self._is_orphan()):
                self._require_threads()
                self._feed()
        finally:
            self._finish()

    def _require_threads(self) -> None:
        """A thread that died takes the process with it; whoever started the process starts another."""
        if not (self._settler.is_alive and all(chore.is_alive for chore in self._chores) and self._crew.is_complete):
            raise RuntimeError("a thread of the worker ended")

    def _is_orphan(self) -> bool:
        return self._parent is not None and os.getppid() != self._parent

    def _recover(self) -> None:
        """Look after the leases of dead and late workers, now and then."""
        if time.monotonic() >= self._recovers_at:
            self._recovery.run()
            self._recovers_at = time.monotonic() + RECOVERY_SECONDS

    def _look_again(self) -> None:
        """Who leaves or pauses while mail waits in this process is heeded like one who did before."""
        if time.monotonic() >= self._looks_at:
            held = self._rows.held()
            self._barred = leases.recheck(self._store, held) if held else {}
            self._looks_at = time.monotonic() + LOOK_SECONDS

    def _feed(self) -> None:
        """Lease when there is room and something is due; else wait to be asked, or for the next look."""
        try:
            self._recover()
            self._look_again()
            wanted = self._wanted()
            if wanted and leases.has_due(self._store):
                rows = leases.lease(self._store, self._owner, wanted, self._settings.lease_seconds)
                self._leased_count += len(rows)
                for row in rows:
                    self._rows.put(row)
                return
        except Unavailable:
            log.warning("the store cannot be reached")
            self._hungry.wait(STORE_RETRY_SECONDS)
        self._hungry.wait(POLL_SECONDS)
        self._hungry.clear()

    def _wanted(self) -> int:
        """How many rows to lease now. A relay that is down is tried with one mail at a time."""
        if self._relay.is_paused:
            return 0
        if self._relay.is_down:
            return int(self._leased_count == self._settler.settled_count)
        backlog = len(self._rows)
        return BATCH - backlog if backlog < REFILL else 0

    def _finish(self) -> None:
        """Let the dialogues end, write their outcomes, give back what was not begun."""
        self._rows.clear()
        for _ in range(self._transports.connection_count):
            self._rows.put(None)
        self._crew.join()
        self._settler.stop()
        for chore in self._chores:
            chore.stop()
        try:
            self._recovery.give_back(self._owner)
            journal.delete_files(self._settings.journals, self._owner)
        except Unavailable:
            log.warning("leases could not be given back; another worker does it by the journal")
        self._store.close()

    def _deliver_rows(self) -> None:
        """One connection's work."""
        transport, capture = self._transports.open(), CaptureTransport()
        while (row := self._next_row(transport)) is not None:
            outcome = self._attempt(row, capture if row.is_sandbox else transport)
            if not row.is_sandbox:
                self._relay.report(outcome)
            if outcome.after_seconds is None or not self._rows.put_later(row, outcome.after_seconds):
                self._conclude(row, outcome)
        transport.close()

    def _next_row(self, transport: Transport) -> Leased | None:
        """Wait for a row; None when there will be no more."""
        while True:
            try:
                row = self._rows.get(IDLE_SECONDS)
            except TimeoutError:
                transport.close()
                continue
            if len(self._rows) < REFILL:
                self._hungry.set()
            return row

    def _attempt(self, row: Leased, transport: Transport) -> Outcome:
        """Try one mail, unless its lease or the relay's pause leaves no time for it."""
        barred = self._barred.get(row.id)
        if barred is not None:
            return barred
        has_time = row.lease_until - now() > self._settings.lease_seconds * SECOND / 2
        if not has_time or (self._relay.is_paused and not row.is_sandbox):
            return outcomes.NOT_TRIED
        try:
            return self._hand_over(row, self._messages.envelope(row), transport)
        except Unsendable as error:
            return outcomes.unsendable(error)
        except (Unavailable, _LeaseExpired):
            return outcomes.NOT_TRIED
        except Exception:  # one mail with a fault that nobody foresaw must not stop all others
            log.exception("a mail could not be worked on", message_id=row.message_id)
            return outcomes.WORKER_FAULT

    def _hand_over(self, row: Leased, mail: Envelope, transport: Transport) -> Outcome:
        """From an address of the account's own where it has one and mail goes straight to its receivers."""
        sources = self._transports.sources
        source = sources.take(row.account_id, mail.pool) if sources and not row.is_sandbox else None
        outcome = self._deliver(row, replace(mail, source=source) if source else mail, transport)
        if sources and outcome.state == "released":
            sources.give_back(source)
        return outcome

    def _deliver(self, row: Leased, mail: Envelope, transport: Transport) -> Outcome:
        """The attempt itself, with the journal's lines around its dot."""
        marked = False

        def mark() -> None:
            nonlocal marked
            try:
                self._crew.lines.dot(row.key)
            except OSError as error:  # of our own disk: the receiver must not be blamed
                raise _JournalFailed(error.strerror) from error
            # After the line, so that whoever takes the row over has seen it: this process was stopped, or the clock was set.
            if now() >= row.lease_until:
                raise _LeaseExpired
            marked = True

        try:
            outcome = transport.deliver(mail, mark)
        except _JournalFailed as error:
            log.warning("the journal cannot be written", reason=str(error))
            return outcomes.not_before(STORE_RETRY_SECONDS)
        if marked and outcome.state != "ambiguous":
            self._crew.lines.reply(row.key, outcome)
        return outcome

    def _conclude(self, row: Leased, outcome: Outcome) -> None:
        pause = self._relay.pause_seconds
        self._settler.put(retry.conclude(row, outcome, self._settings, at=now(), pause_seconds=pause, draw=self._draw))
