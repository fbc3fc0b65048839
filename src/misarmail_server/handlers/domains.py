"""Domains over HTTP, at the versioned and the unversioned path. Contract: openapi/paths/domains.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context, DetachedContext
from misarmail_server.services import domain_verification, domains


def list_domains(ctx: Context, parameters: models.ListDomainsParameters) -> models.DomainList:
    """List domains."""
    items, total = domains.page(ctx, parameters.page, parameters.limit)
    return models.DomainList(domains=items, total=total, page=parameters.page, limit=parameters.limit)


def create_domain(ctx: DetachedContext, body: models.DomainCreate) -> models.DomainResponse:
    """Create a domain."""
    return models.DomainResponse(domain=domains.create(ctx, body.domain))


def get_domain(ctx: Context, domain_id: str) -> models.DomainResponse:
    """Get a domain."""
    return models.DomainResponse(domain=domains.get(ctx, domain_id))


def delete_domain(ctx: Context, domain_id: str) -> models.DomainDeleted:
    """Delete a domain."""
    domains.delete_(ctx, domain_id)
    return models.DomainDeleted(id=domain_id)


def verify_domain(ctx: DetachedContext, domain_id: str) -> models.DomainVerifyResponse:
    """Verify a domain."""
    result = domain_verification.verify(ctx, domain_id)
    return models.DomainVerifyResponse(verified=result.domain.status == "verified", domain=result.domain, checks=result.checks)


def rotate_domain(ctx: DetachedContext, domain_id: str) -> models.DomainResponse:
    """Rotate the DKIM keys of a domain."""
    return models.DomainResponse(domain=domains.rotate(ctx, domain_id))


def list_domains_unversioned(ctx: Context, parameters: models.ListDomainsUnversionedParameters) -> models.DomainList:
    """List domains (unversioned path)."""
    return list_domains(ctx, models.ListDomainsParameters(page=parameters.page, limit=parameters.limit))


def create_domain_unversioned(ctx: DetachedContext, body: models.DomainCreate) -> models.DomainResponse:
    """Create a domain (unversioned path)."""
    return models.DomainResponse(domain=domains.create(ctx, body.domain))


get_domain_unversioned = get_domain
delete_domain_unversioned = delete_domain
verify_domain_unversioned = verify_domain
rotate_domain_unversioned = rotate_domain
