"""Keys over HTTP. Contract: openapi/paths/keys.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import keys


def list_keys(ctx: Context) -> models.KeyList:
    """List API keys."""
    items = keys.list_(ctx)
    return models.KeyList(keys=items, total=len(items), page=1, limit=max(1, len(items)))


def create_key(ctx: Context, body: models.KeyCreate) -> models.KeyCreateResponse:
    """Create an API key."""
    return keys.create(ctx, body)


def delete_key_by_query(ctx: Context, parameters: models.DeleteKeyByQueryParameters) -> models.KeyDeleted:
    """Revoke an API key by query parameter."""
    return delete_key(ctx, parameters.id)


def get_key(ctx: Context, key_id: str) -> models.KeyResponse:
    """Get an API key."""
    return models.KeyResponse(key=keys.get(ctx, key_id))


def delete_key(ctx: Context, key_id: str) -> models.KeyDeleted:
    """Revoke an API key."""
    keys.revoke(ctx, key_id)
    return models.KeyDeleted(id=key_id)
