"""What the fuzz run of this platform must know beyond the contract. Nothing here hides an answer of the server that is wrong."""

from __future__ import annotations

import json
import os
import re
import urllib.request
from typing import Any

import schemathesis

OWN_KEY = os.environ.get("FUZZ_OWN_KEY")
TEMPLATE = os.environ.get("FUZZ_TEMPLATE", "")
URL, KEY = os.environ.get("FUZZ_URL", ""), os.environ.get("FUZZ_KEY", "")
CAMPAIGN = {"name": "Fuzz", "subject": "Hi", "from_email": "news@example.com", "body_text": "Hi"}
TRIGGERS = {
    *("welcome_email", "contact_created", "tag_added", "tag_removed", "segment_joined", "event_tracked", "campaign_opened"),
    *("link_clicked", "date_based", "form_submitted", "api"),
}
REFERENCES = ("segment_id", "segmentId", "contact_id")
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
PAST_OR_SOON = re.compile(r"(0\d{3}|1\d{3}|20[0-2]\d)-\d\d-")


@schemathesis.hook
def filter_case(_context: Any, case: Any) -> bool:
    """Drop the requests that revoke the key of this run: after them everything is a 401."""
    named = {(case.path_parameters or {}).get("key_id"), (case.query or {}).get("id")}
    return case.method != "DELETE" or OWN_KEY not in named


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Give valid values that mean something: a template that is there, an expiry that is not past. No schema can say either."""
    if not isinstance(case.body, dict):
        return
    for name in ("template_id", "templateId"):
        if isinstance(case.body.get(name), str) and ID.fullmatch(case.body[name]):
            case.body[name] = TEMPLATE
    _refer_to_what_is_there(case)
    wanted = ("expires_at", "expiresAt", *(("scheduled_at", "scheduledAt") if case.path.endswith("/schedule") else ()))
    for name in wanted:
        if isinstance(case.body.get(name), str) and PAST_OR_SOON.match(case.body[name]):
            case.body[name] = "2090" + case.body[name][4:]


def _refer_to_what_is_there(case: Any) -> None:
    """Ids within a valid body: nobody's segment is taken away, a test gets a draft of its own, an automation steps that can be."""
    for name in REFERENCES:
        if isinstance(case.body.get(name), str) and ID.fullmatch(case.body[name]):
            case.body.pop(name)
    if case.path == "/v1/ab-tests" and isinstance(case.body.get("campaign_id"), str) and ID.fullmatch(case.body["campaign_id"]):
        case.body["campaign_id"] = _new_campaign()
    if isinstance(case.body.get("trigger_type"), str) or isinstance(case.body.get("trigger_config"), dict):
        case.body.pop("trigger_config", None)
        case.body["trigger_type"] = "api" if case.body.get("trigger_type", "api") in TRIGGERS else case.body["trigger_type"]
    for step in case.body["steps"] if isinstance(case.body.get("steps"), list) else ():
        _refer_within(step)


def _refer_within(step: Any) -> None:
    if not isinstance(step, dict):
        return
    if isinstance(step.get("template_id"), str) and ID.fullmatch(step["template_id"]):
        step["template_id"] = TEMPLATE
    for name in ("then", "else"):
        if isinstance(step.get(name), int | float):
            step[name] = "exit"


def _new_campaign() -> str:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{URL}/api/v1/campaigns", data=json.dumps(CAMPAIGN).encode(), headers=headers)  # noqa: S310  # http to this machine
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # as above
        found: str = json.load(answer)["campaign"]["id"]
    return found
