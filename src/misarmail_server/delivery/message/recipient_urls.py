"""The signed addresses of each recipient: tracked links, pixel, unsubscribe links and the envelope sender (see tokens.py)."""

from __future__ import annotations

from misarmail_server.delivery.message.headers import FOLD
from misarmail_server.delivery.message.html_page.link_rewriting import UNSUBSCRIBE_SLOT, click_slot
from misarmail_server.delivery.message.tracking_pixel import OPEN_SLOT
from misarmail_server.delivery.tokens import TokenClaim, Tokens
from misarmail_server.settings import Settings

ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058, section 3.1
MARKETING_FIELDS = frozenset({"list-unsubscribe", "list-unsubscribe-post", "feedback-id"})
NAMELESS = ("localhost", ".localdomain")
PLATFORM = "misarmail"  # the last part of Feedback-ID, the same in all mail


class RecipientUrls:
    """The platform's addresses in a recipient's mail."""

    def __init__(self, settings: Settings) -> None:
        self.tokens = Tokens(settings)
        self._url = settings.public_url
        host = settings.return_path_host.lower()
        # A platform without a public name cannot receive mail, and relays refuse a return path that does not exist.
        self._host = None if host.endswith(NAMELESS) else host

    def envelope_sender(self, row: int, sender: str, host: str | None = None) -> str:
        """The return path of a recipient (VERP), where its bounces go: at `host`, which leads here, or at the platform's own.

        The sender if this platform has no return-path host.
        """
        return f"{self.tokens.address('b', row)}@{host or self._host}" if self._host else sender

    def slots(self, message_id: str, row: int, links: int) -> dict[str, str]:
        """The URLs of a recipient's mail with this number of tracked links, by slot (see link_rewriting.py)."""
        make = self.tokens.make
        clicks = {click_slot(link): f"{self._url}/t/c/{make('click', TokenClaim(message_id, row, link))}" for link in range(links)}
        opened = f"{self._url}/t/o/{make('open', TokenClaim(message_id, row))}.gif"
        return {UNSUBSCRIBE_SLOT: self.unsubscribe_url(message_id, row), OPEN_SLOT: opened, **clicks}

    def unsubscribe_url(self, message_id: str, row: int) -> str:
        """The recipient's unsubscribe link: GET shows a page, POST unsubscribes at once."""
        return f"{self._url}/u/{self.tokens.make('unsubscribe', TokenClaim(message_id, row))}"

    def fields(self, message_id: str, row: int, feedback_id: str) -> tuple[tuple[str, str], ...]:
        """The header fields of marketing mail: RFC 2369, RFC 8058, and Feedback-ID, by which receivers report complaints."""
        mailto = f",{FOLD}<mailto:{self.tokens.address('u', row)}@{self._host}?subject=unsubscribe>" if self._host else ""
        return (
            ("List-Unsubscribe", f"<{self.unsubscribe_url(message_id, row)}>{mailto}"),
            ("List-Unsubscribe-Post", ONE_CLICK),
            ("Feedback-ID", f"{feedback_id}:{PLATFORM}"),
        )
