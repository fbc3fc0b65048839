"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from read_only_write_only import routes
from read_only_write_only_handlers import accounts

_accounts: routes.Accounts = accounts

HANDLERS: dict[str, Any] = {
    "accounts": accounts,
}
