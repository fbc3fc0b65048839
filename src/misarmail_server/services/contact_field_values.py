"""Values of custom fields: those of declared fields are checked by type; others are text, numbers and booleans."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import bindparam, select

from misarmail_server.context import TenantUnit
from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared
from misarmail_server.errors import Invalid
from misarmail_server.services import segment_times
from misarmail_server.services.contact_import_rows import MAX_NUMBER
from misarmail_server.services.segment_comparisons import NUMBER
from misarmail_server.services.segment_operands import parse_time

MAX_JSON_LENGTH, MAX_JSON_DEPTH = 10_000, 8
BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
IS_NUMBER, IS_INTEGER = re.compile(NUMBER).match, re.compile(r"[+-]?[0-9]{1,15}").fullmatch
IS_DATE = re.compile(rf"{segment_times.TIME}|^[0-9]{{4}}(-[0-9]{{2}})?$").match
Custom = dict[str, Any]
FIELD = tables.ContactField
DECLARED = Prepared(
    select(FIELD.declared_key, FIELD.name, FIELD.type, FIELD.default_json).where(
        FIELD.account_id == bindparam("account"), FIELD.declared_key.is_not(None)
    )
)


class DeclaredField(NamedTuple):
    """A declared field; the default is None if there is none."""

    name: str
    type: str
    default: Any


Declared = Mapping[str, DeclaredField]  # by name in lower case


def declared(ctx: TenantUnit) -> Declared:
    """The declared fields of the account."""
    rows = DECLARED.run(ctx.connection, {"account": ctx.account_id}).fetchall()
    return {
        key: DeclaredField(name, type_, None if default is None else msgspec.json.decode(default)) for key, name, type_, default in rows
    }


def defaults(fields: Declared) -> Custom:
    """The defaults of declared fields by name."""
    return {field.name: field.default for field in fields.values() if field.default is not None}


def checked(fields: Declared, values: Mapping[str, Any]) -> Custom:
    """Custom fields by the names of their declarations, with values of their types. Raises ValueError with a sentence."""
    result: Custom = {}
    for given, value in values.items():
        field = fields.get(given.lower())
        name = given if field is None else field.name
        if name in result:
            raise ValueError(f"custom_fields.{name} is given twice")
        try:
            result[name] = _undeclared(value) if field is None else converted(field.type, value)
        except ValueError as error:
            raise ValueError(f"custom_fields.{name} {error}") from error
    return result


def converted(type_: str, value: Any) -> Any:
    """A value of a type; None stays None. Raises ValueError with the end of a sentence."""
    return None if value is None else CONVERSIONS[type_](value)


def _undeclared(value: Any) -> Any:
    if isinstance(value, list | dict):
        raise ValueError("is a list or an object; declare the field with the type json first")  # noqa: TRY004 - the error of a value
    return value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise ValueError("must be text")


def _number(value: Any) -> int | float:
    if isinstance(value, str) and IS_NUMBER(value):
        value = int(value) if IS_INTEGER(value) else float(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and -MAX_NUMBER <= value <= MAX_NUMBER:
        return value
    raise ValueError("must be a number")


def _boolean(value: Any) -> bool:
    if isinstance(value, str) and value.lower() in BOOLEANS:
        return BOOLEANS[value.lower()]
    if isinstance(value, bool):
        return value
    raise ValueError("must be true or false")


def _date(value: Any) -> str:
    try:
        if isinstance(value, str) and IS_DATE(value) and parse_time(value) is not None:
            return value
    except Invalid:  # a year that cannot be stored
        pass
    raise ValueError("must be a date or a timestamp (ISO 8601)")


def _json(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError:
            return value
    if isinstance(value, list | dict):
        _require_plain(value, MAX_JSON_DEPTH)
        if len(msgspec.json.encode(value)) > MAX_JSON_LENGTH:
            raise ValueError(f"must have at most {MAX_JSON_LENGTH:,} characters")
    return value


def _require_plain(value: Any, depth: int) -> None:
    """Raises ValueError for values that a database cannot store or compare."""
    if isinstance(value, list | dict):
        if not depth:
            raise ValueError(f"must have at most {MAX_JSON_DEPTH} levels")
        for part in value if isinstance(value, list) else (*value, *value.values()):
            _require_plain(part, depth - 1)
    elif isinstance(value, str) and "\0" in value:
        raise ValueError("must not contain the character U+0000")
    elif isinstance(value, int | float) and not -MAX_NUMBER <= value <= MAX_NUMBER:
        raise ValueError(f"must have numbers up to {MAX_NUMBER}")


CONVERSIONS: dict[str, Callable[[Any], Any]] = {"text": _text, "number": _number, "boolean": _boolean, "date": _date, "json": _json}
