"""Accounts over HTTP. Contract: read_only_write_only.yaml."""

from __future__ import annotations

from typing import Any

from read_only_write_only import models


def create_account(ctx: Any, body: models.AccountInput) -> models.Account:
    """create_account."""
    raise NotImplementedError("create_account has no handler yet")


def create_team(ctx: Any, body: models.TeamInput) -> models.Team:
    """create_team."""
    raise NotImplementedError("create_team has no handler yet")


def create_secret(ctx: Any, body: models.OnlySent) -> None:
    """create_secret."""
    raise NotImplementedError("create_secret has no handler yet")
