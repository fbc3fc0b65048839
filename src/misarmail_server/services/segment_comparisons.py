"""Comparisons of a segment's rules as SQL conditions: columns of texts and times, and values in JSON. Values are always bound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import JSON, ColumnElement, Float, Integer, Text, and_, case, cast, false, func, not_, or_

from misarmail_server.context import DAY
from misarmail_server.services import segment_times
from misarmail_server.services.segment_operands import ParsedRule, Scalar, parse_time

LAST_CHARACTER = "\U0010ffff"
NUMBER = r"^[+-]?[0-9]{1,200}(\.[0-9]{1,200})?([eE][+-]?[0-9]{1,2})?$"  # bounded so that every match is a valid float
NEGATED = {"not_equals": "equals", "not_contains": "contains", "not_in": "in", "is_not_empty": "is_empty", "did_not": "did"}
ON_TIMES = frozenset({"before", "after", "greater_than", "less_than"})

Condition = ColumnElement[bool]


def negatable(rule: ParsedRule, positive: Callable[[ParsedRule, str], Condition]) -> Condition:
    """The condition of a rule; negative operators negate the positive ones and also match where there is no value."""
    operator = NEGATED.get(rule.operator)
    if operator is not None:
        return not_(func.coalesce(positive(rule, operator), false()))
    return positive(rule, rule.operator)


def text(rule: ParsedRule, operator: str, column: Any, *, is_nullable: bool = True) -> Condition:
    """A rule on text in lower case."""
    if operator == "is_empty":
        rule.require_no_value()
        return or_(column.is_(None), column == "") if is_nullable else false()
    if operator == "in":
        within: Condition = column.in_(rule.texts())
        return within
    compare = TEXT.get(operator)
    if compare is None:
        rule.refuse_operator()
    return compare(column, rule.text().lower())


def indexed(rule: ParsedRule, operator: str, column: Any, *, is_nullable: bool) -> Condition:
    """As `text`, on a column whose index is ordered by code point."""
    if operator == "starts_with":
        return starts(column, rule.text().lower())
    return text(rule, operator, column, is_nullable=is_nullable)


def starts(column: Any, beginning: str) -> Condition:
    """Whether a text starts so, in a form that an index serves."""
    return and_(column >= beginning, column < beginning + LAST_CHARACTER)


TEXT: dict[str, Callable[[Any, str], Condition]] = {
    "equals": lambda column, value: column == value,
    "contains": lambda column, value: column.contains(value, autoescape=True),
    "starts_with": lambda column, value: column.startswith(value, autoescape=True),
    "ends_with": lambda column, value: column.endswith(value, autoescape=True),
}


def time(rule: ParsedRule, operator: str, column: Any, *, is_sqlite: bool) -> Condition:
    """A rule on a column of instants, which always has a value."""
    if operator == "is_empty":
        rule.require_no_value()
        return false()
    if operator == "anniversary":
        days = func.to_date("1970-01-01", "YYYY-MM-DD") + cast(column // DAY, Integer)  # not `to_timestamp`, which has a time zone
        day = func.strftime("%m-%d", column // 1_000, "unixepoch") if is_sqlite else func.to_char(days, "MM-DD")
        is_then: Condition = day.in_(rule.days_of_year())
        return is_then
    if operator not in ON_TIMES:
        rule.refuse_operator()
    return _sized(operator, column, rule.time())


class JsonValue:
    """One value of a JSON object: compared as text, number or boolean, depending on the rule's value, or as an instant.

    `default` stands for a missing value, unless it is None; with `is_date`, equality and order are those of instants where the rule's value
    is a time.
    """

    def __init__(self, column: Any, name: str, *, is_sqlite: bool, default: Any = None, is_date: bool = False) -> None:
        self._is_date = is_date
        if is_sqlite:
            path = f'$."{name}"'
            as_text, self._json = column.op("->>")(path), column.op("->")(path)
            kind = func.json_type(column, path)
            as_text = case((kind.in_(["true", "false"]), kind), else_=as_text)  # SQLite would give 1 and 0
        else:
            as_text, self._json = (cast(column, JSON).op(operator)(name) for operator in ("->>", "->"))
            kind = func.json_typeof(self._json)
        if default is not None:
            as_text, self._json, kind = _with_default(as_text, self._json, kind, default)
        self._text = cast(as_text, Text)
        # Also text that is a number, as CSV gives it; otherwise NULL. A cast alone would fail or return 0.
        is_number = and_(kind.in_(["text", "string"]), self._text.regexp_match(NUMBER))
        self._number = case((or_(kind.in_(["integer", "real", "number"]), is_number), cast(as_text, Float(53))), else_=None)

    def matches(self, rule: ParsedRule, operator: str) -> Condition:
        """The condition of a rule with a positive operator. Raises Invalid for an operator or a value that does not fit."""
        if operator in {"greater_than", "less_than"} and not rule.is_relative and not self._is_date:
            return _sized(operator, self._number, rule.number())
        if operator in ON_TIMES:
            return _sized(operator, segment_times.milliseconds(self._text), rule.time())
        if operator == "anniversary":
            return self._text.regexp_match(segment_times.TIME) & func.substr(self._text, 6, 5).in_(rule.days_of_year())
        if operator in {"equals", "in"}:
            same = self._same_time if self._is_date else self._same
            return or_(*(same(value) for value in (rule.values() if operator == "in" else [rule.scalar()])))
        return text(rule, operator, func.lower(self._text))

    def _same_time(self, value: Scalar) -> Condition:
        """Whether it is the same instant; a value that is not a time is compared as text."""
        time = parse_time(value) if isinstance(value, str) else None
        if time is None:
            return self._same(value)
        same: Condition = segment_times.milliseconds(self._text) == time
        return same

    def _same(self, value: Scalar) -> Condition:
        if isinstance(value, bool):
            condition: Condition = cast(self._json, Text) == ("true" if value else "false")
        elif isinstance(value, str):
            condition = func.lower(self._text) == value.lower()
        else:
            condition = self._number == float(value)
        return condition


def _with_default(as_text: Any, as_json: Any, kind: Any, default: Any) -> tuple[Any, Any, Any]:
    """Text, JSON and kind of a value, or those of the default."""
    encoded = msgspec.json.encode(default).decode()
    names = {str: "text", bool: encoded, int: "integer", float: "real", list: "array", dict: "object"}
    written = default if isinstance(default, str) else encoded
    texts = (func.coalesce(cast(as_text, Text), written), func.coalesce(cast(as_json, Text), encoded))
    return (*texts, func.coalesce(kind, names[type(default)]))


def _sized(operator: str, column: Any, value: float | str) -> Condition:
    condition: Condition = column > value if operator in {"greater_than", "after"} else column < value
    return condition
