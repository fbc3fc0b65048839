"""Texts that are dates or times (ISO 8601) as instants in SQL, the same on both databases.

A cast would fail the whole query on PostgreSQL for a text such as 2026-02-30, and SQLite reads other forms than PostgreSQL.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, case, cast, func

DATE = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?"
OFFSET = r"[+-]([01][0-9]|2[0-3]):?[0-5][0-9]"
TIME = rf"^{DATE}([Tt ]{CLOCK}([Zz]|{OFFSET})?)?$"
EPOCH = 2_440_588  # the Julian day number of 1970-01-01
MARCH, DATE_LENGTH = 3, 10
Number = ColumnElement[Any]


def milliseconds(text: Any) -> Number:
    """Milliseconds since 1970 of a text; NULL if it is not a date or a time. Without an offset it is in UTC; a date is its midnight."""
    text = _whole_date(cast(text, Text))
    seconds = _days(text) * 86_400 + _seconds(text) - _offset(text)
    return case((text.regexp_match(TIME), seconds * 1_000 + _fraction(text)), else_=None)


def _whole_date(text: Any) -> Number:
    """The text; a year or a month as its first day."""
    year, month = (text.regexp_match(pattern) for pattern in (r"^[0-9]{4}$", r"^[0-9]{4}-[0-9]{2}$"))
    return case((year, text.concat("-01-01")), (month, text.concat("-01")), else_=text)


def _days(text: Any) -> Number:
    """Days since 1970, by the algorithm of Fliegel and Van Flandern; 30 February is 1 or 2 March."""
    year, month, day = _digits(text, 1, 4), _digits(text, 6, 2), _digits(text, 9, 2)
    is_early = case((month < MARCH, 1), else_=0)
    years, months = year + 4_800 - is_early, month + 12 * is_early - 3
    leap_days = years // 4 - years // 100 + years // 400
    return day + (153 * months + 2) // 5 + 365 * years + leap_days - 32_045 - EPOCH


def _seconds(text: Any) -> Number:
    """Seconds since midnight."""
    minutes = _digits(text, 12, 2) * 60 + _digits(text, 15, 2)
    has_seconds = text.regexp_match(r"^.{16}:")
    return case((has_seconds, minutes * 60 + _digits(text, 18, 2)), (func.length(text) > DATE_LENGTH, minutes * 60), else_=0)


def _fraction(text: Any) -> Number:
    """Milliseconds of the second."""
    lengths = ((3, 1), (2, 10), (1, 100))
    whens = [(text.regexp_match(rf"^.{{19}}[.,][0-9]{{{count}}}"), _digits(text, 21, count) * unit) for count, unit in lengths]
    return case(*whens, else_=0)


def _offset(text: Any) -> Number:
    """Seconds that the clock is ahead of UTC."""
    length, is_offset = func.length(text), text.regexp_match(rf":[0-9.,:]*{OFFSET}$")
    width = case((text.regexp_match(r":[0-9]{2}$") & text.regexp_match(r"[+-][0-9]{2}:[0-9]{2}$"), 6), else_=5)
    minutes = _digits(text, length - width + 2, 2) * 60 + _digits(text, length - 1, 2)
    sign = case((func.substr(text, length - width + 1, 1) == "-", -60), else_=60)
    return case((is_offset, minutes * sign), else_=0)


def _digits(text: Any, first: Any, count: int) -> Number:
    return cast(func.substr(text, first, count), BigInteger)
