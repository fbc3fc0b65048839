"""What the operator's commands about delivery do, in what they say when it is done."""

from __future__ import annotations

from argparse import Namespace

from sqlalchemy import Connection

from misarmail_server.context import at
from misarmail_server.delivery.queue import admin
from misarmail_server.delivery.worker import relay_state
from misarmail_server.errors import Invalid, NotFound
from misarmail_server.mail_server import listening, process
from misarmail_server.operate import commands, supervisor, work
from misarmail_server.received.bounces import listing
from misarmail_server.services import tenants
from misarmail_server.settings import Settings


def run_workers(chosen: Settings, args: Namespace) -> None:
    """`misarmail worker`: until told to stop."""
    commands.bring_up_to_date(chosen)
    if args.processes == 1:
        work.run(chosen)
    else:
        supervisor.run(args.processes)


def listen(chosen: Settings) -> None:
    """`misarmail smtp`: until told to stop. Raises BadSettingError."""
    listening.require_free(chosen)
    commands.bring_up_to_date(chosen)
    process.run(chosen)


def status(chosen: Settings) -> str:
    """`misarmail queue status`."""
    with commands.migrated(chosen) as store, store.read() as connection:
        seen = admin.status(connection)
    down = relay_state.reason(chosen)
    lines = [f"{one.stream:15}{one.state:10}{one.rows:>12,}  {_since(one.due_seconds)}" for one in seen.lines] or ["Nothing waits"]
    lines += [f"The relay is down: {down}"] if down else []
    lines += [f"Suspended: {lane or 'everything'}" for lane in seen.held]
    if seen.doubt_count:
        lines.append(f"{seen.doubt_count:,} in doubt: lost between the end of the mail and the answer to it. The newest:")
        lines += [f"  {at(one.at):%Y-%m-%d %H:%M:%S}  {one.account}  {one.message_id}  {one.address}" for one in seen.doubts]
    return "\n".join(lines)


def flush(chosen: Settings, args: Namespace) -> str:
    """`misarmail queue flush`. Raises NotFound for an account that is none."""
    with commands.migrated(chosen) as store:
        count = store.write(lambda connection: admin.flush(connection, _account_id(connection, args.account)))
    return f"{count:,} due now"


def resend(chosen: Settings, args: Namespace) -> str:
    """`misarmail queue resend`. Raises NotFound for a message that is none; then nothing is sent again."""
    with commands.migrated(chosen) as store:
        return f"{store.write(lambda connection: _resend(connection, args)):,} in doubt will be sent again"


def _resend(connection: Connection, args: Namespace) -> int:
    count = 0
    for message_id in args.messages:
        found = admin.resend(connection, message_id, args.to)
        if found is None:
            raise NotFound("message", message_id)
        count += found
    return count


def suspend(chosen: Settings, args: Namespace) -> str:
    """`misarmail queue suspend`. Raises NotFound for an account that is none."""
    with commands.migrated(chosen) as store:
        store.write(lambda connection: admin.suspend(connection, _account_id(connection, args.account)))
    return f"Nothing more is delivered of {args.account or 'anybody'} until it is resumed"


def resume(chosen: Settings, args: Namespace) -> str:
    """`misarmail queue resume`. Raises NotFound for an account that is none."""
    with commands.migrated(chosen) as store:
        was_held = store.write(lambda connection: admin.resume(connection, _account_id(connection, args.account)))
    return f"Mail of {args.account or 'everybody'} is delivered again" if was_held else "It was not suspended"


def classify_bounces(args: Namespace) -> str:
    """`misarmail bounce classify`. Raises Invalid for a file that cannot be read."""
    try:
        return (listing.as_json if args.format == "json" else listing.as_text)(args.files)
    except OSError as error:
        raise Invalid(str(error.filename), f"Cannot be read: {error.strerror}") from error


def _account_id(connection: Connection, email: str | None) -> str | None:
    return None if email is None else str(tenants.find(connection, email).id)


def _since(seconds: int) -> str:
    return f"the oldest due for {seconds:,} s" if seconds >= 0 else f"the next due in {-seconds:,} s"
