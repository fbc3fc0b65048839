"""The signed addresses of each recipient: tracked links, pixel, unsubscribe links and the envelope sender (see tokens.py)."""

from __future__ import annotations

from misarmail_server.delivery.message.headers import FOLD
from misarmail_server.delivery.message.marketing import OPEN, UNSUBSCRIBE, click_slot
from misarmail_server.delivery.tokens import TokenClaim, Tokens
from misarmail_server.settings import Settings

ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058, section 3.1
MARKETING_FIELDS = frozenset({"list-unsubscribe", "list-unsubscribe-post", "feedback-id"})
NAMELESS = ("localhost", ".localdomain")
PLATFORM = "misarmail"  # the last part of Feedback-ID: the same in all our mail


class TrackingLinks:
    """The addresses of this platform that a recipient's mail carries."""

    def __init__(self, settings: Settings) -> None:
        self.tokens = Tokens(settings)
        self._url = settings.public_url
        host = settings.return_path_host.lower()
        # A platform without a name of its own can get no mail, and relays refuse a return path that does not exist.
        self._host = None if host.endswith(NAMELESS) else host

    def envelope_sender(self, row: int, sender: str) -> str:
        """Where bounces of a recipient's copy come back to (VERP); to the sender where this platform has no return-path host."""
        return f"{self.tokens.address('b', row)}@{self._host}" if self._host else sender

    def slots(self, message_id: str, row: int, links: int) -> dict[str, str]:
        """The URLs of a copy with so many tracked links, by slot (see marketing.py)."""
        make = self.tokens.make
        clicks = {click_slot(link): f"{self._url}/t/c/{make('click', TokenClaim(message_id, row, link))}" for link in range(links)}
        opened = f"{self._url}/t/o/{make('open', TokenClaim(message_id, row))}.gif"
        return {UNSUBSCRIBE: self.unsubscribe_url(message_id, row), OPEN: opened, **clicks}

    def unsubscribe_url(self, message_id: str, row: int) -> str:
        """Where a recipient leaves: a page for GET, done at once by POST."""
        return f"{self._url}/u/{self.tokens.make('unsubscribe', TokenClaim(message_id, row))}"

    def fields(self, message_id: str, row: int, feedback_id: str) -> tuple[tuple[str, str], ...]:
        """The header fields of marketing mail: RFC 2369, RFC 8058, and Feedback-ID, by which receivers report complaints."""
        mailto = f",{FOLD}<mailto:{self.tokens.address('u', row)}@{self._host}?subject=unsubscribe>" if self._host else ""
        return (
            ("List-Unsubscribe", f"<{self.unsubscribe_url(message_id, row)}>{mailto}"),
            ("List-Unsubscribe-Post", ONE_CLICK),
            ("Feedback-ID", f"{feedback_id}:{PLATFORM}"),
        )
