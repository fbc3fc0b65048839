"""The delivery worker: leases due recipients, sends their mail over a few connections, settles the outcomes.

It may be killed at any point: its journal records what may have been sent, and the rest becomes due again. When it is told to stop, it
finishes running SMTP sessions and gives the rest back.
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
from misarmail_server.delivery.queue.leased_row import Leased
from misarmail_server.delivery.queue.recovery import Recovery
from misarmail_server.delivery.smtp.transports import CaptureTransport, Transport, Transports
from misarmail_server.delivery.worker.background import BackgroundTask
from misarmail_server.delivery.worker.buffer import LeaseBuffer
from misarmail_server.delivery.worker.message_cache import MessageCache
from misarmail_server.delivery.worker.relay_state import RelayState
from misarmail_server.delivery.worker.sender_pool import GreenletSenders, SenderPool, ThreadSenders
from misarmail_server.delivery.worker.settlement_thread import Settler
from misarmail_server.errors import Unavailable
from misarmail_server.rows.recipient_states import STREAMS
from misarmail_server.setting_types import relays
from misarmail_server.settings import Settings

BATCH = 300  # rows of a lease
LOOK_SECONDS = 0.5  # how long the checks of a lease stay valid
REFILL = 100  # rows left when the next lease starts
POLL_SECONDS = 0.25
IDLE_SECONDS = 15.0  # after which an unused connection is closed
STORE_RETRY_SECONDS = 1.0
RECOVERY_SECONDS = 5.0
OTHER_WORKER_SECONDS = 60.0  # for mail that this process must not capture

log = structlog.get_logger()


class _JournalFailed(Exception):  # noqa: N818 - a signal within this module, not an error
    """The line before the dot could not be written to the journal."""


class _LeaseExpired(Exception):  # noqa: N818 - as above
    """Another worker may own the row by now."""


class Worker:
    """The delivery of one process: this thread leases, a pool of senders delivers, another thread settles."""

    def __init__(
        self, settings: Settings, store: Store, background_tasks: Sequence[BackgroundTask] = (), parent: int | None = None
    ) -> None:
        self._settings = settings
        self._store = store
        self._parent = parent
        self._owner = owners.own_name()
        self._relay = RelayState(settings)
        self._messages = MessageCache(settings, store)
        self._journal = Journal(settings.journals, self._owner)
        self._recovery = Recovery(settings, store)
        self._settler = Settler(store, self._journal)
        self._background_tasks = background_tasks
        self._refill_wanted = threading.Event()
        self._transports = Transports(settings, store)
        pool = ThreadSenders if self._transports.blocks else GreenletSenders
        self._senders: SenderPool = pool(self._transports.connection_count, self._deliver_rows, self._journal)
        self._rows = LeaseBuffer(self._senders.news)
        self._leased_count = 0
        self._recovers_at = self._looks_at = 0.0
        self._excluded: dict[int, Outcome] = {}
        self._is_stopping = False
        self._draw = random.SystemRandom().random

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Ask the worker to stop. Safe in a signal handler: it takes no lock."""
        self._is_stopping = True

    def run(self) -> None:
        """Work until told to stop or until the parent process is gone; then finish in order."""
        self._settler.start()
        for task in self._background_tasks:
            task.start()
        self._senders.start()
        try:
            while not (self._is_stopping or self._is_orphan()):
                self._require_threads()
                self._refill()
        finally:
            self._finish()

    def _require_threads(self) -> None:
        """A thread that died ends the process; the process that started it starts another."""
        if not (self._settler.is_alive and all(task.is_alive for task in self._background_tasks) and self._senders.is_complete):
            raise RuntimeError("a thread of the worker ended")

    def _is_orphan(self) -> bool:
        return self._parent is not None and os.getppid() != self._parent

    def _recover(self) -> None:
        """Recover the leases of dead and late workers, at intervals."""
        if time.monotonic() >= self._recovers_at:
            self._recovery.run()
            self._recovers_at = time.monotonic() + RECOVERY_SECONDS

    def _look_again(self) -> None:
        """Apply suppressions and holds to the mail that waits in this process too."""
        if time.monotonic() >= self._looks_at:
            held = self._rows.held()
            self._excluded = leases.recheck(self._store, held) if held else {}
            self._looks_at = time.monotonic() + LOOK_SECONDS

    def _refill(self) -> None:
        """Lease if there is room and something is due; else wait until a sender asks, or for the next look."""
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
            log.warning("the database cannot be reached")
            self._refill_wanted.wait(STORE_RETRY_SECONDS)
        self._refill_wanted.wait(POLL_SECONDS)
        self._refill_wanted.clear()

    def _wanted(self) -> int:
        """The number of rows to lease now. A relay that is down is tried with one mail at a time."""
        if self._relay.is_paused:
            return 0
        if self._relay.is_down:
            return int(self._leased_count == self._settler.settled_count)
        backlog = len(self._rows)
        return BATCH - backlog if backlog < REFILL else 0

    def _finish(self) -> None:
        """Let running sessions end, write their outcomes, give back the rest."""
        self._rows.clear()
        for _ in range(self._transports.connection_count):
            self._rows.put(None)
        self._senders.join()
        self._settler.stop()
        for task in self._background_tasks:
            task.stop()
        try:
            self._recovery.give_back(self._owner)
            journal.delete_files(self._settings.journals, self._owner)
        except Unavailable:
            log.warning("leases could not be given back; another worker does it by the journal")
        self._store.close()

    def _deliver_rows(self) -> None:
        """The loop of one sender, with one connection."""
        transport, capture = self._transports.open(), CaptureTransport()
        while (row := self._next_row(transport)) is not None:
            outcome = self._attempt(row, capture if row.is_captured else transport)
            if not row.is_captured:
                self._relay.report(outcome)
            if outcome.after_seconds is None or not self._rows.put_later(row, outcome.after_seconds):
                self._conclude(row, outcome)
        transport.close()

    def _next_row(self, transport: Transport) -> Leased | None:
        """Wait for a row; None at the end."""
        while True:
            try:
                row = self._rows.get(IDLE_SECONDS)
            except TimeoutError:
                transport.close()
                continue
            if len(self._rows) < REFILL:
                self._refill_wanted.set()
            return row

    def _attempt(self, row: Leased, transport: Transport) -> Outcome:
        """Try one mail, unless its lease or the relay's pause leaves no time for it."""
        excluded = self._excluded.get(row.id) or self._not_ours(row)
        if excluded is not None:
            return excluded
        has_time = row.lease_until - now() > self._settings.lease_seconds * SECOND / 2
        if not has_time or (self._relay.is_paused and not row.is_captured):
            return outcomes.NOT_TRIED
        try:
            return self._hand_over(row, self._messages.envelope(row), transport)
        except Unsendable as error:
            return outcomes.unsendable(error)
        except (Unavailable, _LeaseExpired):
            return outcomes.NOT_TRIED
        except Exception:  # an unexpected fault of one mail must not stop the others
            log.exception("a mail failed unexpectedly", message_id=row.message_id)
            return outcomes.WORKER_FAULT

    def _not_ours(self, row: Leased) -> Outcome | None:
        """Mail that was accepted for delivery waits for a worker that delivers, if this one captures."""
        captures = self._settings.delivery_methods[STREAMS[row.priority]].kind == relays.CAPTURE
        is_accepted_for_delivery = row.delivery_method is not None and not row.is_captured
        return outcomes.not_before(OTHER_WORKER_SECONDS) if captures and is_accepted_for_delivery else None

    def _hand_over(self, row: Leased, mail: Envelope, transport: Transport) -> Outcome:
        """Send the mail; with direct delivery from one of the account's own addresses, if it has any."""
        sources = self._transports.sources
        source = sources.take(row.account_id, mail.pool) if sources and not row.is_captured else None
        outcome = self._deliver(row, replace(mail, source=source) if source else mail, transport)
        if sources and outcome.state == "released":
            sources.give_back(source)
        return outcome

    def _deliver(self, row: Leased, mail: Envelope, transport: Transport) -> Outcome:
        """Make the attempt, with the journal's lines around its final dot."""
        marked = False

        def mark() -> None:
            nonlocal marked
            try:
                self._senders.lines.dot(row.key)
            except OSError as error:  # our own disk failed; the receiver is not the cause
                raise _JournalFailed(error.strerror) from error
            # After the line, so that a worker that takes the row over has seen it: this process was stopped, or the clock was set.
            if now() >= row.lease_until:
                raise _LeaseExpired
            marked = True

        try:
            outcome = transport.deliver(mail, mark)
        except _JournalFailed as error:
            log.warning("the journal cannot be written", reason=str(error))
            return outcomes.not_before(STORE_RETRY_SECONDS)
        if marked and outcome.state != "ambiguous":
            self._senders.lines.reply(row.key, outcome)
        return outcome

    def _conclude(self, row: Leased, outcome: Outcome) -> None:
        pause = self._relay.pause_seconds
        self._settler.put(retry.conclude(row, outcome, self._settings, at=now(), pause_seconds=pause, draw=self._draw))
