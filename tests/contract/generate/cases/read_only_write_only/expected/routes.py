"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, Protocol

from contract.runtime.binding import Signature
from read_only_write_only import models


class Accounts(Protocol):
    """Handlers of `accounts`."""

    def create_account(self, ctx: Any, body: models.AccountInput) -> models.Account:
        """create_account."""

    def create_team(self, ctx: Any, body: models.TeamInput) -> models.Team:
        """create_team."""

    def create_secret(self, ctx: Any, body: models.OnlySent) -> None:
        """create_secret."""


SIGNATURES: dict[str, Signature] = {
    "create_account": Signature("accounts", body=models.AccountInput),
    "create_team": Signature("accounts", body=models.TeamInput),
    "create_secret": Signature("accounts", body=models.OnlySent, status=204),
}
