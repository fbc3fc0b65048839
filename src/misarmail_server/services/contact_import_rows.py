"""Rows of an import, validated one by one: an invalid row is reported, and the others are imported.

The rules are those of `ContactCreate` in the contract, which cannot check them itself: it would refuse the whole import.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from typing_extensions import TypeIs

from misarmail_server.services import email_addresses
from misarmail_server.services.contact_locales import CANONICAL

CONTROL = re.compile(r"[\x00-\x1f\x7f]").search
NOT_IN_TAGS = re.compile(r"[\x00-\x1f\x7f,;|]").search
NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f"\\]').search
MAX_LENGTH = {"first_name": 100, "last_name": 100, "phone": 50, "company": 200, "source": 100, "timezone": 64, "locale": 64}
MAX_TAG_LENGTH, MAX_NAME_LENGTH, MAX_VALUE_LENGTH, MAX_NUMBER = 64, 100, 1_000, 2**53 - 1
MAX_TAGS, MAX_FIELDS = 50, 100
STATUSES = frozenset({"subscribed", "unsubscribed", "bounced", "complained"})
ALIASES = {"firstName": "first_name", "lastName": "last_name", "customFields": "custom_fields"}
FIELD_NAMES = frozenset({"email", "tags", "custom_fields", "status", *MAX_LENGTH})


class ImportRow(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """A valid row; absent values are None or empty. The address is in lower case."""

    line: int
    email: str
    fields: dict[str, str]  # the standard text fields
    status: str | None
    tags: list[str]
    custom: dict[str, Any]


class BadRow(Struct, frozen=True, array_like=True, tag=True, gc=False, order=True):
    """A row that is not imported."""

    line: int
    email: str | None
    reason: str


def is_bad(row: ImportRow | BadRow) -> TypeIs[BadRow]:
    """Whether a row is not imported."""
    return type(row) is BadRow


def validate_row(line: int, values: Mapping[str, Any]) -> ImportRow | BadRow:
    """Validate the values of a row, named as in the contract; null counts as absent."""
    try:
        email, status = _email(values.get("email")), _status(values.get("status"))
        fields = {name: _text(name, value) for name, value in values.items() if name in MAX_LENGTH and value is not None}
        return ImportRow(line, email, fields, status, _tags(values.get("tags")), _custom(values.get("custom_fields")))
    except ValueError as error:
        email_value = values.get("email")
        return BadRow(line, email_value[:254] if isinstance(email_value, str) and email_value else None, str(error))


def from_json(line: int, item: Mapping[str, Any]) -> ImportRow | BadRow:
    """A row of a JSON import, with field names in either spelling."""
    values: dict[str, Any] = {}
    for name, value in item.items():
        field = ALIASES.get(name, name)
        if field not in FIELD_NAMES:
            return BadRow(line, None, f"Unknown field {name[:MAX_NAME_LENGTH]}")
        if field in values:
            return BadRow(line, None, f"{name[:MAX_NAME_LENGTH]} is given twice")
        values[field] = value
    return validate_row(line, values)


def _email(value: Any) -> str:
    if not value:
        raise ValueError("email is required")
    if isinstance(value, str):
        email = email_addresses.key(value)
        if email_addresses.ADDRESS(email):
            return email
    raise ValueError("email must be an e-mail address")


def _status(value: Any) -> str | None:
    if value is None or (isinstance(value, str) and value in STATUSES):
        return value
    raise ValueError(f"status must be one of {', '.join(sorted(STATUSES))}")


def _text(name: str, value: Any) -> str:
    text = _line(name, value)
    return CANONICAL[name](text) if text and name in CANONICAL else text


def _line(name: str, value: Any) -> str:
    if type(value) is str and len(value) <= MAX_LENGTH[name] and value.isprintable():  # the common case
        return value
    if not isinstance(value, str):
        raise ValueError(f"{name} must be text")  # noqa: TRY004 - the error of a row, not of the program
    if len(value) > MAX_LENGTH[name]:
        raise ValueError(f"{name} must have at most {MAX_LENGTH[name]} characters")
    if CONTROL(value):
        raise ValueError(f"{name} must be one line without control characters")
    return value


def _tags(value: Any) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > MAX_TAGS:
        raise ValueError(f"tags must be a list of at most {MAX_TAGS}")
    for tag in value:
        if not isinstance(tag, str) or not 0 < len(tag) <= MAX_TAG_LENGTH or NOT_IN_TAGS(tag):
            raise ValueError(f"tags must be text of 1 to {MAX_TAG_LENGTH} characters on one line, without commas, semicolons and bars")
    return value


def _custom(fields: Any) -> dict[str, Any]:
    if fields is None:
        return {}
    if not isinstance(fields, dict) or len(fields) > MAX_FIELDS:
        raise ValueError(f"custom_fields must be an object of at most {MAX_FIELDS} fields")
    for name, value in fields.items():
        if not is_field_name(name):
            raise ValueError(f"custom_fields: {name[:MAX_NAME_LENGTH]!r} is not a valid field name")
        if not _is_value(value):
            raise ValueError(
                f"custom_fields.{name} must be text on one line of at most {MAX_VALUE_LENGTH} characters, a number, true or false"
            )
    return fields


def is_field_name(name: str) -> bool:
    """Whether a custom field may have that name."""
    return 0 < len(name) <= MAX_NAME_LENGTH and not NOT_IN_NAMES(name)


def _is_value(value: Any) -> bool:
    match value:
        case str():
            return len(value) <= MAX_VALUE_LENGTH and (value.isprintable() or not CONTROL(value))
        case bool() | None:
            return True
        case int() | float():
            return -MAX_NUMBER <= value <= MAX_NUMBER
        case _:
            return isinstance(value, list | dict)  # only some declared fields have them, which is checked when the row is stored
