"""Values that the fuzz run of this platform needs and that no schema can express. Nothing here hides a wrong response of the server."""

from __future__ import annotations

import hashlib
import json
import os
import re
import urllib.request
from functools import cache
from typing import Any

import schemathesis

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
FROM_A_DRAFT = {"/v1/campaigns/{campaign_id}/send", "/v1/campaigns/{campaign_id}/test"}
# Suppressing an address of the examples would refuse later mail to it, and a code is mailed to a connected address.
WITH_FREE_ADDRESS = {"/accounts": "sales", "/v1/suppressions": "ada"}
WITHOUT_SETTINGS = "contact_created"  # a trigger that needs none and has a source
REFERENCES = ("segment_id", "segmentId", "contact_id", "topic_id", "alias_id", "allowed_account_id", "allowedAccountId")
NEW_TEMPLATE = {"name": "Fuzz", "subject": "Hi", "body_html": "<p>Hi</p>"}
STATIC = {"name": "Fuzz", "segment_type": "static"}
RULE = {"field": "custom_fields.plan", "operator": "is_empty"}
DYNAMIC = {"name": "Fuzz", "filter_criteria": {"operator": "AND", "rules": [RULE]}}
VALUES = {"greater_than": 1, "less_than": 1, "before": "2026-01-01", "after": "2026-01-01", "anniversary": {"days_ahead": 7}}
WIDE, DEEP = 3, 3  # of the groups of a segment's rules, which may be 50 in all and five levels deep
ENDS = {"start_date": "end_date", "from": "to"}
SCHEDULED = {"scheduled_at", "scheduledAt"}
DEVICE = "dGVzdC1kZXZpY2U:APA91bF"
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
    """Drop requests that revoke the key of this run: afterwards every response would be a 401."""
    named = {(case.path_parameters or {}).get("key_id"), (case.query or {}).get("id")}
    return case.method != "DELETE" or OWN_KEY not in named


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Replace valid values by meaningful ones: an existing template, an expiry in the future, a free domain.

    No schema can express these, nor that exactly one of two parameters is required.
    """
    if case.path == "/v1/validate" and case.method == "GET":
        case.query = one_address(dict(case.query or {}))
    if case.path == "/session" and case.method == "DELETE" and SESSION in (case.cookies or {}).values():
        case.cookies = {"misarmail_session": _sign_in()}  # otherwise the run would end its session
    if case.method == "DELETE" and TEMPLATE in (case.path_parameters or {}).values():
        case.path_parameters = {"template_id": _made("templates", NEW_TEMPLATE)}  # other cases use the existing one
    if isinstance(case.body, dict):
        _use_meaningful_values(case)
    if case.meta is not None and case.meta.generation.mode.is_positive:
        if case.path in FROM_A_DRAFT:
            case.path_parameters = {"campaign_id": _made("campaigns", CAMPAIGN)}  # other cases send or empty the one that was created
        _make_acceptable(case)


def _make_acceptable(case: Any) -> None:
    """Turn a request that is valid as a whole into one that can be carried out."""
    if case.query and "cursor" in case.query:  # only this platform makes cursors, each for one list with its filters
        case.query = {name: value for name, value in case.query.items() if name != "cursor"}
    if case.path.startswith("/v1/analytics"):
        case.query = _in_order(dict(case.query or {}))
    if case.media_type == "text/csv" and isinstance(case.body, str | bytes):
        case.body = _with_addresses(case.body)
    if isinstance(case.body, dict):
        _make_body_acceptable(case)


def _make_body_acceptable(case: Any) -> None:
    if case.path.startswith("/v1/track/"):
        _record_for_an_address(case.body)
    if case.path in WITH_FREE_ADDRESS and case.method == "POST":
        case.body["email"] = f"{WITH_FREE_ADDRESS[case.path]}@{a_domain(case.body['email'])}"
    if case.path.startswith("/v1/segments"):
        _use_existing_members(case)
    if case.path.startswith("/v1/contact"):
        _use_existing_names(case.body)
    if isinstance(case.body.get("audience"), dict):
        case.body["audience"] = _audience(case.body["audience"])
    if case.path.endswith(("/send", "/test")):
        _use_subscribed_recipients(case.path, case.body)


def _use_subscribed_recipients(path: str, body: dict[str, Any]) -> None:
    """Use recipients that are not suppressed: other cases unsubscribe the addresses of the examples."""
    if path == "/v1/channels/push/send":
        body.setdefault("to", DEVICE)  # as everywhere, references to contacts that do not exist are removed
    if isinstance(body.get("emails"), list):
        body["emails"] = [f"bob@{a_domain(email)}" for email in body["emails"]]
    for name in ("to", "cc", "bcc"):
        for mailbox in body[name] if isinstance(body.get(name), list) else ():
            if isinstance(mailbox, dict) and "email" in mailbox:
                mailbox["email"] = f"bob@{a_domain(mailbox['email'])}"


def _with_addresses(csv: str | bytes) -> str | bytes:
    """Add a column of addresses at the start of a table whose first row has none."""
    if isinstance(csv, str):
        return csv if "email" in csv.partition("\n")[0] else f"email\n{csv}"
    return csv if b"email" in csv.partition(b"\n")[0] else b"email\n" + csv


def _in_order(query: dict[str, Any]) -> dict[str, Any]:
    """Make a period one day long: a random end may be before its start, or years after it."""
    return query | {last: query[first] for first, last in ENDS.items() if first in query}


def _use_existing_members(case: Any) -> None:
    """Use existing fields in rules, and existing contacts in the list of a static segment."""
    if "filter_criteria" in case.body:
        case.body["filter_criteria"] = _group(case.body["filter_criteria"], 1)
        if case.method == "PATCH":
            case.path_parameters = {"segment_id": _made("segments", DYNAMIC)}
    for name in ("contact_ids", "add_contact_ids", "remove_contact_ids"):
        if name in case.body:
            case.body[name] = []
            if case.method == "PATCH":
                case.body.pop("filter_criteria", None)
                case.path_parameters = {"segment_id": _made("segments", STATIC)}


def _use_existing_names(body: dict[str, Any]) -> None:
    """Use a time zone, a language and topics that exist, fields of contacts in rules, and no defaults, which must suit the field's type."""
    body |= {name: known for name, known in (("timezone", "Europe/Berlin"), ("locale", "de-DE")) if isinstance(body.get(name), str)}
    if isinstance(body.get("criteria"), dict):
        body["criteria"] = _group(body["criteria"], 1)
    if isinstance(body.get("topics"), list):
        body["topics"] = [topic | {"topic_id": _existing("topics", "Fuzz")} for topic in body["topics"][:1]]
    for name in ("cursor", "default"):
        body.pop(name, None)
    if "type" in body and isinstance(body.get("name"), str):  # not a name of the examples, whose values may have another type
        body["name"] = a_domain(body["name"])
    for name in ("custom_fields", "customFields"):  # only a field that was declared so takes lists and objects
        if isinstance(body.get(name), dict):
            body[name] = {field: "gold" if isinstance(value, list | dict) else value for field, value in body[name].items()}


def _audience(written: dict[str, Any]) -> dict[str, Any]:
    """An audience of an existing segment and of rules on existing fields."""
    segments = {name: [_existing("segments", "Fuzz")] for name in ("include", "exclude") if name in written}
    return segments | ({"criteria": _group(written["criteria"], 1)} if "criteria" in written else {})


def _group(written: dict[str, Any], depth: int) -> dict[str, Any]:
    return {"operator": written["operator"], "rules": [_rule(rule, depth + 1) for rule in written["rules"][:WIDE]]}


def _rule(written: dict[str, Any], depth: int) -> dict[str, Any]:
    """A rule with a value that its operator accepts."""
    operator, value = written["operator"], written.get("value", "gold")
    if operator in {"AND", "OR"}:
        return _group(written, depth) if "rules" in written and depth <= DEEP else RULE
    if operator in {"did", "did_not"}:
        return {"field": "email.opened", "operator": operator, "within": {"days": 30}}
    meant: dict[str, Any] = {"field": RULE["field"], "operator": operator}
    if operator in {"is_empty", "is_not_empty"}:
        return meant
    if operator in {"in", "not_in"}:
        return {**meant, "value": value if isinstance(value, list) else [value] if isinstance(value, str) else ["gold"]}
    is_number = operator in {"greater_than", "less_than"} and type(value) in {int, float}
    return {**meant, "value": value if is_number or (isinstance(value, str) and operator not in VALUES) else VALUES.get(operator, "gold")}


def _use_meaningful_values(case: Any) -> None:
    """Replace values within a valid body."""
    for name, (pattern, meant) in MEANT.items():
        value = case.body.get(name)
        if isinstance(value, str) and pattern.match(value) and (name not in SCHEDULED or case.path.endswith("/schedule")):
            case.body[name] = meant(value)
    _use_existing_references(case)
    if case.path == "/accounts" and not LOGIN.keys() - case.body.keys():
        _use_working_login(case.body)


def one_address(query: dict[str, Any]) -> dict[str, Any]:
    """The query with `email`, or with only its alias."""
    if "email" in query:
        query.pop("address", None)
    return query if "address" in query else {"email": "ada@example.com", **query}


def a_template(_value: str) -> str:
    """The existing template."""
    return TEMPLATE


def later(value: str) -> str:
    """The same day in a distant year."""
    return "2090" + value[4:]


def a_domain(value: str) -> str:
    """A free name, different for each value."""
    return f"{hashlib.sha256(value.encode()).hexdigest()[:20]}.example.com"


def _record_for_an_address(body: dict[str, Any]) -> None:
    """Record an event or a purchase of an address, now, in whole units: no schema knows the time or a currency's decimals."""
    body.setdefault("email", "ada@example.com")
    for name in ("message_id", "timestamp"):
        body.pop(name, None)
    if "amount" in body:
        body["amount"] = int(body["amount"]) or 1


# By field: the pattern of valid values, and the value to use instead.
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


def _use_existing_references(case: Any) -> None:
    """Ids within a valid body: unknown references are removed, an A/B test gets a new draft, an automation gets valid steps."""
    for name in REFERENCES:
        if isinstance(case.body.get(name), str) and ID.fullmatch(case.body[name]):
            case.body.pop(name)
    if case.path == "/v1/ab-tests" and isinstance(case.body.get("campaign_id"), str) and ID.fullmatch(case.body["campaign_id"]):
        case.body["campaign_id"] = _made("campaigns", CAMPAIGN)
    if isinstance(case.body.get("trigger_type"), str) or isinstance(case.body.get("trigger_config"), dict):
        case.body.pop("trigger_config", None)
        named = case.body.get("trigger_type", WITHOUT_SETTINGS)
        case.body["trigger_type"] = WITHOUT_SETTINGS if isinstance(named, str) and named in TRIGGERS else named
    for step in case.body["steps"] if isinstance(case.body.get("steps"), list) else ():
        _use_references_in_step(step)


def _use_references_in_step(step: Any) -> None:
    if not isinstance(step, dict):
        return
    if isinstance(step.get("template_id"), str) and ID.fullmatch(step["template_id"]):
        step["template_id"] = TEMPLATE
    if step.get("type") == "condition" and isinstance(step.get("field"), str) and step["field"]:
        step["field"] = RULE["field"]  # a contact has this field, unlike most texts
    for name in ("then", "else"):
        if isinstance(step.get(name), int | float):
            step[name] = "exit"


def _use_working_login(body: dict[str, Any]) -> None:
    """Replace valid servers and passwords by those of the running mail servers."""
    if all(_is_similar(body[name], value) for name, value in LOGIN.items()) and str(body.get("email")).isascii():
        body |= LOGIN


def _is_similar(value: Any, meant: Any) -> bool:
    """Whether a value has the type of the other one and is not empty; 993.0 is a whole number in JSON."""
    return bool(value) and (isinstance(value, type(meant)) or (isinstance(meant, int) and isinstance(value, float) and value.is_integer()))


def _sign_in() -> str:
    body = json.dumps({"email": "operator@localhost", "password": "correct horse battery staple"}).encode()
    request = urllib.request.Request(f"{URL}/api/session", data=body, headers={"Content-Type": "application/json"})  # noqa: S310  # http to this machine
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # as above
        cookie: str = answer.headers["Set-Cookie"]
    return cookie.partition("=")[2].partition(";")[0]


@cache
def _existing(resource: str, name: str) -> str:
    """The id of a resource that is created once in a run."""
    return _made(resource, {"name": name} | (STATIC if resource == "segments" else {}))


def _made(resource: str, body: dict[str, Any]) -> str:
    """Create a resource and return its id."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{URL}/api/v1/{resource}", data=json.dumps(body).encode(), headers=headers)  # noqa: S310  # http to this machine
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # as above
        created_id: str = json.load(answer)[resource.removesuffix("s")]["id"]
    return created_id
