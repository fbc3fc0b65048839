"""A segment's rules as SQL conditions: names are looked up in tables here, values are always bound.

Cost on many contacts: `equals`, `in` and `starts_with` on email and names, `equals` on status, tags, and created_at use an index; every
other rule examines each contact that the indexed rules leave: about 4 us each on a custom field, 0.3 us on a column. Rules on behavior are
in `segment_behaviors`.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import cast

import msgspec
from msgspec import UNSET
from sqlalchemy import and_, exists, false, func, not_, or_, select

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.db import tables
from misarmail_server.errors import Invalid
from misarmail_server.events import topics
from misarmail_server.services import contact_field_values, segment_behaviors, segment_comparisons
from misarmail_server.services.contact_field_values import Declared
from misarmail_server.services.segment_behaviors import BehaviorRules, require_parts
from misarmail_server.services.segment_comparisons import Condition, JsonValue
from misarmail_server.services.segment_operands import FIELD, ParsedRule, Scalar

MAX_DEPTH, MAX_COUNT = 5, 50
MAX_NESTED, MAX_TOTAL = 5, 500  # segments within segments, and the rules of all of them
STATUSES = ("subscribed", "unsubscribed", "bounced", "complained")
BY_TYPE = frozenset({"equals", "in", "greater_than", "less_than"})
NEAR = 0.85  # similarity of names above which one is probably a misspelling of the other
CUSTOM, IN_SEGMENT, IN_TOPIC = "custom_fields.", "in_segment", "in_topic"
MANY_TAGGED = 30_000  # above this, of a million contacts, a list of tagged contacts costs a preview more than testing each contact
contact = tables.Contact
FOLDED = {"email": contact.email, "first_name": contact.first_key, "last_name": contact.last_key, "company": contact.company_key}
LOWERED = {"phone": contact.phone, "source": contact.source, "timezone": contact.timezone, "locale": contact.locale}
TIMES = {"created_at": contact.created_at, "updated_at": contact.updated_at}
FIELDS = (*FOLDED, *LOWERED, *TIMES, "status", "tags")


def compile_rules(
    ctx: Context, criteria: models.SegmentCriteria, segment_id: str | None = None, *, is_count: bool = False, parameter: str = FIELD
) -> Condition:
    """The condition of the criteria on the account's `tables.Contact`. Raises Invalid on `parameter` naming the wrong rule.

    `segment_id` is the segment that they will belong to: it must not contain itself, so the segments that it contains are locked.
    `is_count` chooses the form that counts all contacts soonest; the other gives the first ones soonest.
    """
    checks_names = segment_id is not None or parameter != FIELD
    compilation = _Compilation(
        ctx, contact_field_values.declared(ctx), is_new=segment_id is not None, is_count=is_count, checks_names=checks_names
    )
    try:
        return _RuleCompiler(compilation, () if segment_id is None else (segment_id,)).criteria(criteria)
    except Invalid as refusal:
        raise Invalid(parameter, refusal.reason) from None


def compile_each(ctx: Context, criteria: models.SegmentCriteria) -> list[Condition]:
    """The condition of each of the outermost rules. Raises as `compile_rules`."""
    return _RuleCompiler(_Compilation(ctx, contact_field_values.declared(ctx)), ()).each(criteria.rules, "", 1)


def require_field(field: str, parameter: str, path: str) -> None:
    """Raise Invalid for a field that contacts do not have; any custom field is one."""
    name = field.removeprefix(CUSTOM)
    is_custom = field.startswith(CUSTOM) and name and not any(sign in name for sign in '"\\')
    if not is_custom and field not in FIELDS:
        raise Invalid(parameter, f"{path}: {_unknown_field(field, FIELDS)}")


@dataclass(slots=True)
class _Compilation:
    """The state that the compilers of a segment and of those that it contains share. `total` counts the rules of all of them."""

    ctx: Context
    declared: Declared
    is_new: bool = False
    is_count: bool = False
    checks_names: bool = False  # whether names that are nearly those of declared fields are refused
    total: int = 0


class _RuleCompiler:
    """Compiles one set of criteria; it counts their rules. `containing` are the segments that contain it, from the outermost on."""

    def __init__(self, compilation: _Compilation, containing: tuple[str, ...]) -> None:
        self._compilation = compilation
        self._ctx = compilation.ctx
        self._is_sqlite = self._ctx.connection.dialect.name == "sqlite"
        self._containing = containing
        self._count = 0

    def criteria(self, criteria: models.SegmentCriteria) -> Condition:
        """The condition of all criteria."""
        return self._group(criteria.operator, criteria.rules, "", 1)

    def _group(self, operator: str, rules: list[models.SegmentRule], path: str, depth: int) -> Condition:
        """All or any of several rules."""
        if depth > MAX_DEPTH:
            raise Invalid(FIELD, f"{path.strip('.')}: groups can be nested at most {MAX_DEPTH} deep")
        conditions = self.each(rules, path, depth)
        return and_(*conditions) if operator == "AND" else or_(*conditions)

    def each(self, rules: list[models.SegmentRule], path: str, depth: int) -> list[Condition]:
        """The condition of each rule."""
        return [self._rule(rule, f"{path}rules.{number}", depth) for number, rule in enumerate(rules)]

    def _rule(self, rule: models.SegmentRule, path: str, depth: int) -> Condition:
        self._count += 1
        self._compilation.total += 1
        if self._count > MAX_COUNT:
            raise Invalid(FIELD, f"Has more than {MAX_COUNT} rules and groups")
        if self._compilation.total > MAX_TOTAL:
            raise Invalid(FIELD, f"Has more than {MAX_TOTAL} rules and groups with those of the segments that it contains")
        if rule.operator in {"AND", "OR"}:
            assert rule.rules is not UNSET  # the schema requires it
            require_parts(rule, ParsedRule(rule, "a group", path), frozenset())
            return self._group(rule.operator, rule.rules, f"{path}.", depth + 1)
        assert rule.field_ is not UNSET  # as above
        return self._condition(rule, ParsedRule(rule, rule.field_, path))

    def _condition(self, rule: models.SegmentRule, parsed: ParsedRule) -> Condition:
        if parsed.field in segment_behaviors.FIELDS:
            return BehaviorRules(self._ctx, self._compilation.is_count).condition(rule, parsed)
        require_parts(rule, parsed, frozenset())
        return segment_comparisons.negatable(parsed, self._positive)

    def _positive(self, rule: ParsedRule, operator: str) -> Condition:
        field = rule.field
        if field in FOLDED:
            return segment_comparisons.indexed(rule, operator, FOLDED[field], is_nullable=field != "email")
        if field in LOWERED:
            return segment_comparisons.text(rule, operator, func.lower(LOWERED[field]))
        if field in TIMES:
            return segment_comparisons.time(rule, operator, TIMES[field], is_sqlite=self._is_sqlite)
        if field in {"status", "tags"}:
            return _status(rule, operator) if field == "status" else self._tags(rule, operator)
        if field in {IN_SEGMENT, IN_TOPIC}:
            return self._in_segments(rule, operator) if field == IN_SEGMENT else self._in_topics(rule, operator)
        if not field.startswith(CUSTOM):
            raise Invalid(FIELD, f"{rule.path}: {_unknown_field(field, (*FIELDS, IN_SEGMENT, IN_TOPIC, *segment_behaviors.FIELDS))}")
        require_field(field, FIELD, rule.path)
        return self._custom(rule, operator)

    def _custom(self, rule: ParsedRule, operator: str) -> Condition:
        """A rule on a custom field, in the spelling of its declaration, by type and with its default."""
        name = rule.field.removeprefix(CUSTOM)
        declared = self._compilation.declared
        field = declared.get(name.lower())
        if field is None:
            if self._compilation.checks_names:
                self._refuse_near_miss(rule, name)
            return JsonValue(contact.custom_json, name, is_sqlite=self._is_sqlite).matches(rule, operator)
        if field.type in {"number", "boolean"} and operator in BY_TYPE:
            rule.convert(partial(_by_type, field.type))
        is_date = field.type == "date"
        value = JsonValue(contact.custom_json, field.name, is_sqlite=self._is_sqlite, default=field.default, is_date=is_date)
        return value.matches(rule, operator)

    def _refuse_near_miss(self, rule: ParsedRule, name: str) -> None:
        """Refuse a field that no contact has and whose name is nearly that of a declared one."""
        declared, known = self._compilation.declared, tables.ContactField
        near = get_close_matches(name.lower(), declared, n=1, cutoff=NEAR)
        is_known = select(known.name).where(known.account_id == self._ctx.account_id, known.name == name)
        if near and self._ctx.connection.scalar(is_known) is None:
            raise Invalid(FIELD, f"{rule.path}: Unknown field {rule.field}; did you mean {CUSTOM}{declared[near[0]].name}?")

    def _tags(self, rule: ParsedRule, operator: str) -> Condition:
        """A rule on tags. A frequent tag is tested per contact, a rare one is looked up: PostgreSQL chooses itself, SQLite cannot."""
        tag = tables.ContactTag
        if operator == "is_empty":
            rule.require_no_value()
            return not_(exists().where(tag.contact_id == contact.id))
        if operator not in {"equals", "contains", "in", "starts_with"}:
            rule.refuse_operator()
        if operator == "starts_with":
            matching = segment_comparisons.starts(tag.tag_key, rule.text().lower())
        else:
            matching = tag.tag_key.in_(rule.texts() if operator == "in" else [rule.text().lower()])
        # Not `contact.account_id`: a subquery that refers to the outer row is executed for each row.
        tagged = select(tag.contact_id).where(tag.account_id == self._ctx.account_id, matching)
        if self._is_sqlite and not self._compilation.is_count and self._ctx.connection.scalar(tagged.offset(MANY_TAGGED).limit(1)):
            return exists().where(tag.contact_id == contact.id, matching)
        return contact.id.in_(tagged)

    def _in_segments(self, rule: ParsedRule, operator: str) -> Condition:
        """Contacts of other segments."""
        if operator not in {"equals", "in"}:
            rule.refuse_operator()
        ids = [rule.text()] if operator == "equals" else rule.ids()
        return or_(*(self._in_segment(rule, id_) for id_ in ids))

    def _in_topics(self, rule: ParsedRule, operator: str) -> Condition:
        """Contacts who are subscribed to topics."""
        if operator not in {"equals", "in"}:
            rule.refuse_operator()
        ids = [rule.text()] if operator == "equals" else rule.ids()
        topic = tables.Topic
        own = select(topic.id, topic.default).where(topic.account_id == self._ctx.account_id, topic.id.in_(ids))
        defaults = {row.id: row.default for row in self._ctx.connection.execute(own)}
        unknown = [id_ for id_ in ids if id_ not in defaults]
        if unknown:
            raise Invalid(FIELD, f"{rule.path}: There is no topic {unknown[0]}")
        return or_(*(topics.receives(id_, defaults[id_]) for id_ in ids))

    def _in_segment(self, rule: ParsedRule, id_: str) -> Condition:
        if id_ in self._containing:
            raise Invalid(FIELD, f"{rule.path}: The segment {id_} would contain itself")
        if len(self._containing) > MAX_NESTED:
            raise Invalid(FIELD, f"{rule.path}: Segments can contain each other at most {MAX_NESTED} deep")
        segment = tables.Segment
        own = self._ctx.own(segment).where(segment.id == id_)
        row = self._ctx.db.scalar(own.with_for_update(read=True) if self._compilation.is_new else own)
        if row is None:
            raise Invalid(FIELD, f"{rule.path}: There is no segment {id_}")
        if row.criteria_json is None:
            member = tables.SegmentMember
            return contact.id.in_(select(member.contact_id).where(member.segment_id == id_))
        criteria = msgspec.json.decode(row.criteria_json, type=models.SegmentCriteria)
        try:
            return _RuleCompiler(self._compilation, (*self._containing, id_)).criteria(criteria)
        except Invalid as refusal:
            raise Invalid(FIELD, f"{rule.path}: in the segment {id_}: {refusal.reason}") from None


def _unknown_field(field: str, known: tuple[str, ...]) -> str:
    """The sentence for a field that rules do not have, with the one that was probably meant: a similar name, or a custom field."""
    near = get_close_matches(field.lower(), known, n=1)
    name = near[0] if near else f"{CUSTOM}{field}" if field.isidentifier() else ""
    return f"Unknown field {field}" + (f"; did you mean {name}?" if name else "")


def _by_type(type_: str, value: Scalar) -> Scalar:
    """The value of a rule as a declared field has it; a value of another type stays, and matches as text."""
    try:
        return cast("Scalar", contact_field_values.converted(type_, value))
    except ValueError:
        return value


def _status(rule: ParsedRule, operator: str) -> Condition:
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
