"""Automations, the versions of their steps, and their enrollments."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from misarmail_contract.models import AutomationStatus, TriggerType
from misarmail_server.rows.table import Owned, Table


class Automation(Owned):
    """A trigger and steps. `version` is the version of the steps that new enrollments use; `status`: draft, active or paused."""

    __tablename__ = "automations"
    __table_args__ = (
        Index("ix_automations_account_created", "account_id", "created_at"),
        Index("ix_automations_account_trigger", "account_id", "status", "trigger_type"),
    )

    name: Mapped[str]
    trigger_type: Mapped[TriggerType] = mapped_column(Text)
    trigger_config_json: Mapped[str]
    exit_on_json: Mapped[str]
    status: Mapped[AutomationStatus] = mapped_column(Text)
    version: Mapped[int]
    step_count: Mapped[int]
    enrolled: Mapped[int] = mapped_column(default=0)
    activated_at: Mapped[int | None]
    created_at: Mapped[int]
    updated_at: Mapped[int]


class AutomationStep(Table):
    """One step of one version. A version is never changed: an edit writes the next one, and existing enrollments keep theirs."""

    __tablename__ = "automation_steps"

    automation_id: Mapped[str] = mapped_column(ForeignKey("automations.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # from 0
    type: Mapped[str]
    config_json: Mapped[str]  # the whole step in the contract's form


class Enrollment(Owned):
    """A contact in an automation. `position` is the next step, due at `due_at`. `status`: active, completed, exited or failed."""

    __tablename__ = "enrollments"
    __table_args__ = (
        Index("ix_enrollments_automation", "automation_id", "enrolled_at"),
        Index("ix_enrollments_due", "status", "due_at"),
        Index("ix_enrollments_contact", "account_id", "contact_id"),
    )

    automation_id: Mapped[str] = mapped_column(ForeignKey("automations.id"))
    version: Mapped[int]
    contact_id: Mapped[str]
    status: Mapped[str]
    position: Mapped[int]
    due_at: Mapped[int | None]
    enrolled_at: Mapped[int]
    finished_at: Mapped[int | None]
    exit_reason: Mapped[str | None]
