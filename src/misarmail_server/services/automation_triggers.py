"""The required and optional parts of `trigger_config` for each trigger."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.db import tables
from misarmail_server.errors import Forbidden, Invalid, NotFound
from misarmail_server.services import audiences

FIELD = "trigger_config"
REQUIRED: dict[str, str] = {
    "tag_added": "tag",
    "tag_removed": "tag",
    "segment_joined": "segment_id",
    "event_tracked": "event",
    "date_based": "field",
}
OPTIONAL: dict[str, frozenset[str]] = {
    "welcome_email": frozenset({"list_id"}),
    "campaign_opened": frozenset({"campaign_id"}),
    "link_clicked": frozenset({"campaign_id", "url"}),
    "date_based": frozenset({"offset_days"}),
}


WITHOUT_SOURCE = {"form_submitted": "forms", "api": "automations"}  # trigger -> the feature that would cause it


def validated(ctx: Context, trigger_type: str, config: models.TriggerConfig) -> str:
    """The configuration in its stored form.

    Raises Invalid if a part is missing, is not used by the trigger, or names an unknown resource, and Forbidden("feature_unavailable") for
    a trigger that nothing causes.
    """
    if trigger_type in WITHOUT_SOURCE:
        sentence = f"The trigger {trigger_type} has no source in this version"
        raise Forbidden("feature_unavailable", sentence, feature=WITHOUT_SOURCE[trigger_type])
    names = set(msgspec.to_builtins(config))
    required = REQUIRED.get(trigger_type)
    if required is not None and required not in names:
        raise Invalid(FIELD, f"{required}: Is required for {trigger_type}")
    unused = sorted(names - {required} - OPTIONAL.get(trigger_type, frozenset()))
    if unused:
        raise Invalid(FIELD, f"{unused[0]}: Is not used by {trigger_type}")
    _require_references(ctx, config)
    return msgspec.json.encode(config).decode()


def _require_references(ctx: Context, config: models.TriggerConfig) -> None:
    for segment_id in (config.list_id, config.segment_id):
        if segment_id is not UNSET:
            audiences.require_segment(ctx, segment_id, FIELD)
    if config.campaign_id is not UNSET:
        try:
            ctx.get(tables.Campaign, config.campaign_id, "campaign")
        except NotFound as missing:
            raise Invalid(FIELD, f"campaign_id: {missing.sentence}") from None
