"""What the fuzz run of this platform must know beyond the contract. Nothing here hides an answer of the server that is wrong."""

from __future__ import annotations

import hashlib
import json
import os
import re
import urllib.request
from typing import Any

import schemathesis

from contract.runtime.validators import Validators
from misarmail_server.app import load_bundle

OWN_KEY = os.environ.get("FUZZ_OWN_KEY")
TEMPLATE = os.environ.get("FUZZ_TEMPLATE", "")
NAME = re.compile(r"(?=.{3,200}$)(?:[0-9A-Za-z\u00DF-\uD7FF-]{1,63}\.)+[A-Za-z\u00DF-\uD7FF][0-9A-Za-z\u00DF-\uD7FF-]{0,62}\.?$")
ID = re.compile(r"[A-Za-z0-9_-]{1,64}$")
URL, KEY = os.environ.get("FUZZ_URL", ""), os.environ.get("FUZZ_KEY", "")
CAMPAIGN = {"name": "Fuzz", "subject": "Hi", "from_email": "news@example.com", "body_text": "Hi"}
TRIGGERS = {
    *("welcome_email", "contact_created", "tag_added", "tag_removed", "segment_joined", "event_tracked", "campaign_opened"),
    *("link_clicked", "date_based", "form_submitted", "api"),
}
LISTS = ("contact_ids", "add_contact_ids", "remove_contact_ids")
CRITERIA = Validators(load_bundle()).at("/components/schemas/SegmentCriteria")
REFERENCES = ("segment_id", "segmentId", "contact_id", "alias_id")
SCHEDULED = {"scheduled_at", "scheduledAt"}
SESSION = os.environ.get("SESSION", "")
LOGIN = {
    "imap_host": "127.0.0.1",
    "imap_port": int(os.environ.get("FUZZ_IMAP", "993")),
    "smtp_host": "127.0.0.1",
    "smtp_port": int(os.environ.get("FUZZ_SMTP", "465")),
    "username": "ada@example.com",
    "password": "correct horse battery staple",
}
PAST_OR_SOON = re.compile(r"(0\d{3}|1\d{3}|20[0-2]\d)-\d\d-")


@schemathesis.hook
def filter_case(_context: Any, case: Any) -> bool:
    """Drop the requests that revoke the key of this run: after them everything is a 401."""
    named = {(case.path_parameters or {}).get("key_id"), (case.query or {}).get("id")}
    return case.method != "DELETE" or OWN_KEY not in named


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Give valid values that mean something: a template that is there, an expiry that is not past, a domain that can be had.

    No schema can say any of these, nor that one of two parameters is needed, and not both.
    """
    if case.path == "/v1/validate" and case.method == "GET":
        case.query = one_address(dict(case.query or {}))
    if case.path == "/session" and case.method == "DELETE" and SESSION in (case.cookies or {}).values():
        case.cookies = {"misarmail_session": _sign_in()}  # else the run would end its own
    if isinstance(case.body, dict):
        _mean_something(case)


def _mean_something(case: Any) -> None:
    """Values within a valid body."""
    for name, (pattern, meant) in MEANT.items():
        value = case.body.get(name)
        if isinstance(value, str) and pattern.match(value) and (name not in SCHEDULED or case.path.endswith("/schedule")):
            case.body[name] = meant(value)
    _refer_to_what_is_there(case)
    if case.path == "/accounts" and not LOGIN.keys() - case.body.keys():
        _log_in_where_it_works(case.body)


def one_address(query: dict[str, Any]) -> dict[str, Any]:
    """The query with `email`, or with its alias alone."""
    if "email" in query:
        query.pop("address", None)
    return query if "address" in query else {"email": "ada@example.com", **query}


def a_template(_value: str) -> str:
    """The one that is there."""
    return TEMPLATE


def later(value: str) -> str:
    """The same day in a year that is far off."""
    return "2090" + value[4:]


def a_domain(value: str) -> str:
    """A name that nobody has, of its own for each value."""
    return f"{hashlib.sha256(value.encode()).hexdigest()[:20]}.example.com"


# By field: what of it is valid, and what to say instead.
MEANT = {
    "template_id": (ID, a_template),
    "templateId": (ID, a_template),
    "expires_at": (PAST_OR_SOON, later),
    "expiresAt": (PAST_OR_SOON, later),
    "scheduled_at": (PAST_OR_SOON, later),
    "scheduledAt": (PAST_OR_SOON, later),
    "domain": (NAME, a_domain),
    "subdomain": (NAME, a_domain),
}


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
    _segment_what_can_be(case.body)
    for step in case.body["steps"] if isinstance(case.body.get("steps"), list) else ():
        _refer_within(step)


def _segment_what_can_be(body: dict[str, Any]) -> None:
    """Lists of contacts without one, and rules about a field that there is."""
    for name in LISTS:
        if isinstance(body.get(name), list) and all(isinstance(one, str) and ID.fullmatch(one) for one in body[name]):
            body[name] = []
    if CRITERIA.is_valid(body.get("filter_criteria")):
        body["filter_criteria"]["rules"] = [{"field": "email", "operator": "contains", "value": "example"}]


def _refer_within(step: Any) -> None:
    if not isinstance(step, dict):
        return
    if isinstance(step.get("template_id"), str) and ID.fullmatch(step["template_id"]):
        step["template_id"] = TEMPLATE
    for name in ("then", "else"):
        if isinstance(step.get(name), int | float):
            step[name] = "exit"


def _log_in_where_it_works(body: dict[str, Any]) -> None:
    """Valid servers and passwords become those of the mail servers that are there."""
    if all(isinstance(body[name], type(value)) and body[name] for name, value in LOGIN.items()) and body["email"].isascii():
        body |= LOGIN


def _sign_in() -> str:
    body = json.dumps({"email": "operator@localhost", "password": "correct horse battery staple"}).encode()
    request = urllib.request.Request(f"{URL}/api/session", data=body, headers={"Content-Type": "application/json"})  # noqa: S310  # http to this machine
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # as above
        cookie: str = answer.headers["Set-Cookie"]
    return cookie.partition("=")[2].partition(";")[0]


def _new_campaign() -> str:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{URL}/api/v1/campaigns", data=json.dumps(CAMPAIGN).encode(), headers=headers)  # noqa: S310  # http to this machine
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # as above
        found: str = json.load(answer)["campaign"]["id"]
    return found
