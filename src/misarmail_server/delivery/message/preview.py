"""A captured mail as its recipient would have got it: filled, with footer, tracked links, all header fields and signatures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from misarmail_server.db.store import Store
from misarmail_server.delivery.message import headers as wire
from misarmail_server.delivery.message import message, personalize
from misarmail_server.delivery.message.dkim import Signer
from misarmail_server.delivery.message.headers import Unsendable
from misarmail_server.delivery.message.marketing import OPEN, UNSUBSCRIBE, click_slot
from misarmail_server.delivery.message.message import Mail
from misarmail_server.delivery.message.personalize import Personal
from misarmail_server.delivery.message.signing_keys import KeyUnreadableError, SigningKeys
from misarmail_server.delivery.message.tracking_links import Tracking
from misarmail_server.received.bounces import reading
from misarmail_server.received.parsing import parse_inbound
from misarmail_server.settings import Settings

FIELD_ENDS = re.compile(rb"\r\n(?![ \t])")


class To(NamedTuple):
    """A row of `recipients`."""

    id: int
    message_id: str
    address: str
    values_json: str | None


@dataclass(frozen=True, slots=True)
class Captured:
    """`mail` has the texts that its recipient sees, `headers` are in order and may repeat, `raw` is the whole.

    `leads` says where the tracked links lead, `pixel` and `way_out` are the platform's other addresses in it; `fault` says why there is no
    such mail, and `unsigned` why nobody signs it.
    """

    mail: Mail
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes = b""
    leads: dict[str, str] = field(default_factory=dict)
    pixel: str = ""
    way_out: str = ""
    fault: str = ""
    unsigned: str = ""


class Captures:
    """Makes captured mail again. Signing keys are read once."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._tracking = Tracking(settings)
        self._keys = SigningKeys(settings, store)

    def look(self, row: Any, to: To | None, files: Sequence[Any] = (), *, is_signed: bool) -> Captured:
        """The mail of a row of `messages` for a recipient; without one, or where no correct mail can be made, its stored texts.

        Raises Unavailable when the keys cannot be read.
        """
        mail = message.from_rows(row, files)
        if to is None:
            return Captured(mail, fault="It has no recipient")
        try:
            signers, unsigned = self._signers(row) if is_signed else ((), "")
            made = personalize.of(row, mail, self._tracking)
            raw = made.write(to).signed(signers)
        except Unsendable as error:
            return Captured(mail, fault=str(error))
        seen = Captured(mail, _headers(raw), raw, unsigned=unsigned)
        return seen if made.whole is not None else self._filled(seen, made, to)

    def _signers(self, row: Any) -> tuple[tuple[Signer, ...], str]:
        """The keys that sign, and in words why none does. Raises Unsendable."""
        domain = wire.wire_address(row.from_email, "sender").rpartition("@")[2].lower()
        try:
            signers = self._keys.of(row.account_id, domain)
        except KeyUnreadableError as error:
            return (), str(error)
        return signers, "" if signers else f"No DKIM key of this account signs for {domain}"

    def _filled(self, seen: Captured, made: Personal, to: To) -> Captured:
        """With the texts that this recipient's copy has."""
        read = parse_inbound(seen.raw)
        slots = self._tracking.slots(to.message_id, to.id, len(made.urls))
        leads = {slots[click_slot(number)]: url for number, url in enumerate(made.urls)}
        mail = replace(seen.mail, subject=read.subject, html=read.html or None, text=read.text or None)
        return replace(seen, mail=mail, leads=leads, pixel=slots[OPEN], way_out=slots[UNSUBSCRIBE])


def _headers(raw: bytes) -> tuple[tuple[str, str], ...]:
    """The fields of our own header, decoded, with their names as they are written."""
    found = []
    for one in FIELD_ENDS.split(raw.partition(b"\r\n\r\n")[0]):
        name, _, value = one.partition(b":")
        found.append((name.decode("ascii", "replace"), reading.words(value.replace(b"\r\n", b"").decode("utf-8", "replace"))))
    return tuple(found)
