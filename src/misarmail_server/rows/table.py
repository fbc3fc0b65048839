"""The declarative base of all tables, and the base of tenant rows."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Dialect, ForeignKey, Integer, LargeBinary, MetaData, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from typing_extensions import override

# Constraints are named, so that migrations on either database can refer to them.
NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

ROW_ID = BigInteger().with_variant(Integer, "sqlite")  # SQLite autoincrements only a plain INTEGER


class Table(DeclarativeBase):
    """The declarative base; a Python `int` is a 64-bit column, a `str` has no length limit (the contract sets the limits)."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {int: BigInteger, str: Text, bytes: LargeBinary}  # noqa: RUF012 - SQLAlchemy reads it as a plain class attribute


Words = TypeVar("Words", bound=StrEnum)


class EnumText(TypeDecorator[Words]):
    """A text column that holds values of an enum."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[Words]) -> None:
        super().__init__()
        self.words = words

    @override
    def process_result_value(self, value: Any | None, dialect: Dialect) -> Words | None:
        return None if value is None else self.words(value)


class Owned(Table):
    """A row of a tenant. Only `TenantUnit.own` filters by `account_id`."""

    __abstract__ = True

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
