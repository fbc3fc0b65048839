"""A captured message as its recipient would have got it: filled, with footer, tracked links, all header fields and signatures."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from misarmail_server.db.store import Store
from misarmail_server.delivery.message import stored_message as stored
from misarmail_server.delivery.message.compiled_message import CompiledMessage
from misarmail_server.delivery.message.dkim import Signer
from misarmail_server.delivery.message.headers import Unsendable
from misarmail_server.delivery.message.html_page.link_rewriting import UNSUBSCRIBE_SLOT, click_slot
from misarmail_server.delivery.message.personalize import compile_message
from misarmail_server.delivery.message.recipient_urls import RecipientUrls
from misarmail_server.delivery.message.signing_keys import KeyUnreadableError, SigningKeys
from misarmail_server.delivery.message.stored_message import StoredMessage, StoredParts
from misarmail_server.delivery.message.tracking_pixel import OPEN_SLOT
from misarmail_server.received.decoding import display
from misarmail_server.received.parsing import parse_mail
from misarmail_server.settings import Settings

FIELD_ENDS = re.compile(rb"\r\n(?![ \t])")


class CapturedRecipient(NamedTuple):
    """A row of `recipients`."""

    id: int
    message_id: str
    address: str
    values_json: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """`message` has the texts that its recipient sees, `headers` are in order and may repeat, `raw` is the whole mail.

    `link_targets` maps each tracked link to where it leads; `fault` says why there is no such mail, `unsigned_reason` why it is not signed.
    `style_warning` says why its styles are not inlined.
    """

    message: StoredMessage
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes = b""
    link_targets: dict[str, str] = field(default_factory=dict)
    pixel_url: str = ""
    unsubscribe_url: str = ""
    fault: str = ""
    unsigned_reason: str = ""
    style_warning: str = ""


class Previews:
    """Renders captured messages again. Signing keys are read once."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._tracking = RecipientUrls(settings)
        self._keys = SigningKeys(settings, store)

    def render(self, row: Any, recipient: CapturedRecipient | None, parts: StoredParts = stored.NO_PARTS, *, is_signed: bool) -> Preview:
        """The mail of a row of `messages` for a recipient; without one, or where no correct mail can be made, its stored texts.

        Raises Unavailable when the keys cannot be read.
        """
        message = stored.from_rows(row, parts)
        if recipient is None:
            return Preview(message, fault="It has no recipient")
        try:
            signers, unsigned_reason = self._signers(message) if is_signed else ((), "")
            compiled = compile_message(message, self._tracking)
            raw = compiled.render(recipient).signed(signers)
        except Unsendable as error:
            return Preview(message, fault=str(error))
        preview = Preview(message, _headers(raw), raw, unsigned_reason=unsigned_reason, style_warning=compiled.warning)
        return preview if compiled.shared is not None else self._with_links(preview, compiled, recipient)

    def _signers(self, message: StoredMessage) -> tuple[tuple[Signer, ...], str]:
        """The keys that sign, and a sentence if there is none. Raises Unsendable."""
        domain = message.sender_domain.lower()
        try:
            signers = self._keys.of(message.account_id, domain)
        except KeyUnreadableError as error:
            return (), str(error)
        return signers, "" if signers else f"No DKIM key of this account signs for {domain}"

    def _with_links(self, preview: Preview, compiled: CompiledMessage, recipient: CapturedRecipient) -> Preview:
        """The preview with the texts and links that this recipient's mail has."""
        parsed = parse_mail(preview.raw)
        slots = self._tracking.slots(recipient.message_id, recipient.id, len(compiled.urls))
        message = replace(preview.message, subject=parsed.subject, html=parsed.html or None, text=parsed.text or None)
        return replace(
            preview,
            message=message,
            link_targets={slots[click_slot(number)]: url for number, url in enumerate(compiled.urls)},
            pixel_url=slots[OPEN_SLOT],
            unsubscribe_url=slots[UNSUBSCRIBE_SLOT],
        )


def _headers(raw: bytes) -> tuple[tuple[str, str], ...]:
    """The fields of the header, decoded, with their names as they are written."""
    fields = []
    for line in FIELD_ENDS.split(raw.partition(b"\r\n\r\n")[0]):
        name, _, value = line.partition(b":")
        written = name.decode("ascii", "replace")
        fields.append((written, display(written, value.replace(b"\r\n", b"").decode("utf-8", "replace").strip())))
    return tuple(fields)
