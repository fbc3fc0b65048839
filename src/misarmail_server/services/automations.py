"""Automations: a trigger that enrolls contacts, and the steps that they go through."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import delete, insert, select

from misarmail_contract import models
from misarmail_server.context import Context, as_model, at, at_or_none
from misarmail_server.db import tables
from misarmail_server.errors import Forbidden
from misarmail_server.services import automation_steps, automation_triggers, plans


def create(ctx: Context, new: models.AutomationCreate) -> models.Automation:
    """Store a draft. Raises Forbidden("plan_limit_exceeded"), Invalid for an invalid trigger or step."""
    plans.require_room(ctx, "automations")
    config = models.TriggerConfig() if new.trigger_config is UNSET else new.trigger_config
    steps = automation_steps.validated(ctx, new.steps)
    id_ = ctx.new_id("auto")
    row = {
        "id": id_,
        "account_id": ctx.account_id,
        "name": new.name,
        "trigger_type": new.trigger_type,
        "trigger_config_json": automation_triggers.validated(ctx, new.trigger_type, config),
        "exit_on_json": _json([] if new.exit_on is UNSET else new.exit_on),
        "status": "draft",
        "version": 1,
        "step_count": len(steps),
        "created_at": ctx.now(),
        "updated_at": ctx.now(),
    }
    ctx.connection.execute(insert(tables.Automation).values(row))
    automation_steps.store(ctx, id_, 1, steps)
    return get(ctx, id_)


def page(ctx: Context, parameters: models.ListAutomationsParameters) -> tuple[list[models.AutomationSummary], int]:
    """(one page, the total), newest first."""
    conditions = () if parameters.status is UNSET else (tables.Automation.status == parameters.status,)
    rows, total = ctx.newest(tables.Automation, parameters.page, parameters.limit, *conditions)
    return [as_model(row, models.AutomationSummary) for row in rows], total


def get(ctx: Context, id_: str) -> models.Automation:
    """One automation. Raises NotFound."""
    return _to_model(ctx, ctx.get(tables.Automation, id_, "automation"))


def update(ctx: Context, id_: str, change: models.AutomationUpdate) -> models.Automation:
    """Change the given fields and return the whole automation. Raises NotFound, Invalid, and for an active one as `require_runnable`."""
    row = ctx.lock(tables.Automation, id_, "automation")
    if change.name is not UNSET:
        row.name = change.name
    if change.exit_on is not UNSET:
        row.exit_on_json = _json(change.exit_on)
    _change_trigger(ctx, row, change)
    if change.steps is not UNSET:
        _change_steps(ctx, row, change.steps)
    row.updated_at = ctx.now()
    ctx.db.flush()
    return _to_model(ctx, row)


def delete_(ctx: Context, id_: str) -> None:
    """Delete an automation with its steps and enrollments. Raises NotFound."""
    ctx.lock(tables.Automation, id_, "automation")
    ctx.connection.execute(delete(tables.Enrollment).where(tables.Enrollment.automation_id == id_))
    ctx.connection.execute(delete(tables.AutomationStep).where(tables.AutomationStep.automation_id == id_))
    ctx.remove(tables.Automation, id_, "automation")


def set_active(ctx: Context, id_: str, *, is_active: bool) -> models.Automation:
    """Pause an automation that an earlier version activated; an automation that already has the status is not changed.

    Activation is refused: nobody would be enrolled. Raises NotFound, Forbidden("feature_unavailable").
    """
    row = ctx.lock(tables.Automation, id_, "automation")
    if is_active and row.status != "active":
        raise Forbidden("feature_unavailable", "Automations do not run in this version", feature="automations")
    if not is_active and row.status == "active":
        row.status, row.updated_at = "paused", ctx.now()
    ctx.db.flush()
    return _to_model(ctx, row)


def enrollments(ctx: Context, id_: str, number: int, limit: int) -> tuple[list[models.Enrollment], int]:
    """(one page, the total), newest first. Raises NotFound."""
    ctx.get(tables.Automation, id_, "automation")
    enrollment = tables.Enrollment
    query = select(enrollment.__table__).where(enrollment.automation_id == id_)
    rows, total = ctx.page(query.order_by(enrollment.enrolled_at.desc(), enrollment.id.desc()), number, limit)
    return [as_model(row, models.Enrollment) for row in rows], total


def _change_trigger(ctx: Context, row: tables.Automation, change: models.AutomationUpdate) -> None:
    """A new type starts with an empty configuration."""
    if change.trigger_type is UNSET and change.trigger_config is UNSET:
        return
    row.trigger_type = row.trigger_type if change.trigger_type is UNSET else change.trigger_type
    config = models.TriggerConfig() if change.trigger_config is UNSET else change.trigger_config
    row.trigger_config_json = automation_triggers.validated(ctx, row.trigger_type, config)


def _change_steps(ctx: Context, row: tables.Automation, new_steps: list[models.AutomationStepCreate]) -> None:
    steps = automation_steps.validated(ctx, new_steps)
    if row.status == "active":
        automation_steps.require_runnable(ctx, steps)
    row.version += 1
    row.step_count = len(steps)
    automation_steps.store(ctx, row.id, row.version, steps)


def _to_model(ctx: Context, row: tables.Automation) -> models.Automation:
    return models.Automation(
        id=row.id,
        name=row.name,
        trigger_type=row.trigger_type,
        trigger_config=msgspec.json.decode(row.trigger_config_json, type=models.TriggerConfig),
        status=row.status,
        steps=automation_steps.of(ctx, row),
        step_count=row.step_count,
        exit_on=msgspec.json.decode(row.exit_on_json),
        enrolled=row.enrolled,
        activated_at=at_or_none(row.activated_at),
        created_at=at(row.created_at),
        updated_at=at(row.updated_at),
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
