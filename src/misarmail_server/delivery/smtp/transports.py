"""How mail is delivered: by capture into the sandbox inbox, a relay, or the receivers' mail servers."""

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
DIRECT_CONNECTIONS = 32  # to many receivers, some of which are slow


class Transport(Protocol):
    """Delivers one mail to one recipient at a time; used by one thread."""

    def deliver(self, mail: Envelope, before_dot: BeforeDot) -> Outcome:
        """Try once. Every failure of the other side is an outcome, not an exception.

        `before_dot` is called when only the final dot is missing, before it can be on the wire; an exception from it is passed on, and
        the mail is not sent.
        """

    def close(self) -> None:
        """Close connections; the next mail opens them again."""


class CaptureTransport:
    """Sends nothing: the mail is in the sandbox inbox."""

    def deliver(self, mail: Envelope, before_dot: BeforeDot) -> Outcome:  # noqa: ARG002 - it is kept as rows already
        """Captured, always."""
        return CAPTURED

    def close(self) -> None:
        """Nothing to close."""


class StreamsTransport:
    """Separate transports for transactional mail and marketing."""

    def __init__(self, transports: dict[str, Transport]) -> None:
        self._transports = transports

    def deliver(self, mail: Envelope, before_dot: BeforeDot) -> Outcome:
        """Deliver with the transport of the mail's stream."""
        return self._transports[mail.stream].deliver(mail, before_dot)

    def close(self) -> None:
        """Close both transports."""
        for transport in self._transports.values():
            transport.close()


class Transports:
    """The transports for MISARMAIL_RELAY: one for each thread, and what they share."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._methods = settings.delivery_methods
        # A session must end well before the lease does, or another worker would start it again.
        self._dialogue_seconds = settings.lease_seconds / 2
        self._health = {method: RelayHealth(len(method.relays)) for method in set(self._methods.values())}
        is_direct = any(method.kind == "direct" for method in self._methods.values())
        self.blocks = is_direct  # its resolver and its checks block their thread
        self.sources = SourceAddresses(store) if is_direct else None
        self.connection_count = DIRECT_CONNECTIONS if is_direct else CONNECTIONS
        self._direct = _direct(settings, self.connection_count, self._dialogue_seconds) if is_direct else None

    def open(self) -> Transport:
        """A transport for one thread."""
        opened = {method: self._open(method) for method in set(self._methods.values())}
        return StreamsTransport({stream: opened[method] for stream, method in self._methods.items()})

    def _open(self, method: DeliveryMethod) -> Transport:
        if method.kind == "direct" and self._direct:
            return self._direct
        if method.kind == "capture":
            return CaptureTransport()
        relays = [RelayTransport(url, self._settings.hostname, dialogue_seconds=self._dialogue_seconds) for url in method.relays]
        if len(self._health) == 1 and len(relays) == 1:
            return relays[0]  # the worker knows its state and leases less while it is down; the API knows it too
        return FailoverTransport(relays, self._health[method], releases=len(self._health) > 1)


def _direct(settings: Settings, threads: int, dialogue_seconds: float) -> Transport:
    # Its imports take a tenth of a second, which a process with a relay should not pay.
    from misarmail_server.delivery.smtp.direct import DirectTransport  # noqa: PLC0415 - see above

    return DirectTransport(settings, threads, dialogue_seconds=dialogue_seconds)
