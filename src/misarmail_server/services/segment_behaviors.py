"""Rules on behavior as SQL conditions: what happened to mail of a contact, tracked events and purchases, by the contact's address.

`behaviors` has one row for each kind and address, with the number of times, the first and the last. It decides most rules; the others
read the events of the addresses that it leaves. A campaign's mail is read from its recipients.

Cost on many contacts: a rule that few match is looked up from the behavior, as is any rule to count all who match; otherwise each contact
is tested.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec import UNSET
from sqlalchemy import JSON, ColumnElement, Select, Text, and_, cast, distinct, exists, false, func, literal_column, not_, or_, select, true

from misarmail_contract import models
from misarmail_server.context import HOUR, Context
from misarmail_server.db import tables
from misarmail_server.errors import Invalid
from misarmail_server.events import behaviors
from misarmail_server.rows.recipient_states import RecipientState
from misarmail_server.services import track_purchases
from misarmail_server.services.segment_comparisons import Condition, JsonValue, negatable
from misarmail_server.services.segment_operands import FIELD, ParsedRule, relative, time_or_none

MANY = 30_000  # of a million contacts: above it, on SQLite, testing each contact costs a preview less than a list of those that match
MAIL = ("email.sent", "email.delivered", "email.opened", "email.clicked", "email.bounced")
FIELDS = (*MAIL, "event", "purchase")
LIMITS = frozenset({"count", "within", "before", "after"})
PARTS = {
    **dict.fromkeys(MAIL, LIMITS | {"campaign_id"}),
    "email.clicked": LIMITS | {"campaign_id", "url"},
    "event": LIMITS | {"name", "properties"},
    "purchase": LIMITS | {"product", "currency", "sum"},
}
ALL_PARTS = frozenset().union(*PARTS.values())
LEFT = {
    "email.sent": (RecipientState.DELIVERED, RecipientState.AMBIGUOUS, RecipientState.BOUNCED),
    "email.delivered": (RecipientState.DELIVERED,),
    "email.bounced": (RecipientState.BOUNCED,),
}
RESPONSES = {"email.opened": -1, "email.clicked": -2}  # see `tables.FirstResponse`
contact, behavior, event, recipient = tables.Contact, tables.Behavior, tables.Event, tables.Recipient


class _Limits(NamedTuple):
    """How often and when: `after` <= time < `before`, both None if unlimited."""

    at_least: int
    at_most: int | None
    after: int | None
    before: int | None

    def contain(self, at: Any) -> Condition:
        return and_(
            true(), *([at >= self.after] if self.after is not None else []), *([at < self.before] if self.before is not None else [])
        )

    @property
    def is_whole_time(self) -> bool:
        return self.after is None and self.before is None


@dataclass(frozen=True, slots=True)
class BehaviorRules:
    """Compiles the rules on behavior of one account; `is_count` says that all contacts that match will be counted."""

    ctx: Context
    is_count: bool = False

    def condition(self, rule: models.SegmentRule, parsed: ParsedRule) -> Condition:
        """The condition of a rule on `tables.Contact`. Raises Invalid naming the rule and its part."""
        if rule.operator not in {"did", "did_not"}:
            raise Invalid(FIELD, f"{parsed.path}: {parsed.field} needs the operator did or did_not")
        parsed.require_no_value()
        require_parts(rule, parsed, PARTS[parsed.field])
        limits = _limits(rule, parsed)
        return negatable(parsed, lambda _, __: self._happened(rule, parsed, limits))

    def _happened(self, rule: models.SegmentRule, parsed: ParsedRule, limits: _Limits) -> Condition:
        """The lower limit holds, and the upper one is not exceeded."""
        conditions = []
        if limits.at_least > 0 or _has_sum(rule):
            conditions.append(self._at_least(rule, parsed, limits, max(limits.at_least, 1)))
        if limits.at_most is not None:
            conditions.append(not_(func.coalesce(self._at_least(rule, parsed, limits, limits.at_most + 1), false())))
        return and_(true(), *conditions)

    def _at_least(self, rule: models.SegmentRule, parsed: ParsedRule, limits: _Limits, count: int) -> Condition:
        if parsed.field == "event":
            return self._tracked(rule, parsed, limits, count)
        if parsed.field == "purchase":
            return self._purchased(rule, parsed, limits, count)
        if rule.campaign_id is not UNSET:
            return self._of_campaign(rule, parsed, limits, count)
        return self._mail(rule, parsed.field, limits, count)

    def _mail(self, rule: models.SegmentRule, field: str, limits: _Limits, count: int) -> Condition:
        """Mail of any message."""
        kind = field.removeprefix("email.")
        if rule.url is UNSET and _is_summarized(limits, count):
            return self._summarized(kind, limits, count)
        mail = _MailEvents(self.ctx.account_id, kind)
        # SQLite's index on lower(recipient) has no affinity, and is not used for a column, which has one.
        times = mail.times(mail.address == contact.email.concat(""), limits, rule.url or None)
        return and_(self._summarized(kind, limits, count), times >= count)

    def _summarized(self, kind: str, limits: _Limits, count: int) -> Condition:
        """What `behaviors` says: exact if `_is_summarized`, else a condition that all who match fulfil."""
        happened = select(behavior.address).where(behavior.account_id == self.ctx.account_id, behavior.kind == kind)
        if limits.after is not None:
            happened = happened.where(behavior.last_at >= limits.after)
        if limits.before is not None:
            happened = happened.where(behavior.first_at < limits.before)
        if count > 1:
            happened = happened.where(behavior.count >= count)
        return self._among(happened, behavior.address)

    def _of_campaign(self, rule: models.SegmentRule, parsed: ParsedRule, limits: _Limits, count: int) -> Condition:
        """Mail of one campaign. Raises Invalid if the account does not have it."""
        campaign = tables.Campaign
        known = select(campaign.message_id).where(campaign.account_id == self.ctx.account_id, campaign.id == rule.campaign_id)
        row = self.ctx.connection.execute(known).one_or_none()
        if row is None:
            raise Invalid(FIELD, f"{parsed.path}.campaign_id: There is no campaign {rule.campaign_id}")
        if row.message_id is None:
            return false()  # it has not begun
        if limits.is_whole_time and count == 1 and rule.url is UNSET:
            return self._among(_states_or_responses(parsed.field, row.message_id), recipient.address)
        mail = _MailEvents(self.ctx.account_id, parsed.field.removeprefix("email."), row.message_id)
        return self._among(mail.addresses(limits, rule.url or None, count), mail.address)

    def _tracked(self, rule: models.SegmentRule, parsed: ParsedRule, limits: _Limits, count: int) -> Condition:
        if rule.name is UNSET:
            raise Invalid(FIELD, f"{parsed.path}.name: Is required for event")
        if rule.properties is UNSET and _is_summarized(limits, count):
            return self._summarized(behaviors.tracked(rule.name), limits, count)
        tracked = tables.TrackedEvent
        matching = [self._property(each, f"{parsed.path}.properties.{number}") for number, each in enumerate(rule.properties or ())]
        query = select(tracked.email).where(
            tracked.account_id == self.ctx.account_id, tracked.event == rule.name, limits.contain(tracked.at)
        )
        query = query.where(*matching)
        if count > 1:
            query = query.group_by(tracked.email).having(func.count() >= count)
        return self._among(query, tracked.email)

    def _property(self, rule: models.SegmentProperty, path: str) -> Condition:
        parsed = ParsedRule(rule, rule.field_, path)
        if any(sign in rule.field_ for sign in '"\\'):
            raise Invalid(FIELD, f"{path}.field: Must not contain quotation marks and backslashes")
        value = JsonValue(tables.TrackedEvent.properties_json, rule.field_, is_sqlite=self._is_sqlite)
        return negatable(parsed, value.matches)

    def _purchased(self, rule: models.SegmentRule, parsed: ParsedRule, limits: _Limits, count: int) -> Condition:
        if not _has_sum(rule) and rule.product is UNSET and rule.currency is UNSET and _is_summarized(limits, count):
            return self._summarized(behaviors.PURCHASED, limits, count)
        purchase = tables.Purchase
        query = select(purchase.email).where(purchase.account_id == self.ctx.account_id, limits.contain(purchase.at))
        if rule.currency is not UNSET:
            query = query.where(purchase.currency == rule.currency)
        if rule.product is not UNSET:
            query = query.where(_has_item(rule.product, is_sqlite=self._is_sqlite))
        limit = [func.count() >= count, *_sums(rule, parsed)]
        return self._among(query.group_by(purchase.email).having(and_(*limit)), purchase.email)

    def _among(self, addresses: Select[Any], address: Any) -> Condition:
        """Contacts whose address is among these. PostgreSQL chooses how itself; SQLite looks up few, and tests each contact for many."""
        is_grouped = bool(addresses._group_by_clauses)  # noqa: SLF001 - there is no public name for it
        if not self._is_sqlite:
            if is_grouped:
                rows = addresses.subquery()
                return exists().where(rows.c[0] == contact.email)
            return addresses.where(address == contact.email).correlate(contact).exists()
        if not self.is_count and not is_grouped and self.ctx.connection.scalar(addresses.offset(MANY).limit(1)) is not None:
            return addresses.where(address == contact.email).correlate(contact).exists()
        return contact.email.in_(addresses)

    @property
    def _is_sqlite(self) -> bool:
        return self.ctx.connection.dialect.name == "sqlite"


@dataclass(frozen=True, slots=True)
class _MailEvents:
    """The events of mail that are behavior of a kind: of one message, or of all."""

    account_id: str
    kind: str
    message_id: str | None = None

    @property
    def address(self) -> ColumnElement[Any]:
        return func.lower(event.recipient)

    def times(self, whose: Condition, limits: _Limits, url: str | None) -> Any:
        """How often, as a subquery about one contact."""
        return select(self._count).where(whose, *self._conditions(limits, url)).correlate(contact).scalar_subquery()

    def addresses(self, limits: _Limits, url: str | None, count: int) -> Select[Any]:
        """The addresses with at least `count` of them."""
        return select(self.address).where(*self._conditions(limits, url)).group_by(self.address).having(self._count >= count)

    @property
    def _count(self) -> ColumnElement[Any]:
        """Opens and clicks count each; a mail counts once, also if it was sent again after an attempt without a reply."""
        return func.count() if self.kind in {"opened", "clicked"} else func.count(distinct(event.message_id))

    def _conditions(self, limits: _Limits, url: str | None) -> Iterator[Condition]:
        yield event.account_id == self.account_id
        yield limits.contain(event.at)
        yield from behaviors.conditions(self.kind)
        if self.message_id is not None:
            yield event.message_id == self.message_id
        if url is not None:
            yield event.url == url


def require_parts(rule: models.SegmentRule, parsed: ParsedRule, allowed: frozenset[str]) -> None:
    """Raise Invalid for a part of a rule that its field does not use."""
    for name in sorted(ALL_PARTS - allowed):
        if getattr(rule, name) is not UNSET:
            raise Invalid(FIELD, f"{parsed.path}.{name}: Is not used by {parsed.field}")


def _limits(rule: models.SegmentRule, parsed: ParsedRule) -> _Limits:
    """The limits of a rule. Raises Invalid for limits that nothing can be within."""
    count = rule.count or models.SegmentCount()
    at_least, at_most = (1 if count.at_least is UNSET else count.at_least), None if count.at_most is UNSET else count.at_most
    if count.at_least is UNSET and at_most == 0:
        at_least = 0
    if at_most is not None and at_least > at_most:
        raise Invalid(FIELD, f"{parsed.path}.count: at_least is more than at_most")
    after, before = (time_or_none(parsed, name, getattr(rule, name)) for name in ("after", "before"))
    if rule.within is not UNSET:
        if after is not None:
            raise Invalid(FIELD, f"{parsed.path}: Give within or after, not both")
        hours = rule.within.hours or 24 * (rule.within.days or 0)
        after = relative(models.RelativeTime(days_ago=0)) - hours * HOUR
    if after is not None and before is not None and after >= before:
        raise Invalid(FIELD, f"{parsed.path}: The period of {'after' if rule.within is UNSET else 'within'} ends before it begins")
    return _Limits(at_least, at_most, after, before)


def _is_summarized(limits: _Limits, count: int) -> bool:
    """Whether a row of `behaviors` decides: once within a period that is open at one end, or a count over all time."""
    return limits.is_whole_time if count > 1 else limits.after is None or limits.before is None


def _states_or_responses(field: str, message_id: str) -> Select[Any]:
    """The addresses of a campaign's message whose mail got so far, or that responded."""
    of_message = select(recipient.address).where(recipient.message_id == message_id)
    states = LEFT.get(field)
    if states is not None:
        return of_message.where(recipient.state.in_(states))
    first = tables.FirstResponse
    return of_message.where(exists().where(first.recipient_id == recipient.id, first.response == RESPONSES[field]))


def _has_sum(rule: models.SegmentRule) -> bool:
    return rule.sum is not UNSET


def _sums(rule: models.SegmentRule, parsed: ParsedRule) -> Sequence[Condition]:
    """The limits of a total. Raises Invalid without a currency."""
    if rule.sum is UNSET:
        return []
    if rule.currency is UNSET:
        raise Invalid(FIELD, f"{parsed.path}.currency: Is required with sum")
    total, unit = func.sum(tables.Purchase.amount_minor), Decimal(10) ** track_purchases.decimals(rule.currency)
    least, most = rule.sum.at_least, rule.sum.at_most
    limits: list[Condition] = [] if least is UNSET else [total >= float(Decimal(str(least)) * unit)]
    return limits if most is UNSET else [*limits, total <= float(Decimal(str(most)) * unit)]


def _has_item(product: str, *, is_sqlite: bool) -> Condition:
    """Whether an order has an item of this ID or name, compared without case."""
    items = tables.Purchase.items_json
    if is_sqlite:
        each = func.json_each(items).table_valued("value", name="item")
        names = [func.lower(each.c.value.op("->>")(f"$.{name}")) for name in ("id", "name")]
    else:
        each = func.json_array_elements(cast(items, JSON)).table_valued("value", name="item")
        names = [func.lower(cast(each.c.value.op("->>")(name), Text)) for name in ("id", "name")]
    return (
        select(literal_column("1"))
        .select_from(each)
        .where(or_(*(name == product.lower() for name in names)))
        .correlate(tables.Purchase)
        .exists()
    )
