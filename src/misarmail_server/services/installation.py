"""The facts that all processes of an installation share: the platform's key, and how mail leaves.

The first process that starts records both in the database. A process with another key could not read what is sealed, and one with other
delivery settings would capture or deliver what was accepted for the other way; both refuse to start.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, func, select, update

from misarmail_server import vault
from misarmail_server.context import now
from misarmail_server.db import dialects, tables
from misarmail_server.db.store import Store
from misarmail_server.errors import Unavailable
from misarmail_server.rows.recipient_states import OPEN_STATES
from misarmail_server.setting_types import relays, values
from misarmail_server.settings import BadSettingError, Settings

SEALED = (tables.DkimKey.private_key, tables.Webhook.secret_sealed, tables.ConnectedAccount.password_sealed)
APPLY = "To change it for all processes, change the settings of each, run `misarmail config apply` with them, and restart the others"


class Delivery(NamedTuple):
    """How mail leaves: the settings without passwords, by variable, and a proof of them with passwords."""

    shown: dict[str, str]
    proof: str


def join(settings: Settings, store: Store) -> None:
    """Record the key and the delivery settings on the first start; refuse other ones later. Raises BadSettingError.

    Two processes that start first at the same time record the settings of one of them.
    """
    with store.read() as connection:
        known = _row(connection)
        if known is None:
            _require_key_of_sealed(settings, connection)
            _require_delivery_of_waiting(settings, connection)
    if known is None:
        known = store.write(lambda connection: _record(settings, connection))
    _require_key(settings, known)
    _require_delivery(settings, known)


def require_key(settings: Settings, connection: Connection) -> None:
    """Refuse a key that is not the installation's. Raises BadSettingError."""
    if known := _row(connection):
        _require_key(settings, known)


def recorded_key(connection: Connection) -> str:
    """The proof of the installation's key; empty if none was recorded yet."""
    known = _row(connection)
    return known.key_proof if known else ""


def require_delivery(settings: Settings, connection: Connection) -> None:
    """Refuse delivery settings that are not the installation's. Raises BadSettingError."""
    if known := _row(connection):
        _require_delivery(settings, known)


def apply(settings: Settings, connection: Connection) -> dict[str, str]:
    """Record these delivery settings for all processes and return them. Raises BadSettingError while mail waits that they would capture."""
    _record(settings, connection)
    for stream, method in settings.delivery_methods.items():
        if method.kind == relays.CAPTURE and (count := _waiting_for_a_relay(connection, stream)):
            raise BadSettingError(
                f"{count:,} {stream} mails that were accepted for delivery wait, and MISARMAIL_RELAY={relays.CAPTURE} would never deliver "
                "them. Let them leave first; `misarmail queue status` counts them"
            )
    delivery = _delivery(settings)
    row = tables.Installation
    connection.execute(update(row).values(**_values(delivery), changed_at=now()))
    return delivery.shown


def _row(connection: Connection) -> tables.Installation | None:
    row: tables.Installation | None = connection.execute(select(tables.Installation.__table__)).one_or_none()  # type: ignore[assignment]
    return row


def _record(settings: Settings, connection: Connection) -> tables.Installation:
    values_ = {"id": 1, "key_proof": vault.proof(settings, vault.KEY_LABEL), "changed_at": now(), **_values(_delivery(settings))}
    connection.execute(dialects.insert(connection.dialect.name, tables.Installation).on_conflict_do_nothing(), values_)
    row = _row(connection)
    if row is None:
        raise Unavailable
    return row


def _values(delivery: Delivery) -> dict[str, str]:
    return {"delivery_json": msgspec.json.encode(delivery.shown).decode(), "delivery_proof": delivery.proof}


def _delivery(settings: Settings) -> Delivery:
    texts = {"MISARMAIL_RELAY": settings.relay, "MISARMAIL_SMTP_PORT": str(settings.smtp_port)}
    shown = {variable: values.without_password(text) for variable, text in texts.items()}
    return Delivery(shown, vault.proof(settings, "\0delivery " + "\n".join(texts.values())))


def _require_key(settings: Settings, known: tables.Installation) -> None:
    proof, path = vault.key_proof(settings), settings.state / vault.KEY_FILE
    if proof == known.key_proof:
        return
    source = "MISARMAIL_SECRET" if settings.secret else f"The key in {path}"
    raise BadSettingError(
        (f"{source} is not the key that this database was made with. " if proof else f"The key file {path} is missing. ")
        + "Without the key, DKIM keys, webhook secrets and passwords cannot be read, and links in sent mail end. "
        "Restore the file from a backup, or set MISARMAIL_SECRET to its content"
    )


def _require_key_of_sealed(settings: Settings, connection: Connection) -> None:
    """For a database of a version that recorded no key: what is sealed in it must be readable, before a missing key is created."""
    for column in SEALED:
        sealed = connection.scalar(select(column).where(func.length(column) > 0).limit(1))
        if sealed and not _can_unseal(settings, sealed):
            raise BadSettingError(
                "The key that sealed the DKIM keys, webhook secrets and passwords of this database is missing: restore "
                f"{settings.state / vault.KEY_FILE} from a backup, or set MISARMAIL_SECRET to its content"
            )


def _require_delivery_of_waiting(settings: Settings, connection: Connection) -> None:
    """Refuse to record `capture` in a database of a version that recorded nothing, while mail waits in it for a relay."""
    captured = [stream for stream, method in settings.delivery_methods.items() if method.kind == relays.CAPTURE]
    recipient, message = tables.Recipient, tables.Message
    waiting = select(func.count()).select_from(recipient).join(message, message.id == recipient.message_id)
    is_relayed = message.delivery_method.is_not(None) & (message.delivery_method != relays.CAPTURE)
    count = connection.scalar(waiting.where(recipient.state.in_(OPEN_STATES), message.stream.in_(captured), is_relayed))
    if count:
        raise BadSettingError(
            f"{count:,} mails that an earlier version accepted for a relay wait, and MISARMAIL_RELAY={settings.relay} would never deliver "
            "them: set MISARMAIL_RELAY as before, and let them leave first"
        )


def _can_unseal(settings: Settings, sealed: bytes) -> bool:
    """Whether the key opens a sealed value. Creates no key."""
    try:
        return vault.key_proof(settings) is not None and bool(vault.unseal(settings, sealed))
    except Unavailable:
        return False


def _require_delivery(settings: Settings, known: tables.Installation) -> None:
    if _delivery(settings).proof == known.delivery_proof:
        return
    recorded: dict[str, str] = msgspec.json.decode(known.delivery_json)
    here = _delivery(settings).shown
    changed = [variable for variable, text in recorded.items() if here.get(variable) != text]
    differing = [f"{variable} is {here.get(variable)} here and {recorded[variable]} there" for variable in changed]
    raise BadSettingError(
        f"The delivery settings differ from those of the installation: {', '.join(differing) or 'a password of MISARMAIL_RELAY'}. {APPLY}"
    )


def _waiting_for_a_relay(connection: Connection, stream: str) -> int:
    recipient, message = tables.Recipient, tables.Message
    accepted = message.delivery_method.is_not(None) & (message.delivery_method != relays.CAPTURE)
    waiting = select(func.count()).select_from(recipient).join(message, message.id == recipient.message_id)
    return connection.scalar(waiting.where(recipient.state.in_(OPEN_STATES), message.stream == stream, accepted)) or 0
