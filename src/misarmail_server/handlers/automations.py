"""Automations over HTTP. Contract: openapi/paths/automations.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import automations


def list_automations(ctx: Context, parameters: models.ListAutomationsParameters) -> models.AutomationList:
    """List automations."""
    items, total = automations.page(ctx, parameters)
    return models.AutomationList(automations=items, total=total, page=parameters.page, limit=parameters.limit)


def create_automation(ctx: Context, body: models.AutomationCreate) -> models.AutomationResponse:
    """Create an automation."""
    return models.AutomationResponse(automation=automations.create(ctx, body))


def get_automation(ctx: Context, automation_id: str) -> models.AutomationResponse:
    """Get an automation."""
    return models.AutomationResponse(automation=automations.get(ctx, automation_id))


def delete_automation(ctx: Context, automation_id: str) -> models.AutomationDeleted:
    """Delete an automation."""
    automations.delete_(ctx, automation_id)
    return models.AutomationDeleted(id=automation_id)


def update_automation(ctx: Context, automation_id: str, body: models.AutomationUpdate) -> models.AutomationResponse:
    """Update an automation."""
    return models.AutomationResponse(automation=automations.update(ctx, automation_id, body))


def activate_automation(ctx: Context, automation_id: str, body: models.AutomationActivate) -> models.AutomationResponse:
    """Activate or pause an automation."""
    return models.AutomationResponse(automation=automations.set_active(ctx, automation_id, is_active=body.active))


def toggle_automation(ctx: Context, automation_id: str, body: models.AutomationActivate) -> models.AutomationResponse:
    """Activate or pause an automation, by PATCH."""
    return activate_automation(ctx, automation_id, body)


def list_automation_enrollments(
    ctx: Context, automation_id: str, parameters: models.ListAutomationEnrollmentsParameters
) -> models.EnrollmentList:
    """List enrollments."""
    items, total = automations.enrollments(ctx, automation_id, parameters.page, parameters.limit)
    return models.EnrollmentList(enrollments=items, total=total, page=parameters.page, limit=parameters.limit)
