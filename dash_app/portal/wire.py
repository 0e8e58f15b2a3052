"""Wire values as Python values. Bitrix24 says the same thing as '37', 37, null, '', 0, false or []; here it means one thing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import orjson

_EMPTY = (None, "", False)
_FAR = "9999"
_HALF_DAY = timedelta(hours=12)
_CULTURE = re.compile(r"^(\d{2})\.(\d{2})\.(\d{4})(?: (\d{2}):(\d{2})(?::(\d{2}))?)?$")


def link(value: Any) -> int | None:
    """An id: None for null, '', 0, '0', false, [] and whatever is no number."""
    if value in _EMPTY or value == []:
        return None
    try:
        return int(value) or None
    except (TypeError, ValueError):
        return None


def integer(value: Any) -> int | None:
    """A number that may be 0."""
    if value in _EMPTY and value is not False or value == []:
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def text(value: Any) -> str | None:
    """A text; None if empty."""
    return None if value in _EMPTY or value == [] else str(value)


def decimal(value: Any) -> Decimal | None:
    """Money or a rate, exact; None if empty or no number."""
    if value in _EMPTY:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**15 else None


def money(value: Any) -> Decimal | None:
    """Money with at most four decimals, as the raw tables keep it."""
    number = decimal(value)
    return None if number is None else round(number, 4)


def flag(value: Any) -> bool | None:
    """Y/N, 1/0, true/false; None where the portal says nothing."""
    if value in ("Y", "1", 1, True):
        return True
    return False if value in ("N", "0", 0, False) else None


@lru_cache(maxsize=256)
def _offset(text_: str) -> timedelta:
    sign = -1 if text_[0] == "-" else 1
    return sign * timedelta(hours=int(text_[1:3]), minutes=int(text_[-2:]))


def instant(value: Any) -> datetime | None:
    """``2026-08-30T14:29:00+03:00`` as naive UTC; year 9999 is how the portal writes "none"."""
    if not isinstance(value, str) or len(value) < 19 or value.startswith(_FAR):
        return _by_culture(value) if isinstance(value, str) else None
    try:
        moment = datetime(
            int(value[0:4]), int(value[5:7]), int(value[8:10]), int(value[11:13]), int(value[14:16]), int(value[17:19])
        )
        rest = value[19:]
        if rest and rest[0] in "+-":
            return moment - _offset(rest)
        return moment
    except (ValueError, OverflowError):
        try:
            parsed = datetime.fromisoformat(value)
            return parsed.astimezone(UTC).replace(tzinfo=None) if parsed.tzinfo else parsed
        except (ValueError, OverflowError):
            return _by_culture(value)


def _by_culture(value: str) -> datetime | None:
    """LAST_COMMUNICATION_TIME of the old lists: the portal's culture format without an offset. Taken as Moscow-like +03:00:
    the exact zone is unknown and the error is a few hours of a "days idle" figure."""
    found = _CULTURE.match(value)
    if not found:
        return None
    day, month, year, hour, minute, second = (int(g or 0) for g in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second) - timedelta(hours=3)
    except ValueError:
        return None


def day(value: Any) -> date | None:
    """A "date" field: midnight shifted by the server's offset. The calendar day is that of (value in UTC + 12 h)."""
    if isinstance(value, str) and len(value) == 10 and value[4] == "-":
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    moment = instant(value)
    return (moment + _HALF_DAY).date() if moment else None


def texts(value: Any) -> list[str] | None:
    """A list of texts; a map gives its titles (task tags)."""
    if isinstance(value, Mapping):
        return [str(item.get("title", key)) if isinstance(item, Mapping) else str(item) for key, item in value.items()] or None
    if isinstance(value, list):
        return [str(item.get("title", "")) if isinstance(item, Mapping) else str(item) for item in value] or None
    return None if value in _EMPTY else [str(value)]


def links(value: Any) -> list[int] | None:
    """A list of ids (UF_DEPARTMENT)."""
    values = value if isinstance(value, list) else list(value.values()) if isinstance(value, Mapping) else [value]
    return [number for number in map(link, values) if number is not None] or None


def missed_call(value: Any) -> bool:
    """SETTINGS.MISSED_CALL of an activity; SETTINGS is [] when empty."""
    return isinstance(value, Mapping) and flag(value.get("MISSED_CALL")) is True


def user_fields(row: Mapping[str, Any]) -> str | None:
    """JSON of the UF_* values of a row that say something."""
    found = {k: v for k, v in row.items() if k.startswith("UF_") and v is not None and v != "" and v is not False and v != []}
    return orjson.dumps(found).decode() if found else None


Coerce = Callable[[Any], Any]
