"""The required and optional parts of `trigger_config` for each trigger."""

from __future__ import annotations

from functools import cache

import msgspec
from msgspec import UNSET

from misarmail_contract import models
from misarmail_server import document
from misarmail_server.context import Context
from misarmail_server.db import tables
from misarmail_server.errors import Forbidden, Invalid, NotFound
from misarmail_server.services import audiences

FIELD = "trigger_config"
WITHOUT_SOURCE = {"form_submitted": "forms", "api": "automations"}  # trigger -> the feature that would cause it


def validated(ctx: Context, trigger_type: str, config: models.TriggerConfig) -> str:
    """The configuration in its stored form.

    Raises Invalid if a part is missing, is not used by the trigger, or names an unknown resource, and Forbidden("feature_unavailable") for
    a trigger that nothing causes.
    """
    if trigger_type in WITHOUT_SOURCE:
        sentence = f"The trigger {trigger_type} has no source in this version"
        raise Forbidden("feature_unavailable", sentence, feature=WITHOUT_SOURCE[trigger_type])
    _require_fitting(trigger_type, set(msgspec.to_builtins(config)))
    _require_references(ctx, config)
    return msgspec.json.encode(config).decode()


def _require_fitting(trigger_type: str, names: set[str]) -> None:
    """Apply the contract to a configuration whose trigger is stored: the schema of the request does not know that trigger."""
    required, allowed = settings_by_trigger()[trigger_type]
    for name in sorted(required - names):
        raise Invalid(FIELD, f"{name}: Is required for {trigger_type}")
    for name in sorted(names - allowed):
        raise Invalid(FIELD, f"{name}: Is not used by {trigger_type}")


@cache
def settings_by_trigger() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """(required, allowed) settings of each trigger, read from the schema `TriggerSettings`."""
    by_trigger = {}
    for branch in document.bundle()["components"]["schemas"]["TriggerSettings"]["allOf"]:
        config = branch["then"]["properties"][FIELD]
        trigger_type = branch["if"]["properties"]["trigger_type"]["const"]
        by_trigger[trigger_type] = frozenset(config.get("required", ())), frozenset(config["propertyNames"].get("enum", ()))
    return by_trigger


def _require_references(ctx: Context, config: models.TriggerConfig) -> None:
    for segment_id in (config.list_id, config.segment_id):
        if segment_id is not UNSET:
            audiences.require_segment(ctx, segment_id, FIELD)
    if config.campaign_id is not UNSET:
        try:
            ctx.get(tables.Campaign, config.campaign_id, "campaign")
        except NotFound as missing:
            raise Invalid(FIELD, f"campaign_id: {missing.sentence}") from None
