"""Aliases over HTTP. Contract: openapi/paths/aliases.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import aliases


def list_aliases(ctx: Context, parameters: models.ListAliasesParameters) -> models.AliasList:
    """List aliases."""
    items, total = aliases.page(ctx, parameters.page, parameters.limit)
    return models.AliasList(aliases=items, total=total, page=parameters.page, limit=parameters.limit)


def create_alias(ctx: Context, body: models.AliasCreate) -> models.AliasResponse:
    """Create an alias."""
    return models.AliasResponse(alias=aliases.create(ctx, body))


def get_alias(ctx: Context, alias_id: str) -> models.AliasResponse:
    """Get an alias."""
    return models.AliasResponse(alias=aliases.get(ctx, alias_id))


def delete_alias(ctx: Context, alias_id: str) -> models.AliasDeleted:
    """Delete an alias."""
    aliases.delete_(ctx, alias_id)
    return models.AliasDeleted(id=alias_id)


def update_alias(ctx: Context, alias_id: str, body: models.AliasUpdate) -> models.AliasResponse:
    """Update an alias."""
    return models.AliasResponse(alias=aliases.update_(ctx, alias_id, body))
