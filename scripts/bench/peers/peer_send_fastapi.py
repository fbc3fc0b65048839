"""`POST /api/v1/send` in the common style: FastAPI, pydantic, one SQLAlchemy session and one durable transaction per request, SQLite."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, ConfigDict, EmailStr, Field, model_validator
from sqlalchemy import ForeignKey, String, UniqueConstraint, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, sessionmaker

BUSY_SECONDS = 30


class Base(DeclarativeBase):
    """All tables."""


class Account(Base):
    """A customer."""

    __tablename__ = "accounts"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    monthly_limit: Mapped[int]


class ApiKey(Base):
    """A key, stored as its hash."""

    __tablename__ = "api_keys"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[str]
    revoked_at: Mapped[datetime | None]
    account: Mapped[Account] = relationship()


class Quota(Base):
    """Mails of one account in one month."""

    __tablename__ = "quotas"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    used: Mapped[int]


class Suppression(Base):
    """A suppressed address."""

    __tablename__ = "suppressions"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), primary_key=True)


class Message(Base):
    """One accepted mail."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("account_id", "idempotency_key"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    idempotency_key: Mapped[str | None] = mapped_column(String(128))
    from_email: Mapped[str] = mapped_column(String(254))
    from_name: Mapped[str | None]
    subject: Mapped[str] = mapped_column(String(998))
    html: Mapped[str | None]
    text: Mapped[str | None]
    state: Mapped[str] = mapped_column(String(16), default="queued")
    created_at: Mapped[datetime]
    recipients: Mapped[list["Recipient"]] = relationship()


class Recipient(Base):
    """One recipient of a mail: the row that a delivery worker leases."""

    __tablename__ = "recipients"
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str | None]
    state: Mapped[str] = mapped_column(String(16), default="queued")
    due_at: Mapped[datetime] = mapped_column(index=True)
    leased_until: Mapped[datetime | None]
    attempt_count: Mapped[int] = mapped_column(default=0)


class Strict(BaseModel):
    """Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Address(Strict):
    """An address with an optional display name."""

    email: Annotated[EmailStr, Field(max_length=254)]
    name: Annotated[str, Field(max_length=200)] | None = None


class Send(Strict):
    """The body of the quick start, with its limits."""

    sender: Annotated[Address, Field(alias="from")]
    to: Annotated[list[Address], Field(min_length=1, max_length=100)]
    cc: Annotated[list[Address], Field(max_length=50)] = []
    bcc: Annotated[list[Address], Field(max_length=50)] = []
    reply_to: Address | None = None
    subject: Annotated[str, Field(min_length=1, max_length=998)]
    html: Annotated[str, Field(max_length=500_000)] | None = None
    text: Annotated[str, Field(max_length=500_000)] | None = None
    idempotency_key: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    tags: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=10)] = []
    metadata: dict[str, str] = {}

    @model_validator(mode="after")
    def has_a_body(self) -> "Send":
        """Require html or text."""
        if self.html is None and self.text is None:
            raise ValueError("html or text is required")
        return self


class SendAnswer(BaseModel):
    """The response once the mail is stored."""

    success: bool
    message_id: str
    provider: str
    timestamp: datetime
    idempotent: bool | None = None


URL = f"sqlite:///{os.environ['BENCH_DATABASE']}"
engine = create_engine(URL, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, pool_size=40, max_overflow=0)
sessions = sessionmaker(engine, expire_on_commit=False)


@event.listens_for(engine, "connect")
def durable(connection: Any, _record: object) -> None:
    """WAL with one writer; every commit is flushed to the disk."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def prepare() -> None:
    """Tables, one account and the key of the environment."""
    Base.metadata.create_all(engine)
    with sessions.begin() as session:
        session.add(Account(id="acc_1", monthly_limit=1_000_000_000))
        session.flush()
        digest = hashlib.sha256(os.environ["BENCH_KEY"].encode()).hexdigest()
        session.add(ApiKey(id="key_1", account_id="acc_1", hash=digest, scopes="send"))
        session.add(Quota(account_id="acc_1", month=f"{datetime.now(UTC):%Y-%m}", used=0))  # noqa: TID251  # a peer has no context


def session_of_request() -> Iterator[Session]:
    """One session per request."""
    with sessions() as session:
        yield session


Db = Annotated[Session, Depends(session_of_request)]


def account(session: Db, authorization: Annotated[str, Header()] = "") -> Account:
    """The account of the key; 401 and 403 for others."""
    digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).hexdigest()
    key = session.scalar(select(ApiKey).where(ApiKey.hash == digest))
    if key is None or key.revoked_at is not None:
        raise HTTPException(401, "unknown key")
    if "send" not in key.scopes.split():
        raise HTTPException(403, "the key lacks the scope send")
    return key.account


Caller = Annotated[Account, Depends(account)]
app = FastAPI(title="Send")
prepare()


@app.post("/api/v1/send", response_model_exclude_none=True)
def send(body: Send, session: Db, caller: Caller) -> SendAnswer:
    """Accept a mail: suppression list, idempotency, quota, message and recipients, one commit."""
    now = datetime.now(UTC)  # noqa: TID251  # a peer has no context
    if body.idempotency_key is not None:
        key = select(Message).where(Message.account_id == caller.id, Message.idempotency_key == body.idempotency_key)
        if (known := session.scalar(key)) is not None:
            return SendAnswer(success=True, message_id=known.id, provider="smtp", timestamp=known.created_at, idempotent=True)
    mailboxes = [*body.to, *body.cc, *body.bcc]
    listed = Suppression.email.in_([mailbox.email for mailbox in mailboxes])
    unwanted = set(session.scalars(select(Suppression.email).where(Suppression.account_id == caller.id, listed)))
    wanted = [mailbox for mailbox in mailboxes if mailbox.email not in unwanted]
    if not wanted:
        raise HTTPException(422, "every recipient is suppressed")
    quota = session.get_one(Quota, (caller.id, f"{now:%Y-%m}"))
    if quota.used + len(wanted) > caller.monthly_limit:
        raise HTTPException(429, "the month's quota is used up", {"Retry-After": str(int(timedelta(days=1).total_seconds()))})
    quota.used = Quota.used + len(wanted)
    message = Message(
        id="msg_" + secrets.token_hex(13),
        account_id=caller.id,
        idempotency_key=body.idempotency_key,
        from_email=body.sender.email,
        from_name=body.sender.name,
        subject=body.subject,
        html=body.html,
        text=body.text,
        created_at=now,
        recipients=[Recipient(email=mailbox.email, name=mailbox.name, due_at=now) for mailbox in wanted],
    )
    session.add(message)
    session.commit()
    return SendAnswer(success=True, message_id=message.id, provider="smtp", timestamp=now)
