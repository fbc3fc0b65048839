"""Subscriptions to topics: the one place that changes them, and that decides whether an address receives a topic.

A choice belongs to an address, as a suppression does. Without one, the default of the topic decides. A topic that was deleted is received
by nobody, because the choices were deleted with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, select

from misarmail_contract.models import TopicDefault
from misarmail_server.db import dialects, tables
from misarmail_server.db.prepared import Prepared
from misarmail_server.events import contact_log
from misarmail_server.events.contact_log import AccountUnit

Source = Literal["api", "link", "mail"]
TOPIC, SUBSCRIPTION = tables.Topic, tables.TopicSubscription
COLUMNS = ("topic_id", "address", "account_id", "is_subscribed", "source", "at")


class TopicMail(NamedTuple):
    """A mail of a topic to a lower-case address."""

    topic_id: str
    address: str


def _choosing(name: str) -> Any:
    """A choice; one that changes nothing leaves the time and the source of the earlier one."""
    insert = dialects.insert(name, SUBSCRIPTION)
    values = {column: insert.excluded[column] for column in ("is_subscribed", "source", "at")}
    is_other = SUBSCRIPTION.is_subscribed != insert.excluded.is_subscribed
    return insert.on_conflict_do_update(index_elements=["topic_id", "address"], set_=values, where=is_other)


CHOOSE = Prepared(_choosing, COLUMNS)


def choose(unit: AccountUnit, mail: TopicMail, source: Source, *, is_subscribed: bool) -> bool:
    """Subscribe an address to a topic, or unsubscribe it, with the log of its contact; False if it had chosen this already.

    The caller has locked the topic (`lock`). The database decides, so of two equal choices at once one is the change.
    """
    values = (*mail, unit.account_id, is_subscribed, source, unit.now())
    if not CHOOSE.run(unit.connection, dict(zip(COLUMNS, values, strict=True))).rowcount:
        return False
    contact = tables.Contact
    ids = unit.connection.scalars(select(contact.id).where(contact.account_id == unit.account_id, contact.email == mail.address))
    type_ = "topic_joined" if is_subscribed else "topic_left"
    contact_log.record(unit, type_, list(ids), {"topic_id": mail.topic_id, "source": source})
    return True


def lock(unit: AccountUnit, topic_ids: Iterable[str]) -> dict[str, TopicDefault]:
    """The existing topics of the account among these, with their defaults; they cannot be deleted until the unit ends."""
    own = select(TOPIC.id, TOPIC.default).where(TOPIC.account_id == unit.account_id, TOPIC.id.in_(list(topic_ids)))
    return {row.id: row.default for row in unit.connection.execute(own.order_by(TOPIC.id).with_for_update(read=True))}


def erase(unit: AccountUnit, address: str) -> None:
    """Delete the subscriptions of an erased address. The topics that it left remain left, as suppressions remain."""
    of_address = (SUBSCRIPTION.account_id == unit.account_id, SUBSCRIPTION.address == address)
    unit.connection.execute(delete(SUBSCRIPTION).where(*of_address, SUBSCRIPTION.is_subscribed))


def not_receiving(connection: Connection, mails: Collection[TopicMail]) -> set[TopicMail]:
    """The mails whose address is not subscribed to their topic."""
    if not mails:
        return set()
    topic_ids, addresses = {mail.topic_id for mail in mails}, {mail.address for mail in mails}
    listed_topics = select(TOPIC.id, TOPIC.default).where(TOPIC.id.in_(topic_ids))
    defaults = {id_: default == "opt_out" for id_, default in connection.execute(listed_topics)}
    columns = (SUBSCRIPTION.topic_id, SUBSCRIPTION.address, SUBSCRIPTION.is_subscribed)
    listed = select(*columns).where(SUBSCRIPTION.topic_id.in_(topic_ids), SUBSCRIPTION.address.in_(addresses))
    chosen = {TopicMail(topic_id, address): is_subscribed for topic_id, address, is_subscribed in connection.execute(listed)}
    return {mail for mail in mails if not chosen.get(mail, defaults.get(mail.topic_id, False))}


def receives(topic_id: str, default: TopicDefault) -> ColumnElement[bool]:
    """Whether a row of `tables.Contact` is subscribed to a topic."""
    is_opt_in = default == "opt_in"
    # Not `contact.email`: a subquery that refers to the outer row is executed for each row.
    exceptions = select(SUBSCRIPTION.address).where(SUBSCRIPTION.topic_id == topic_id, SUBSCRIPTION.is_subscribed.is_(is_opt_in))
    return tables.Contact.email.in_(exceptions) if is_opt_in else tables.Contact.email.not_in(exceptions)
