"""The steps of an automation: validated together, stored by version."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import UNSET
from sqlalchemy import delete, insert, select

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.db import tables
from misarmail_server.errors import Conflict, Invalid
from misarmail_server.services import channels, segment_rules, templates

FIELD = "steps"
Steps = Sequence[models.AutomationStep]
decode = msgspec.json.Decoder(models.AutomationStep).decode


def validated(ctx: Context, new_steps: Sequence[models.AutomationStepCreate]) -> Steps:
    """The steps as typed models. Raises Invalid for an unknown template, an unclosed section, and a condition that leads backwards."""
    steps = [msgspec.convert({"type": "send_email", **_whole_numbers(new_step)}, models.AutomationStep) for new_step in new_steps]
    missing = _missing_templates(ctx, steps)
    for index, step in enumerate(steps):
        if isinstance(step, models.SendEmailStep):
            templates.compiled(step.subject or "", FIELD, f"[{index}].subject: ")
            if step.template_id in missing:
                raise Invalid(FIELD, f"[{index}].template_id: There is no template {step.template_id}")
        if isinstance(step, models.ConditionStep):
            segment_rules.require_field(step.field_, FIELD, f"[{index}].field")
            _require_forward(index, step, len(steps))
    return steps


def store(ctx: Context, automation_id: str, version: int, steps: Steps) -> None:
    """Store a version and delete earlier versions that no active enrollment uses."""
    step, enrollment = tables.AutomationStep, tables.Enrollment
    rows = [
        {
            "automation_id": automation_id,
            "version": version,
            "position": position,
            "type": automation_step.__struct_config__.tag,
            "config_json": msgspec.json.encode(automation_step).decode(),
        }
        for position, automation_step in enumerate(steps)
    ]
    if rows:
        ctx.connection.execute(insert(step), rows)
    versions_in_use = select(enrollment.version).where(enrollment.automation_id == automation_id, enrollment.status == "active")
    old = delete(step).where(step.automation_id == automation_id, step.version != version, step.version.not_in(versions_in_use))
    ctx.connection.execute(old)


def of(ctx: Context, row: tables.Automation) -> list[models.AutomationStep]:
    """The steps of an automation's current version, in order."""
    step = tables.AutomationStep
    query = select(step.config_json).where(step.automation_id == row.id, step.version == row.version)
    return [decode(config_json) for config_json in ctx.connection.scalars(query.order_by(step.position))]


def require_runnable(ctx: Context, steps: Steps) -> None:
    """Refuse steps that cannot run. Raises Conflict("wrong_state"), Forbidden("feature_unavailable")."""
    if not steps:
        raise Conflict("wrong_state", "An automation without steps cannot be activated")
    missing = _missing_templates(ctx, steps)
    if missing:
        raise Conflict("wrong_state", f"The automation's template {min(missing)} was deleted")
    for step in steps:
        if isinstance(step, models.WhatsappStep):
            channels.require_configured(ctx.settings, "whatsapp")
        elif isinstance(step, models.PushStep):
            channels.require_configured(ctx.settings, "push")


def _whole_numbers(step: models.AutomationStepCreate) -> models.AutomationStepCreate:
    """The step with `60.0` converted to `60`: JSON Schema accepts it as an integer."""
    return {name: int(value) if isinstance(value, float) and value.is_integer() else value for name, value in step.items()}


def _missing_templates(ctx: Context, steps: Steps) -> set[str]:
    referenced = {step.template_id for step in steps if isinstance(step, models.SendEmailStep)}
    if not referenced:
        return set()
    template = tables.Template
    query = select(template.id).where(template.account_id == ctx.account_id, template.id.in_(referenced))
    return referenced - set(ctx.connection.scalars(query))


def _require_forward(index: int, step: models.ConditionStep, count: int) -> None:
    """A condition must lead to a later step, so that every enrollment ends."""
    for name, target in (("then", step.then), ("else", step.else_)):
        if target not in {UNSET, "exit"} and not (isinstance(target, int) and index < target < count):
            raise Invalid(FIELD, f"[{index}].{name}: Must be the index of a later step, or exit")
