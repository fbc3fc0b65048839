"""A segment's rules as SQL conditions: names are looked up in tables here, values are always bound.

Cost on many contacts: `equals`, `in` and `starts_with` on email and names, `equals` on status, tags, and created_at use an index; every
other rule examines each contact that the indexed rules leave: about 4 us each on a custom field, 0.3 us on a column.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, NoReturn

from msgspec import UNSET
from sqlalchemy import JSON, ColumnElement, Float, Text, and_, case, cast, exists, false, func, not_, or_, select

from misarmail_contract import models
from misarmail_server.context import Context, moment
from misarmail_server.db import tables
from misarmail_server.errors import Invalid
from misarmail_server.services import segment_times

MAX_DEPTH, MAX_COUNT = 5, 50
FIELD = "filter_criteria"
STATUSES = ("subscribed", "unsubscribed", "bounced", "complained")
LAST_CHARACTER = "\U0010ffff"
CUSTOM = "custom_fields."
PARTS_OF_DATE = {4: "-01-01", 7: "-01"}  # what a year and a month lack, by length
NUMBER = r"^[+-]?[0-9]{1,200}(\.[0-9]{1,200})?([eE][+-]?[0-9]{1,2})?$"  # bounded so that every match is a valid float
MANY_TAGGED = 30_000  # above this, of a million contacts, a list of tagged contacts costs a preview more than testing each contact
NEGATED = {"not_equals": "equals", "not_contains": "contains", "not_in": "in", "is_not_empty": "is_empty"}
contact = tables.Contact
FOLDED = {"email": contact.email, "first_name": contact.first_key, "last_name": contact.last_key, "company": contact.company_key}
LOWERED = {"phone": contact.phone, "source": contact.source}
TIMES = {"created_at": contact.created_at, "updated_at": contact.updated_at}

Condition = ColumnElement[bool]


def compile_rules(ctx: Context, criteria: models.SegmentCriteria) -> Condition:
    """The condition of the criteria on the account's `tables.Contact`. Raises Invalid("filter_criteria") naming the wrong rule."""
    return _RuleCompiler(ctx).group(criteria.operator, criteria.rules, "", 1)


def require_field(field: str, parameter: str, path: str) -> None:
    """Raise Invalid for a field that contacts do not have; any custom field is one."""
    name = field.removeprefix(CUSTOM)
    is_custom = field.startswith(CUSTOM) and name and not any(sign in name for sign in '"\\')
    if not is_custom and field not in {*FOLDED, *LOWERED, *TIMES, "status", "tags"}:
        raise Invalid(parameter, f"{path}: {_unknown_field(field)}")


class _RuleCompiler:
    """Compiles one set of criteria; it counts their rules."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._is_sqlite = ctx.connection.dialect.name == "sqlite"
        self._count = 0

    def group(self, operator: str, rules: list[models.SegmentRule], path: str, depth: int) -> Condition:
        """All or any of several rules."""
        if depth > MAX_DEPTH:
            raise Invalid(FIELD, f"{path.strip('.')}: groups can be nested at most {MAX_DEPTH} deep")
        conditions = [self._rule(rule, f"{path}rules.{number}", depth) for number, rule in enumerate(rules)]
        return and_(*conditions) if operator == "AND" else or_(*conditions)

    def _rule(self, rule: models.SegmentRule, path: str, depth: int) -> Condition:
        self._count += 1
        if self._count > MAX_COUNT:
            raise Invalid(FIELD, f"Has more than {MAX_COUNT} rules and groups")
        if rule.operator in {"AND", "OR"}:
            assert rule.rules is not UNSET  # the schema requires it
            return self.group(rule.operator, rule.rules, f"{path}.", depth + 1)
        assert rule.field_ is not UNSET  # as above
        return self._condition(_ParsedRule(rule, rule.field_, path))

    def _condition(self, rule: _ParsedRule) -> Condition:
        """The condition of a rule; negative operators negate the positive ones and also match contacts without a value."""
        positive = NEGATED.get(rule.operator)
        if positive is not None:
            return not_(func.coalesce(self._positive(rule, positive), false()))
        return self._positive(rule, rule.operator)

    def _positive(self, rule: _ParsedRule, operator: str) -> Condition:
        field = rule.field
        if field in FOLDED:
            return _indexed(rule, operator, FOLDED[field], is_nullable=field != "email")
        if field in LOWERED:
            return _text(rule, operator, func.lower(LOWERED[field]))
        if field in TIMES:
            return _time(rule, operator, TIMES[field])
        if field in {"status", "tags"}:
            return _status(rule, operator) if field == "status" else self._tags(rule, operator)
        require_field(field, FIELD, rule.path)
        return self._custom(rule, operator, field.removeprefix(CUSTOM))

    def _custom(self, rule: _ParsedRule, operator: str, name: str) -> Condition:
        """A rule on a custom field: compared as text, number or boolean, depending on the rule's value."""
        if self._is_sqlite:
            path = f'$."{name}"'
            as_text, as_json = contact.custom_json.op("->>")(path), contact.custom_json.op("->")(path)
        else:
            as_text, as_json = (cast(contact.custom_json, JSON).op(json_operator)(name) for json_operator in ("->>", "->"))
        text, number = cast(as_text, Text), self._number(as_text, as_json, name)
        if operator in {"greater_than", "less_than"}:
            return _sized(operator, number, rule.number())
        if operator in {"before", "after"}:
            return _sized(operator, segment_times.milliseconds(as_text), rule.time())
        if operator == "in":
            return or_(*(_same(json_operator, text, number, as_json) for json_operator in rule.values()))
        if operator == "equals":
            return _same(rule.scalar(), text, number, as_json)
        return _text(rule, operator, func.lower(text))

    def _tags(self, rule: _ParsedRule, operator: str) -> Condition:
        """A rule on tags. A frequent tag is tested per contact, a rare one is looked up: PostgreSQL chooses itself, SQLite cannot."""
        tag = tables.ContactTag
        if operator == "is_empty":
            rule.require_no_value()
            return not_(exists().where(tag.contact_id == contact.id))
        if operator not in {"equals", "contains", "in", "starts_with"}:
            rule.refuse_operator()
        if operator == "starts_with":
            matching = _starts(tag.tag_key, rule.text().lower())
        else:
            matching = tag.tag_key.in_(rule.texts() if operator == "in" else [rule.text().lower()])
        # Not `contact.account_id`: a subquery that refers to the outer row is executed for each row.
        tagged = select(tag.contact_id).where(tag.account_id == self._ctx.account_id, matching)
        if self._is_sqlite and self._ctx.connection.scalar(tagged.offset(MANY_TAGGED).limit(1)):
            return exists().where(tag.contact_id == contact.id, matching)
        return contact.id.in_(tagged)

    def _number(self, as_text: Any, as_json: Any, name: str) -> Any:
        """The value as a number if it is one, also as text, as CSV gives it; otherwise NULL. A cast alone would fail or return 0."""
        kind = func.json_type(contact.custom_json, f'$."{name}"') if self._is_sqlite else func.json_typeof(as_json)
        is_number = and_(kind.in_(["text", "string"]), cast(as_text, Text).regexp_match(NUMBER))
        return case((or_(kind.in_(["integer", "real", "number"]), is_number), cast(as_text, Float(53))), else_=None)


def _unknown_field(field: str) -> str:
    """The sentence for a field that rules do not have, with the one that was probably meant: a similar name, or a custom field."""
    near = get_close_matches(field.lower(), (*FOLDED, *LOWERED, *TIMES, "status", "tags"), n=1)
    name = near[0] if near else f"{CUSTOM}{field}" if field.isidentifier() else ""
    return f"Unknown field {field}" + (f"; did you mean {name}?" if name else "")


class _ParsedRule:
    """A rule with its path, and its value in the type that an operator needs. Raises Invalid naming path and operator."""

    def __init__(self, rule: models.SegmentRule, field: str, path: str) -> None:
        self.field, self.operator, self.path = field, rule.operator, path
        self._value = rule.value

    def text(self) -> str:
        return self._value if isinstance(self._value, str) else self._refuse("text")

    def number(self) -> float:
        is_number = isinstance(self._value, int | float) and not isinstance(self._value, bool)
        return float(self._value) if is_number else self._refuse("a number")  # type: ignore[arg-type]  # checked above

    def scalar(self) -> str | float | bool:
        return self._refuse("one value") if self._value is UNSET or isinstance(self._value, list) else self._value

    def values(self) -> list[str | int | float | bool]:
        return self._value if isinstance(self._value, list) else self._refuse("a list")

    def texts(self) -> list[str]:
        return [text.lower() if isinstance(text, str) else self._refuse("a list of texts") for text in self.values()]

    def time(self) -> int:
        text = self.text().upper()  # the letters T and Z may be small
        try:
            time = datetime.fromisoformat(text + PARTS_OF_DATE.get(len(text), ""))
        except ValueError:
            self._refuse("a date or a time")
        return moment(FIELD, time if time.tzinfo else time.replace(tzinfo=UTC))

    def require_no_value(self) -> None:
        if self._value is not UNSET:
            self._refuse("no value")

    def refuse_operator(self) -> NoReturn:
        raise Invalid(FIELD, f"{self.path}: {self.operator} cannot be used with {self.field}")

    def _refuse(self, expected: str) -> NoReturn:
        raise Invalid(FIELD, f"{self.path}: {self.operator} on {self.field} needs {expected}")


def _same(value: str | float | bool, text: Any, number: Any, as_json: Any) -> Condition:  # noqa: FBT001 - a value, not a switch
    if isinstance(value, bool):
        condition: Condition = cast(as_json, Text) == ("true" if value else "false")
    elif isinstance(value, str):
        condition = func.lower(text) == value.lower()
    else:
        condition = number == float(value)
    return condition


def _text(rule: _ParsedRule, operator: str, column: Any, *, is_nullable: bool = True) -> Condition:
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


def _indexed(rule: _ParsedRule, operator: str, column: Any, *, is_nullable: bool) -> Condition:
    """As `_text`, on a column whose index is ordered by code point."""
    if operator == "starts_with":
        return _starts(column, rule.text().lower())
    return _text(rule, operator, column, is_nullable=is_nullable)


def _starts(column: Any, text: str) -> Condition:
    return and_(column >= text, column < text + LAST_CHARACTER)


TEXT: dict[str, Callable[[Any, str], Condition]] = {
    "equals": lambda column, text: column == text,
    "contains": lambda column, text: column.contains(text, autoescape=True),
    "starts_with": lambda column, text: column.startswith(text, autoescape=True),
    "ends_with": lambda column, text: column.endswith(text, autoescape=True),
}


def _sized(operator: str, column: Any, value: float | str) -> Condition:
    condition: Condition = column > value if operator in {"greater_than", "after"} else column < value
    return condition


def _time(rule: _ParsedRule, operator: str, column: Any) -> Condition:
    if operator == "is_empty":
        rule.require_no_value()
        return false()
    if operator not in {"before", "after", "greater_than", "less_than"}:
        rule.refuse_operator()
    return _sized(operator, column, rule.time())


def _status(rule: _ParsedRule, operator: str) -> Condition:
    if operator == "is_empty":
        rule.require_no_value()
        return false()
    if operator not in {"equals", "in"}:
        rule.refuse_operator()
    statuses = [rule.text()] if operator == "equals" else rule.texts()
    unknown = [status for status in statuses if status not in STATUSES]
    if unknown:
        raise Invalid(FIELD, f"{rule.path}: {unknown[0]} is not a status; use {', '.join(STATUSES)}")
    return contact.status.in_(statuses)
