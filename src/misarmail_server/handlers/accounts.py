"""Connected accounts over HTTP. Contract: openapi/paths/accounts.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context, DetachedContext
from misarmail_server.services import account_verification, accounts


def list_accounts(ctx: Context) -> models.AccountList:
    """List connected accounts."""
    items = accounts.list_(ctx)
    return models.AccountList(accounts=items, total=len(items), page=1, limit=max(1, len(items)))


def create_account(ctx: DetachedContext, body: models.AccountCreate) -> models.AccountResponse:
    """Connect an e-mail account."""
    return models.AccountResponse(account=accounts.create(ctx, body))


def delete_account(ctx: Context, account_id: str) -> models.AccountDeleted:
    """Disconnect an e-mail account."""
    accounts.delete_(ctx, account_id)
    return models.AccountDeleted(id=account_id)


def check_account(ctx: DetachedContext, account_id: str) -> models.AccountCheckResponse:
    """Check a connected account."""
    return accounts.check(ctx, account_id)


def send_account_code(ctx: Context, account_id: str) -> models.AccountCodeResponse:
    """Mail a code to the address of a connected account."""
    return models.AccountCodeResponse(account=account_verification.send(ctx, account_id))


def verify_account(ctx: DetachedContext, account_id: str, body: models.AccountCode) -> models.AccountVerifyResponse:
    """Verify the address of a connected account."""
    return models.AccountVerifyResponse(account=account_verification.confirm(ctx, account_id, body.code))
