"""Contacts, their tags, and their history."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from misarmail_server.rows.table import ROW_ID, Owned, Table

# Range queries for prefixes need an order by code point, which PostgreSQL provides only with this collation.
ORDERED = Text().with_variant(Text(collation="C"), "postgresql")


class Contact(Owned):
    """A recipient of marketing mail. `*_key` columns are searched: the value in lower case, or None.

    `created_at` and `id` sort alike, newest last; lists and the export use the index on both.
    """

    __tablename__ = "contacts"
    __table_args__ = (
        Index("uq_contacts_account_email", "account_id", "email", unique=True),
        Index("ix_contacts_account_created", "account_id", "created_at", "id"),
        Index("ix_contacts_account_status", "account_id", "status", "created_at", "id"),
        Index("ix_contacts_account_first", "account_id", "first_key"),
        Index("ix_contacts_account_last", "account_id", "last_key"),
        Index("ix_contacts_account_company", "account_id", "company_key"),
    )

    email: Mapped[str] = mapped_column(ORDERED)  # in lower case
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    phone: Mapped[str | None]
    company: Mapped[str | None]
    first_key: Mapped[str | None] = mapped_column(ORDERED)
    last_key: Mapped[str | None] = mapped_column(ORDERED)
    company_key: Mapped[str | None] = mapped_column(ORDERED)
    status: Mapped[str]  # subscribed, unsubscribed, bounced or complained
    source: Mapped[str | None]
    timezone: Mapped[str | None]
    locale: Mapped[str | None]
    custom_json: Mapped[str]  # {name: scalar}
    created_at: Mapped[int]
    updated_at: Mapped[int]


class ContactTag(Table):
    """One tag of one contact; `tag_key` is the tag in lower case."""

    __tablename__ = "contact_tags"
    __table_args__ = (Index("ix_contact_tags_account", "account_id", "tag_key", "contact_id"), {"sqlite_with_rowid": False})

    contact_id: Mapped[str] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True)
    tag_key: Mapped[str] = mapped_column(primary_key=True)
    tag: Mapped[str]
    account_id: Mapped[str]


class ContactCount(Table):
    """The number of contacts of an account by status, maintained in the transactions that change contacts."""

    __tablename__ = "contact_counts"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    status: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


class ContactField(Table):
    """The name of a custom field that a contact of the account has or had; these are the columns of an export.

    A declared field has a type, and `declared_key`, its name in lower case; for others, these and the columns below are None.
    """

    __tablename__ = "contact_fields"
    __table_args__ = (
        Index("uq_contact_fields_declared", "account_id", "declared_key", unique=True),
        Index("uq_contact_fields_id", "id", unique=True),
    )

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    declared_key: Mapped[str | None]
    id: Mapped[str | None]
    type: Mapped[str | None]  # text, number, boolean, date or json
    default_json: Mapped[str | None]
    created_at: Mapped[int | None]
    updated_at: Mapped[int | None]


class ContactEvent(Table):
    """A change of a contact itself, append-only. Events of its mail are in `events`."""

    __tablename__ = "contact_events"
    __table_args__ = (Index("ix_contact_events_contact", "contact_id", "id"),)

    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    account_id: Mapped[str]
    contact_id: Mapped[str] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    type: Mapped[str]  # created, imported, updated, or a status; extensible
    data_json: Mapped[str]
    at: Mapped[int]


class Erasure(Table):
    """An erased address whose traces in logs a background task still deletes; the row goes with the last of them."""

    __tablename__ = "erasures"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    email: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[int]  # the table that is searched
    position: Mapped[str]  # the last row that was searched
    created_at: Mapped[int]


class ErasedAddress(Table):
    """A keyed hash of an erased address, which imports refuse. It names the person to nobody who has not the address already."""

    __tablename__ = "erased_addresses"
    __table_args__ = ({"sqlite_with_rowid": False},)

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    hash: Mapped[bytes] = mapped_column(primary_key=True)
    created_at: Mapped[int]
