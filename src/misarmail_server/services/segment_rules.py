"""A segment's rules as SQL conditions: names are looked up here, values are only ever bound.

What a rule costs on many contacts: `equals`, `in` and `starts_with` on email and names, `equals` on status, tags, and created_at have an
index; every other rule looks at each contact that the indexed ones beside it leave: some 4 us each on a custom field, 0.3 us on a column.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NoReturn

from msgspec import UNSET
from sqlalchemy import JSON, ColumnElement, Float, Text, and_, case, cast, exists, false, func, not_, or_, select

from misarmail_contract import models
from misarmail_server.context import Context, moment
from misarmail_server.db import tables
from misarmail_server.errors import Invalid

MAX_DEPTH, MAX_COUNT = 5, 50
FIELD = "filter_criteria"
STATUSES = ("subscribed", "unsubscribed", "bounced", "complained")
LAST = "\U0010ffff"
CUSTOM = "custom_fields."
NUMBER = r"^[+-]?[0-9]{1,200}(\.[0-9]{1,200})?([eE][+-]?[0-9]{1,2})?$"  # so bounded, none is too large or too small for a float
COMMON = 30_000  # contacts with a tag: about where, of a million, a list of them costs a preview as much as asking contacts one by one
NEGATED = {"not_equals": "equals", "not_contains": "contains", "not_in": "in", "is_not_empty": "is_empty"}
contact = tables.Contact
FOLDED = {"email": contact.email, "first_name": contact.first_key, "last_name": contact.last_key, "company": contact.company_key}
LOWERED = {"phone": contact.phone, "source": contact.source}
TIMES = {"created_at": contact.created_at, "updated_at": contact.updated_at}

Condition = ColumnElement[bool]


def compile_rules(ctx: Context, criteria: models.SegmentCriteria) -> Condition:
    """The condition on the account's `tables.Contact` that criteria are. Raises Invalid("filter_criteria") naming the wrong rule."""
    return _RuleCompiler(ctx).group(criteria.operator, criteria.rules, "", 1)


class _RuleCompiler:
    """One reading of criteria; it counts their rules."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._is_sqlite = ctx.connection.dialect.name == "sqlite"
        self._count = 0

    def group(self, operator: str, rules: list[models.SegmentRule], place: str, depth: int) -> Condition:
        """All or any of some rules."""
        if depth > MAX_DEPTH:
            raise Invalid(FIELD, f"{place.strip('.')}: groups stand in groups up to {MAX_DEPTH} deep")
        conditions = [self._rule(rule, f"{place}rules.{number}", depth) for number, rule in enumerate(rules)]
        return and_(*conditions) if operator == "AND" else or_(*conditions)

    def _rule(self, rule: models.SegmentRule, place: str, depth: int) -> Condition:
        self._count += 1
        if self._count > MAX_COUNT:
            raise Invalid(FIELD, f"Has more than {MAX_COUNT} rules and groups")
        if rule.operator in {"AND", "OR"}:
            if rule.rules is UNSET or rule.field_ is not UNSET or rule.value is not UNSET:
                raise Invalid(FIELD, f"{place}: a group has operator and rules, and nothing else")
            return self.group(rule.operator, rule.rules, f"{place}.", depth + 1)
        if rule.field_ is UNSET or rule.rules is not UNSET:
            raise Invalid(FIELD, f"{place}: a rule has field, operator and value; {rule.operator} is no operator of a group")
        return self._compared(_Asked(rule, rule.field_, place))

    def _compared(self, asked: _Asked) -> Condition:
        """The condition of a rule; the negative operators are the opposite of the positive ones, and match who has no value."""
        positive = NEGATED.get(asked.operator)
        if positive is not None:
            return not_(func.coalesce(self._positive(asked, positive), false()))
        return self._positive(asked, asked.operator)

    def _positive(self, asked: _Asked, operator: str) -> Condition:
        field = asked.field
        if field in FOLDED:
            return _indexed(asked, operator, FOLDED[field], is_nullable=field != "email")
        if field in LOWERED:
            return _text(asked, operator, func.lower(LOWERED[field]))
        if field in TIMES:
            return _time(asked, operator, TIMES[field])
        if field in {"status", "tags"}:
            return _status(asked, operator) if field == "status" else self._tags(asked, operator)
        name = field.removeprefix(CUSTOM)
        if not field.startswith(CUSTOM) or not name or any(sign in name for sign in '"\\'):
            raise Invalid(FIELD, f"{asked.location}: {field} is no field of a contact")
        return self._custom(asked, operator, name)

    def _custom(self, asked: _Asked, operator: str, name: str) -> Condition:
        """A rule of a custom field: as text, as a number, or true and false, by the rule's value."""
        if self._is_sqlite:
            path = f'$."{name}"'
            as_text, as_json = contact.custom_json.op("->>")(path), contact.custom_json.op("->")(path)
        else:
            as_text, as_json = (cast(contact.custom_json, JSON).op(one)(name) for one in ("->>", "->"))
        text, number = cast(as_text, Text), self._number(as_text, as_json, name)
        if operator in {"greater_than", "less_than"}:
            return _sized(operator, number, asked.number())
        if operator in {"before", "after"}:
            return _sized(operator, text, asked.text())
        if operator == "in":
            return or_(*(_same(one, text, number, as_json) for one in asked.values()))
        if operator == "equals":
            return _same(asked.scalar(), text, number, as_json)
        return _text(asked, operator, func.lower(text))

    def _tags(self, asked: _Asked, operator: str) -> Condition:
        """A rule of tags. Many contacts are each asked for the tag, few are looked up from it: PostgreSQL chooses itself, SQLite cannot."""
        tag = tables.ContactTag
        if operator == "is_empty":
            asked.nothing()
            return not_(exists().where(tag.contact_id == contact.id))
        if operator not in {"equals", "contains", "in", "starts_with"}:
            asked.unusable()
        if operator == "starts_with":
            matching = _starts(tag.tag_key, asked.text().lower())
        else:
            matching = tag.tag_key.in_(asked.texts() if operator == "in" else [asked.text().lower()])
        # Not `contact.account_id`: a subquery that names the outer row is run anew for each.
        tagged = select(tag.contact_id).where(tag.account_id == self._ctx.account_id, matching)
        if self._is_sqlite and self._ctx.connection.scalar(tagged.offset(COMMON).limit(1)):
            return exists().where(tag.contact_id == contact.id, matching)
        return contact.id.in_(tagged)

    def _number(self, as_text: Any, as_json: Any, name: str) -> Any:
        """The value as a number where it is one, also as text, which is what CSV gives; NULL otherwise. A cast alone fails or says 0."""
        kind = func.json_type(contact.custom_json, f'$."{name}"') if self._is_sqlite else func.json_typeof(as_json)
        reads_so = and_(kind.in_(["text", "string"]), cast(as_text, Text).regexp_match(NUMBER))
        return case((or_(kind.in_(["integer", "real", "number"]), reads_so), cast(as_text, Float(53))), else_=None)


class _Asked:
    """A rule with its place, and its value as the kind that an operator needs. Raises Invalid naming place and operator."""

    def __init__(self, rule: models.SegmentRule, field: str, place: str) -> None:
        self.field, self.operator, self.location = field, rule.operator, place
        self._value = rule.value

    def text(self) -> str:
        return self._value if isinstance(self._value, str) else self._refuse("text")

    def number(self) -> float:
        is_number = isinstance(self._value, int | float) and not isinstance(self._value, bool)
        return float(self._value) if is_number else self._refuse("a number")  # type: ignore[arg-type]  # judged above

    def scalar(self) -> str | float | bool:
        return self._refuse("one value") if self._value is UNSET or isinstance(self._value, list) else self._value

    def values(self) -> list[str | int | float | bool]:
        return self._value if isinstance(self._value, list) else self._refuse("a list")

    def texts(self) -> list[str]:
        return [one.lower() if isinstance(one, str) else self._refuse("a list of texts") for one in self.values()]

    def time(self) -> int:
        try:
            time = datetime.fromisoformat(self.text())
        except ValueError:
            self._refuse("a date or a time")
        return moment(FIELD, time if time.tzinfo else time.replace(tzinfo=UTC))

    def nothing(self) -> None:
        if self._value is not UNSET:
            self._refuse("no value")

    def unusable(self) -> NoReturn:
        raise Invalid(FIELD, f"{self.location}: {self.operator} cannot be used with {self.field}")

    def _refuse(self, needed: str) -> NoReturn:
        raise Invalid(FIELD, f"{self.location}: {self.operator} on {self.field} needs {needed}")


def _same(value: str | float | bool, text: Any, number: Any, as_json: Any) -> Condition:  # noqa: FBT001 - a value, not a switch
    if isinstance(value, bool):
        same: Condition = cast(as_json, Text) == ("true" if value else "false")
    elif isinstance(value, str):
        same = func.lower(text) == value.lower()
    else:
        same = number == float(value)
    return same


def _text(asked: _Asked, operator: str, column: Any, *, is_nullable: bool = True) -> Condition:
    if operator == "is_empty":
        asked.nothing()
        return or_(column.is_(None), column == "") if is_nullable else false()
    if operator == "in":
        within: Condition = column.in_(asked.texts())
        return within
    compare = TEXT.get(operator)
    if compare is None:
        asked.unusable()
    return compare(column, asked.text().lower())


def _indexed(asked: _Asked, operator: str, column: Any, *, is_nullable: bool) -> Condition:
    """As `_text`, of a column whose index is in the order of its characters."""
    if operator == "starts_with":
        return _starts(column, asked.text().lower())
    return _text(asked, operator, column, is_nullable=is_nullable)


def _starts(column: Any, text: str) -> Condition:
    return and_(column >= text, column < text + LAST)


TEXT: dict[str, Callable[[Any, str], Condition]] = {
    "equals": lambda column, text: column == text,
    "contains": lambda column, text: column.contains(text, autoescape=True),
    "starts_with": lambda column, text: column.startswith(text, autoescape=True),
    "ends_with": lambda column, text: column.endswith(text, autoescape=True),
}


def _sized(operator: str, column: Any, value: float | str) -> Condition:
    found: Condition = column > value if operator in {"greater_than", "after"} else column < value
    return found


def _time(asked: _Asked, operator: str, column: Any) -> Condition:
    if operator == "is_empty":
        asked.nothing()
        return false()
    if operator not in {"before", "after", "greater_than", "less_than"}:
        asked.unusable()
    return _sized(operator, column, asked.time())


def _status(asked: _Asked, operator: str) -> Condition:
    if operator == "is_empty":
        asked.nothing()
        return false()
    if operator not in {"equals", "in"}:
        asked.unusable()
    wanted = [asked.text()] if operator == "equals" else asked.texts()
    unknown = [one for one in wanted if one not in STATUSES]
    if unknown:
        raise Invalid(FIELD, f"{asked.location}: {unknown[0]} is no status; they are {', '.join(STATUSES)}")
    return contact.status.in_(wanted)
