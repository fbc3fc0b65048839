"""Address validation over HTTP. Contract: openapi/paths/validate.yaml."""

from __future__ import annotations

from msgspec import UNSET

from misarmail_contract import models
from misarmail_server.context import DetachedContext
from misarmail_server.errors import Invalid
from misarmail_server.services import validate


def get_validation(ctx: DetachedContext, parameters: models.GetValidationParameters) -> models.ValidationResponse:
    """Validate an address."""
    email, address = parameters.email, parameters.address
    if email is not UNSET and address not in {UNSET, email}:
        raise Invalid("email", "Give email or address, not both")
    given_address = address if email is UNSET else email
    if given_address is UNSET:
        raise Invalid("email", "Is required")
    (result,) = validate.check(ctx, [given_address])
    return models.ValidationResponse(result=result)


def validate_addresses(ctx: DetachedContext, body: models.AddressValidate) -> models.AddressValidateResponse:
    """Validate addresses."""
    if body.email is not UNSET:
        (result,) = validate.check(ctx, [body.email])
        return models.AddressValidateResponse(result=result)
    results = validate.check(ctx, [] if body.emails is UNSET else body.emails)
    return models.AddressValidateResponse(results=results, summary=validate.summary(results))
