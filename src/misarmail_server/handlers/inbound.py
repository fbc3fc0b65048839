"""Inbound domains over HTTP. Contract: openapi/paths/inbound.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import inbound


def list_inbound_domains(ctx: Context, parameters: models.ListInboundDomainsParameters) -> models.InboundDomainList:
    """List inbound domains."""
    items, total = inbound.page(ctx, parameters.page, parameters.limit)
    return models.InboundDomainList(domains=items, total=total, page=parameters.page, limit=parameters.limit)


def create_inbound_domain(ctx: Context, body: models.InboundDomainCreate) -> models.InboundDomainCreateResponse:
    """Create an inbound domain."""
    return models.InboundDomainCreateResponse(domain=inbound.create(ctx, body))


def get_inbound_domain(ctx: Context, inbound_id: str) -> models.InboundDomainResponse:
    """Get an inbound domain."""
    return models.InboundDomainResponse(domain=inbound.get(ctx, inbound_id))


def delete_inbound_domain(ctx: Context, inbound_id: str) -> models.InboundDomainDeleted:
    """Delete an inbound domain."""
    inbound.delete_(ctx, inbound_id)
    return models.InboundDomainDeleted(id=inbound_id)


def update_inbound_domain(ctx: Context, inbound_id: str, body: models.InboundDomainUpdate) -> models.InboundDomainResponse:
    """Update an inbound domain."""
    return models.InboundDomainResponse(domain=inbound.update(ctx, inbound_id, body))
