"""A message as each of its recipients gets it, from its rows: transactional mail is the same for all, marketing and campaigns are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import msgspec

from misarmail_server.delivery.message import marketing, message, template
from misarmail_server.delivery.message.compiled import CompiledMail, Copy, Written
from misarmail_server.delivery.message.headers import Address, Unsendable
from misarmail_server.delivery.message.message import Mail
from misarmail_server.delivery.message.template_tokens import TemplateError
from misarmail_server.delivery.message.tracking_links import OWN_FIELDS, TrackedMail, Tracking


class To(Protocol):
    """What is needed of a row of `recipients`."""

    @property
    def id(self) -> int:
        """The row's."""

    @property
    def address(self) -> str:
        """Who gets it."""

    @property
    def values_json(self) -> str | None:
        """What fills the merge tags of a campaign."""


@dataclass(frozen=True, slots=True)
class Personal:
    """`write` makes a recipient's copy, not signed yet, and raises Unsendable; `urls` are where its tracked links lead, by number.

    `whole` is the one copy where all recipients get the same.
    """

    write: Callable[[To], Written]
    urls: tuple[str, ...] = ()
    whole: Written | None = None


def of(row: Any, mail: Mail, tracking: Tracking) -> Personal:
    """Compile the mail of a row of `messages`. Raises Unsendable when no correct mail can be made of it."""
    if row.campaign_id is not None:
        return _newsletter(row, mail, tracking)
    if row.stream == "marketing":
        return _tracked(row, mail, tracking)
    whole = CompiledMail(message.source(mail)).write(message.copy(mail))
    return Personal(lambda _: whole, whole=whole)


def _newsletter(row: Any, mail: Mail, tracking: Tracking) -> Personal:
    """A campaign's mail, whose tags are filled for each recipient."""
    try:
        bodies = marketing.bodies(mail.html, mail.text, is_template=True, is_tracked=True)
        subject = template.compile_template(mail.subject)
    except TemplateError as error:
        raise Unsendable(f"The campaign's text cannot be read as a template: {error}") from error
    source = replace(message.source(mail), subject=subject, html=bodies.html, text=bodies.text)
    counted_by = f"{row.campaign_id}:{row.account_id}:campaign"
    tracked = TrackedMail(row.id, CompiledMail(source), tracking, len(bodies.urls), counted_by)
    return Personal(lambda to: tracked.write(_own(mail, to), to.id), bodies.urls)


def _tracked(row: Any, mail: Mail, tracking: Tracking) -> Personal:
    """Marketing mail: the account's own fields of the same names are left out."""
    bodies = marketing.bodies(mail.html, mail.text, is_template=False, is_tracked=True)
    fields = tuple((name, value) for name, value in mail.fields if name.lower() not in OWN_FIELDS)
    source = replace(message.source(mail), html=bodies.html, text=bodies.text, fields=fields)
    counted_by = f"{row.template_id or 'send'}:{row.account_id}:marketing"
    tracked, own = TrackedMail(row.id, CompiledMail(source), tracking, len(bodies.urls), counted_by), message.copy(mail)
    return Personal(lambda to: tracked.write(own, to.id), bodies.urls)


def _own(mail: Mail, to: To) -> Copy:
    """One recipient's copy of a campaign, the same on every attempt."""
    values = {} if to.values_json is None else msgspec.json.decode(to.values_json)
    return Copy(f"{mail.message_id}.{to.id}", mail.written_at, (Address(to.address),), values)
