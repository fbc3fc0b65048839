"""Dedicated IP addresses over HTTP. Contract: openapi/paths/dedicated_ips.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import dedicated_ips

READY = "The address is ready and its warm-up has begun"
WAITING = "No address is available now. Provisioning can take up to 24 hours; the warm-up starts automatically"


def list_dedicated_ips(ctx: Context, parameters: models.ListDedicatedIpsParameters) -> models.DedicatedIpList:
    """List dedicated IPs."""
    items, total = dedicated_ips.page(ctx, parameters.page, parameters.limit)
    return models.DedicatedIpList(ips=items, total=total, page=parameters.page, limit=parameters.limit)


def create_dedicated_ip(ctx: Context, body: models.DedicatedIpCreate) -> models.DedicatedIpCreateResponse:
    """Claim a dedicated IP."""
    claimed = dedicated_ips.create(ctx, body)
    return models.DedicatedIpCreateResponse(ip=claimed, message=WAITING if claimed.address is None else READY)


def get_dedicated_ip(ctx: Context, ip_id: str) -> models.DedicatedIpResponse:
    """Get a dedicated IP."""
    return models.DedicatedIpResponse(ip=dedicated_ips.get(ctx, ip_id))


def delete_dedicated_ip(ctx: Context, ip_id: str) -> models.DedicatedIpDeleted:
    """Release a dedicated IP."""
    dedicated_ips.delete_(ctx, ip_id)
    return models.DedicatedIpDeleted(id=ip_id)


def update_dedicated_ip(ctx: Context, ip_id: str, body: models.DedicatedIpUpdate) -> models.DedicatedIpResponse:
    """Update a dedicated IP."""
    return models.DedicatedIpResponse(ip=dedicated_ips.update_(ctx, ip_id, body))


def get_warmup(ctx: Context) -> models.WarmupResponse:
    """Get warm-up progress."""
    data = dedicated_ips.warmups(ctx)
    return models.WarmupResponse(data=data, count=len(data))
