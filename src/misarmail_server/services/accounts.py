"""Connected e-mail accounts: tested before they are stored. An address becomes a sender by a mailed code (`account_verification`)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import update

from misarmail_contract import models
from misarmail_server import vault
from misarmail_server.context import Context, DetachedContext, at, at_or_none
from misarmail_server.db import tables
from misarmail_server.errors import Conflict, Unprocessable
from misarmail_server.external import mailboxes
from misarmail_server.external.mailboxes import MailboxLogin
from misarmail_server.services import domains


def list_(ctx: Context) -> list[models.Account]:
    """The account's connected accounts, oldest first; the oldest is the default."""
    connected = tables.ConnectedAccount
    rows = ctx.db.scalars(ctx.own(connected).order_by(connected.created_at, connected.id)).all()
    return [_to_model(row, is_default=number == 0) for number, row in enumerate(rows)]


def get(ctx: Context, id_: str) -> models.Account:
    """One connected account. Raises NotFound."""
    ctx.get(tables.ConnectedAccount, id_, "account")
    return next(account for account in list_(ctx) if account.id == id_)


def create(ctx: DetachedContext, new: models.AccountCreate) -> models.Account:
    """Connect an account after a successful login to both of its servers.

    Raises Unprocessable("connection_refused") naming the field, Conflict("already_exists"), Conflict("domain_taken") for an address of a
    domain that another account has verified.
    """
    with ctx.reading() as unit:
        domains.require_not_taken(unit, new.email.rpartition("@")[2].lower())
    imap, smtp = _try_logins(_logins(ctx, new, new.password))
    for field, error in (("imap_host", imap), ("smtp_host", smtp)):
        if error is not None:
            raise Unprocessable("connection_refused", error, fields={field: error})
    sealed = vault.seal(ctx.settings, new.password.encode())
    return ctx.writing(lambda unit: _insert(unit, new, sealed))


def check(ctx: DetachedContext, id_: str) -> models.AccountCheckResponse:
    """Test both servers again and store the result. Raises NotFound."""
    with ctx.reading() as unit:
        row = unit.get(tables.ConnectedAccount, id_, "account")
    password = vault.unseal(ctx.settings, row.password_sealed).decode()
    imap, smtp = _try_logins(_logins(ctx, row, password))
    status = "synced" if imap is None and smtp is None else "error"
    account = ctx.writing(lambda unit: _store_status(unit, id_, status))
    return models.AccountCheckResponse(imap=_outcome(imap), smtp=_outcome(smtp), account=account)


def delete_(ctx: Context, id_: str) -> None:
    """Delete an account with its password. Raises NotFound."""
    ctx.remove(tables.ConnectedAccount, id_, "account")


def _insert(ctx: Context, new: models.AccountCreate, sealed: bytes) -> models.Account:
    id_ = ctx.new_id("acc")
    row = {
        "id": id_,
        "account_id": ctx.account_id,
        "email": new.email.lower(),
        "name": new.name or None,
        "imap_host": new.imap_host,
        "imap_port": new.imap_port,
        "smtp_host": new.smtp_host,
        "smtp_port": new.smtp_port,
        "username": new.username,
        "password_sealed": sealed,
        "sync_status": "synced",
        "created_at": ctx.now(),
    }
    if not ctx.insert_new(tables.ConnectedAccount, row):
        raise Conflict("already_exists", f"{new.email.lower()} is already connected")
    return get(ctx, id_)


def _store_status(ctx: Context, id_: str, status: str) -> models.Account:
    connected = tables.ConnectedAccount
    ctx.connection.execute(update(connected).where(connected.id == id_, connected.account_id == ctx.account_id).values(sync_status=status))
    return get(ctx, id_)


def _logins(
    ctx: DetachedContext, servers: models.AccountCreate | tables.ConnectedAccount, password: str
) -> tuple[MailboxLogin, MailboxLogin]:
    """The logins by IMAP and by SMTP."""
    user, allows = servers.username, ctx.settings.allows_private_targets
    imap = MailboxLogin(servers.imap_host, servers.imap_port, user, password, allows)
    return imap, MailboxLogin(servers.smtp_host, servers.smtp_port, user, password, allows)


def _try_logins(logins: tuple[MailboxLogin, MailboxLogin]) -> tuple[str | None, str | None]:
    """The errors of IMAP and SMTP, None for success; tested in parallel, because either may be slow."""
    with ThreadPoolExecutor(2) as pool:
        imap, smtp = pool.submit(mailboxes.try_imap, logins[0]), pool.submit(mailboxes.try_smtp, logins[1])
        return imap.result(), smtp.result()


def _outcome(error: str | None) -> models.ConnectionCheck:
    return models.ConnectionCheck(ok=error is None, error=error)


def _to_model(row: tables.ConnectedAccount, *, is_default: bool) -> models.Account:
    return models.Account(
        id=row.id,
        email=row.email,
        name=row.name,
        imap_host=row.imap_host,
        imap_port=row.imap_port,
        smtp_host=row.smtp_host,
        smtp_port=row.smtp_port,
        sync_status=row.sync_status,
        is_default=is_default,
        created_at=at(row.created_at),
        verified_at=at_or_none(row.verified_at),
    )
