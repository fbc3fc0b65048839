"""`misarmail queue`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from contract import command_options, terminal
from contract.command_options import JsonOption

if TYPE_CHECKING:  # a command imports what it needs when it runs
    from sqlalchemy import Connection

    from misarmail_server.delivery.queue.admin import Captured, QueueStatus
    from misarmail_server.settings import Settings


LaneOption = Annotated[
    str | None, typer.Option("--account", metavar="EMAIL", help="Only mail of this account.", show_default="all accounts")
]

app = command_options.group("Inspect and control the delivery queue.")


@app.command(epilog=command_options.examples("misarmail queue status", "misarmail queue status --json"))
def status(*, as_json: JsonOption = False) -> None:
    """Show what waits, what is ambiguous and what is suspended."""
    from misarmail_server import settings
    from misarmail_server.delivery.queue import admin
    from misarmail_server.delivery.worker import relay_state
    from misarmail_server.operate import database

    chosen = settings.load()
    with database.migrated(chosen) as store, store.read() as connection:
        queue = admin.status(connection)
    relay_failure = relay_state.reason(chosen)
    if as_json:
        terminal.print_json(_object(queue, relay_failure))
        return
    if queue.lines:
        rows = [(line.stream, line.state, f"{line.rows:,}", _due(line.due_seconds)) for line in queue.lines]
        lines = [f"{stream:15}{state:10}{count:>12}  {due}" for stream, state, count, due in rows]
        terminal.print_table(("Stream", "State", "Mails", "Due"), rows, lines)
    else:
        print("The queue is empty")
    terminal.print_lines(_problems(queue, relay_failure))


@app.command(epilog=command_options.examples("misarmail queue flush", "misarmail queue flush --account ada@example.com"))
def flush(*, account: LaneOption = None) -> None:
    """Retry deferred mail now instead of when it is due."""
    from misarmail_server import settings
    from misarmail_server.delivery.queue import admin
    from misarmail_server.operate import database

    with database.migrated(settings.load()) as store:
        count = store.write(lambda connection: admin.flush(connection, _account_id(connection, account)))
    print(f"{count:,} due now")


@app.command(epilog=command_options.examples("misarmail queue suspend", "misarmail queue suspend --account ada@example.com"))
def suspend(*, account: LaneOption = None) -> None:
    """Start no more deliveries until `queue resume`. Accepted mail waits."""
    from misarmail_server import settings
    from misarmail_server.delivery.queue import admin
    from misarmail_server.operate import database

    with database.migrated(settings.load()) as store:
        store.write(lambda connection: admin.suspend(connection, _account_id(connection, account)))
    print(f"Delivery of {_whose(account)} is suspended until `misarmail queue resume`")


@app.command(epilog=command_options.examples("misarmail queue resume", "misarmail queue resume --account ada@example.com"))
def resume(*, account: LaneOption = None) -> None:
    """End a suspension."""
    from misarmail_server import settings
    from misarmail_server.delivery.queue import admin
    from misarmail_server.operate import database

    with database.migrated(settings.load()) as store:
        was_suspended = store.write(lambda connection: admin.resume(connection, _account_id(connection, account)))
    print(f"Delivery of {_whose(account)} is resumed" if was_suspended else f"Delivery of {_whose(account)} was not suspended")


@app.command(epilog=command_options.examples("misarmail queue resend msg_1a2b3c", "misarmail queue resend msg_1a2b3c --to a@example.com"))
def resend(
    messages: Annotated[list[str], typer.Argument(metavar="MESSAGE...", help="Message ids, as the API and `queue status` show them.")],
    *,
    to: Annotated[
        str | None, typer.Option("--to", metavar="ADDRESS", help="Only to this recipient.", show_default="all ambiguous recipients")
    ] = None,
) -> None:
    """Send ambiguous marketing mail again, with the same Message-ID.

    Mail is ambiguous when the connection broke after the final dot and before the reply. Mail whose content was deleted is not sent.
    """
    from misarmail_server import settings
    from misarmail_server.operate import database

    with database.migrated(settings.load()) as store:
        count = store.write(lambda connection: _resend(connection, messages, to))
    print(f"Ambiguous recipients that will be sent again: {count:,}")


@app.command(
    epilog=command_options.examples(
        "misarmail queue release msg_1a2b3c", "misarmail queue release --account ada@example.com", "misarmail queue release --all"
    )
)
def release(
    messages: Annotated[list[str] | None, typer.Argument(metavar="[MESSAGE...]", help="Message ids, as the API shows them.")] = None,
    *,
    to: Annotated[
        str | None, typer.Option("--to", metavar="ADDRESS", help="Only to this recipient.", show_default="all captured recipients")
    ] = None,
    account: LaneOption = None,
    everything: Annotated[bool, typer.Option("--all", help="All captured mail.")] = False,
) -> None:
    """Deliver captured mail by the relay after all.

    Mail that was sent to the sandbox stays there. Mail that was deleted from the sandbox, or has expired there, is not delivered.
    Suppressed and erased recipients receive nothing.
    """
    from misarmail_server import settings
    from misarmail_server.context import DAY, now
    from misarmail_server.delivery.queue import admin
    from misarmail_server.operate import database
    from misarmail_server.setting_types import relays

    if bool(messages) + (account is not None) + everything != 1:
        raise typer.BadParameter("Name messages, or --account, or --all.")
    chosen = settings.load()
    if all(method.kind == relays.CAPTURE for method in chosen.delivery_methods.values()):
        raise settings.BadSettingError(f"MISARMAIL_RELAY is {chosen.relay}: released mail would be captured again. Set a relay first")
    since = now() - chosen.sandbox_days * DAY
    with database.migrated(chosen) as store:
        count = store.write(
            lambda connection: _release(connection, chosen, admin.Captured(since, messages or [], _account_id(connection, account), to))
        )
    print(f"Recipients whose mail is delivered now: {count:,}")


def _release(connection: "Connection", chosen: "Settings", captured: "Captured") -> int:
    """Release all messages, or none: NotFound rolls the transaction back."""
    from misarmail_server.delivery.queue import admin
    from misarmail_server.services import installation

    installation.require_delivery(chosen, connection)
    for message_id in captured.message_ids:
        admin.require_message(connection, message_id)
    return admin.release(connection, captured, {stream: method.kind for stream, method in chosen.delivery_methods.items()})


def _resend(connection: "Connection", messages: list[str], to: str | None) -> int:
    """Schedule all messages, or none: NotFound rolls the transaction back."""
    from misarmail_server.delivery.queue import admin

    return sum(admin.resend(connection, message_id, to) for message_id in messages)


def _account_id(connection: "Connection", email: str | None) -> str | None:
    """The account's id, None for all accounts. Raises NotFound."""
    from misarmail_server.operate import database

    return None if email is None else database.account_id(connection, email)


def _whose(account: str | None) -> str:
    return f"mail of {account}" if account else "all mail"


def _due(seconds: int) -> str:
    return f"the oldest due for {seconds:,} s" if seconds >= 0 else f"the next due in {-seconds:,} s"


def _problems(queue: "QueueStatus", relay_failure: str | None) -> Iterator[str]:
    """The reasons why mail is not delivered, and the mail whose delivery is unknown."""
    from misarmail_server.context import at

    if relay_failure:
        yield f"The relay is down: {relay_failure}"
    yield from (f"Suspended: {lane or 'everything'}" for lane in queue.held)
    if queue.ambiguous_count:
        yield f"{queue.ambiguous_count:,} ambiguous: the connection broke between the final dot and the reply. The newest:"
    for mail in queue.ambiguous:
        yield f"  {at(mail.at):%Y-%m-%d %H:%M:%S}  {mail.account}  {mail.message_id}  {mail.address}"


def _object(queue: "QueueStatus", relay_failure: str | None) -> dict[str, object]:
    from misarmail_server.context import SECOND, at, now

    return {
        "waiting": [
            {
                "stream": line.stream,
                "state": line.state,
                "count": line.rows,
                "oldest_due_at": at(now() - line.due_seconds * SECOND).isoformat(),
            }
            for line in queue.lines
        ],
        "relay_failure": relay_failure,
        "suspended": [lane or "*" for lane in queue.held],
        "ambiguous": {
            "count": queue.ambiguous_count,
            "newest": [
                {"at": at(mail.at).isoformat(), "account": mail.account, "message_id": mail.message_id, "recipient": mail.address}
                for mail in queue.ambiguous
            ],
        },
    }
