"""The operands of a segment's rules: the value of a rule in the type that its operator needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn

from msgspec import UNSET, UnsetType

from misarmail_contract import models
from misarmail_server.context import DAY, moment, now
from misarmail_server.errors import Invalid

FIELD = "filter_criteria"
PARTS_OF_DATE = {4: "-01-01", 7: "-01"}  # what a year and a month lack, by length
MAX_ANNIVERSARY_DAYS = 366
Scalar = str | int | float | bool


class ParsedRule:
    """A rule with its path, and its value in the type that an operator needs. Raises Invalid naming path and operator."""

    def __init__(self, rule: models.SegmentRule | models.SegmentProperty, field: str, path: str) -> None:
        self.field, self.operator, self.path = field, rule.operator, path
        self._value = rule.value
        self.is_relative = isinstance(rule.value, models.RelativeTime)

    def text(self) -> str:
        """The value as text."""
        return self._value if isinstance(self._value, str) else self.refuse("text")

    def number(self) -> float:
        """The value as a number."""
        is_number = isinstance(self._value, int | float) and not isinstance(self._value, bool)
        return float(self._value) if is_number else self.refuse("a number")  # type: ignore[arg-type]  # checked above

    def scalar(self) -> Scalar:
        """The value, which is not a list."""
        return self._value if isinstance(self._value, Scalar) else self.refuse("one value")

    def values(self) -> list[Scalar]:
        """The value as a list."""
        return self._value if isinstance(self._value, list) else self.refuse("a list")

    def convert(self, conversion: Callable[[Scalar], Scalar]) -> None:
        """Convert the value, or each value of the list."""
        if isinstance(self._value, list):
            self._value = [conversion(value) for value in self._value]
        elif isinstance(self._value, Scalar):
            self._value = conversion(self._value)

    def texts(self) -> list[str]:
        """The value as a list of texts in lower case."""
        return [text.lower() if isinstance(text, str) else self.refuse("a list of texts") for text in self.values()]

    def ids(self) -> list[str]:
        """The value as a list of ids."""
        return [id_ if isinstance(id_, str) else self.refuse("a list of ids") for id_ in self.values()]

    def time(self) -> int:
        """The value as an instant: a date, a timestamp, or one relative to now."""
        if isinstance(self._value, models.RelativeTime):
            return relative(self._value)
        time = parse_time(self.text())
        return self.refuse("a date or a time") if time is None else time

    def days_of_year(self) -> list[str]:
        """The days of an anniversary as MM-DD, from today to the value; 29 February is 28 February in other years."""
        value = self._value if isinstance(self._value, models.RelativeTime) else self.refuse("days_ago or days_ahead")
        ago, ahead = value.days_ago or 0, value.days_ahead or 0
        if max(ago, ahead) > MAX_ANNIVERSARY_DAYS:
            self.refuse(f"at most {MAX_ANNIVERSARY_DAYS} days")
        today = datetime.fromtimestamp(now() / 1_000, UTC).date()
        days = [today + timedelta(days=number) for number in range(-ago, ahead + 1)]
        return sorted({f"{day:%m-%d}" for day in days} | {"02-29" for day in days if _stands_for_leap_day(day)})

    def require_no_value(self) -> None:
        """Refuse a value."""
        if self._value is not UNSET:
            self.refuse("no value")

    def refuse_operator(self) -> NoReturn:
        """Refuse the operator, which does not fit the field."""
        raise Invalid(FIELD, f"{self.path}: {self.operator} cannot be used with {self.field}")

    def refuse(self, expected: str) -> NoReturn:
        """Refuse the value."""
        raise Invalid(FIELD, f"{self.path}: {self.operator} on {self.field} needs {expected}")


def parse_time(text: str) -> int | None:
    """A date or a timestamp in milliseconds since 1970; None if it is neither. Raises Invalid for a year that cannot be stored."""
    text = text.upper()  # the letters T and Z may be small
    try:
        time = datetime.fromisoformat(text + PARTS_OF_DATE.get(len(text), ""))
    except ValueError:
        return None
    return moment(FIELD, time if time.tzinfo else time.replace(tzinfo=UTC))


def relative(time: models.RelativeTime) -> int:
    """A time relative to now, in milliseconds since 1970."""
    return now() + DAY * ((time.days_ahead or 0) - (time.days_ago or 0))


def time_or_none(rule: ParsedRule, name: str, time: str | models.RelativeTime | UnsetType) -> int | None:
    """A limit in time of a behavior; None if there is none. Raises Invalid naming the limit."""
    if isinstance(time, models.RelativeTime):
        return relative(time)
    if time is UNSET:
        return None
    instant = parse_time(time)
    if instant is None:
        raise Invalid(FIELD, f"{rule.path}.{name}: Must be a date or a time")
    return instant


def _stands_for_leap_day(day: date) -> bool:
    """Whether it is 28 February of a year without 29 February."""
    return (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month != day.month
