"""The ways a mail leaves: captured into the sandbox inbox, handed to a relay, or straight to the receiver's mail servers."""

from __future__ import annotations

from typing import Protocol

from misarmail_server.db.store import Store
from misarmail_server.delivery.envelope import BeforeDot, Envelope
from misarmail_server.delivery.outcomes import CAPTURED, Outcome
from misarmail_server.delivery.smtp.failover import FailoverTransport, RelayHealth
from misarmail_server.delivery.smtp.relay import RelayTransport
from misarmail_server.delivery.smtp.source_ips import SourceAddresses
from misarmail_server.setting_types.relays import DeliveryMethod
from misarmail_server.settings import Settings

CONNECTIONS = 10  # to a relay
DIRECT_CONNECTIONS = 32  # to many receivers, some of them slow


class Transport(Protocol):
    """Hands over one mail to one recipient at a time; used by one thread."""

    def deliver(self, mail: Envelope, before_dot: BeforeDot) -> Outcome:
        """Try once. Every failure of the other side is an outcome, not an exception.

        `before_dot` is called when the receiver waits for nothing but the rest of the content, before its end can be on the wire;
        what it raises is raised, and the mail is not sent.
        """

    def close(self) -> None:
        """Let go of connections; the next mail opens them again."""


class CaptureTransport:
    """Nothing leaves: the mail lies in the sandbox inbox."""

    def deliver(self, mail: Envelope, before_dot: BeforeDot) -> Outcome:  # noqa: ARG002 - it is kept as rows already
        """Captured, always."""
        return CAPTURED

    def close(self) -> None:
        """There is no connection."""


class StreamsTransport:
    """Transactional mail and marketing leave by ways of their own."""

    def __init__(self, ways: dict[str, Transport]) -> None:
        self._ways = ways

    def deliver(self, mail: Envelope, before_dot: BeforeDot) -> Outcome:
        """By the way of the mail's stream."""
        return self._ways[mail.stream].deliver(mail, before_dot)

    def close(self) -> None:
        """Close both."""
        for way in self._ways.values():
            way.close()


class Transports:
    """What MISARMAIL_RELAY asks for: a transport for each thread, and what these share."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._ways = settings.ways
        # A dialogue must end well before the lease does, or somebody else would begin it again.
        self._dialogue_seconds = settings.lease_seconds / 2
        self._health = {way: RelayHealth(len(way.relays)) for way in set(self._ways.values())}
        is_direct = any(way.kind == "direct" for way in self._ways.values())
        self.blocks = is_direct  # its resolver and its checks hold their thread
        self.sources = SourceAddresses(store) if is_direct else None
        self.connection_count = DIRECT_CONNECTIONS if is_direct else CONNECTIONS
        self._direct = _direct(settings, self.connection_count, self._dialogue_seconds) if is_direct else None

    def open(self) -> Transport:
        """A transport for one thread."""
        opened = {way: self._open(way) for way in set(self._ways.values())}
        return StreamsTransport({stream: opened[way] for stream, way in self._ways.items()})

    def _open(self, way: DeliveryMethod) -> Transport:
        if way.kind == "direct" and self._direct:
            return self._direct
        if way.kind == "capture":
            return CaptureTransport()
        relays = [RelayTransport(url, self._settings.hostname, dialogue_seconds=self._dialogue_seconds) for url in way.relays]
        if len(self._health) == 1 and len(relays) == 1:
            return relays[0]  # that it is down is known to the worker, which leases less then, and to the API
        return FailoverTransport(relays, self._health[way], releases=len(self._health) > 1)


def _direct(settings: Settings, threads: int, dialogue_seconds: float) -> Transport:
    # What it needs takes a tenth of a second to import, which who has a relay need not wait for.
    from misarmail_server.delivery.smtp.direct import DirectTransport  # noqa: PLC0415 - see above

    return DirectTransport(settings, threads, dialogue_seconds=dialogue_seconds)
