"""Tenants and their credentials."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from misarmail_server.rows.table import Owned, Table


class Account(Table):
    """A tenant. `senders` is `any` (the operator's own account) or `verified`."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    plan: Mapped[str]
    senders: Mapped[str]
    password_hash: Mapped[str | None]  # argon2id; None allows no sign-in
    created_at: Mapped[int]


class Key(Owned):
    """An API key. Only the SHA-256 of the secret is stored; `key_prefix` may be shown in lists."""

    __tablename__ = "keys"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str]
    secret_hash: Mapped[bytes] = mapped_column(unique=True)
    key_prefix: Mapped[str]
    scopes: Mapped[str]  # separated by commas
    allowed_account_id: Mapped[str | None]  # a connected account; once it is deleted, the key cannot send
    created_at: Mapped[int]
    expires_at: Mapped[int | None]
    revoked_at: Mapped[int | None]
    last_used_at: Mapped[int | None]


class Session(Table):
    """A signed-in browser. Only the SHA-256 of the cookie is stored."""

    __tablename__ = "sessions"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[int]
    expires_at: Mapped[int]


class SignInNetwork(Table):
    """A network that an account has signed in from: an IPv4 address, or an IPv6 /64."""

    __tablename__ = "sign_in_networks"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    network: Mapped[str] = mapped_column(primary_key=True)
    last_at: Mapped[int]


class PasswordReset(Table):
    """A mailed token that sets a password once; only its SHA-256 is stored."""

    __tablename__ = "password_resets"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    expires_at: Mapped[int]


class ConnectedAccount(Owned):
    """A tenant's e-mail account at another provider; the oldest is the default.

    Its address is a verified sender once a code mailed to it was entered: a login at servers that the tenant names proves nothing.
    """

    __tablename__ = "connected_accounts"
    __table_args__ = (UniqueConstraint("account_id", "email"),)

    email: Mapped[str]
    name: Mapped[str | None]
    imap_host: Mapped[str]
    imap_port: Mapped[int]
    smtp_host: Mapped[str]
    smtp_port: Mapped[int]
    username: Mapped[str]
    password_sealed: Mapped[bytes]  # see vault.py
    sync_status: Mapped[Literal["pending", "syncing", "synced", "error"]] = mapped_column(Text)  # pending, syncing, synced or error
    created_at: Mapped[int]
    verified_at: Mapped[int | None]  # when the mailed code was entered


class AddressCode(Table):
    """The code that proves a connected account's address. It outlives the connected account, so that reconnecting resets no limit."""

    __tablename__ = "address_codes"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    email: Mapped[str] = mapped_column(primary_key=True)
    code_hash: Mapped[bytes | None]  # HMAC-SHA256; None once it was used
    attempt_count: Mapped[int]  # of this code
    sent_at: Mapped[int]
    day_began_at: Mapped[int]
    sent_count: Mapped[int]  # codes since `day_began_at`


class PlanOrder(Table):
    """A plan that an account has ordered and the operator has not yet confirmed."""

    __tablename__ = "plan_orders"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    plan: Mapped[str]
    period: Mapped[str]  # monthly or yearly
    created_at: Mapped[int]


class Sender(Table):
    """A lower-case address (`ada@example.com`) or whole domain (`@example.com`) that an account may send from."""

    __tablename__ = "senders"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[int]
