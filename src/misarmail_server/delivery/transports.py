"""The ways a mail leaves: captured into the sandbox inbox, or handed to a relay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from misarmail_server.delivery.outcomes import DELIVERED_TO_INBOX, Outcome
from misarmail_server.delivery.smtp import RelayTransport
from misarmail_server.settings import Settings


class Transport(Protocol):
    """Hands over one mail to one recipient at a time; used by one thread."""

    def deliver(self, envelope_sender: str, address: str, mime: bytes, before_dot: Callable[[], None]) -> Outcome:
        """Try once. Every failure of the other side is an outcome, not an exception.

        `before_dot` is called before the end of the mail can reach the receiver; what it raises ends the attempt, and is raised.
        """

    def close(self) -> None:
        """Let go of connections; the next mail opens them again."""


class CaptureTransport:
    """Nothing leaves: the mail lies in the sandbox inbox."""

    def deliver(self, envelope_sender: str, address: str, mime: bytes, before_dot: Callable[[], None]) -> Outcome:  # noqa: ARG002 - it is kept as rows already
        """Captured, always."""
        return DELIVERED_TO_INBOX

    def close(self) -> None:
        """There is no connection."""


def open_transport(settings: Settings) -> Transport:
    """The transport that the setting MISARMAIL_RELAY asks for."""
    if settings.relay == "capture":
        return CaptureTransport()
    # A dialogue must end well before the lease does, or somebody else would begin it again.
    return RelayTransport(settings.relay_url, settings.hostname, dialogue_seconds=settings.lease_seconds / 2)
