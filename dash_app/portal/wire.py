"""Wire values as Python values. Bitrix24 says the same thing as '37', 37, null, '', 0, false or []; here it means one thing."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from html.entities import html5
from typing import Any

import orjson

from dash_app.logs.redact import redact_webhooks

Coerce = Callable[[Any], Any]

_LIMIT = 2**63
_SMALL = 2**31
_HALF_DAY = timedelta(hours=12)
_FOUR_PLACES = Decimal("0.0001")
_RUSSIAN = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$")
_SLASHED = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?\s*([ap]m)?$", re.IGNORECASE)

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|([a-zA-Z][a-zA-Z0-9]{1,31}));")
_TOKEN = re.compile(r"(?i)([?&;]|%3F|%26|%3B)(?:auth(?:=|%3D)(?:(?!%26|%3B|%23)[^&;#\s\"'<>])*(?:[&;]|%26)?)+")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
MOST_TEXT = 10_000
"""Characters of a text that are kept. The portal's own titles and subjects have 255 at most."""
_MOST_FIELD = 100_000
"""Characters of a user field's text; a longer one is left out. The portal's own have 65 535 bytes at most."""
_FIRST_YEAR, _AFTER_YEARS = 1970, 2200
"""Years an instant may lie in; others are slips of the pen or a way to say "never"."""
_DEEPEST = 6
"""Nested levels of a user field's value; deeper ones are no value of any type."""


def _empty(value: Any) -> bool:
    """Whether the portal says "nothing". 0 is a number (the default pipeline has id 0), not nothing."""
    return value is None or value is False or value in ("", [], {})


def says_nothing(value: Any) -> bool:
    """Whether a value of any field stands for none: what is read as None and does not, could not be read."""
    if value.__class__ is str:
        return value in ("", "0") or value.isspace() or value[:4] in ("9999", "0000")
    return value is None or value == 0 or value in ([], {})


def link(value: Any) -> int | None:
    """An id: None for null, '', 0, '0', false, [] and whatever is no whole positive number of 64 bits."""
    if value is None:
        return None
    number = int(value) if value.__class__ is str and len(value) < 19 and value.isdecimal() else integer(value)
    return number if number and number > 0 else None


def integer(value: Any) -> int | None:
    """A whole number of 64 bits that may be 0; None if empty or no number."""
    if value.__class__ is bool or (value.__class__ is float and not value.is_integer()):
        return None
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if -_LIMIT <= number < _LIMIT and not (value.__class__ is str and "_" in value) else None


def small(value: Any) -> int | None:
    """A whole number of 32 bits, as ``integer``."""
    number = integer(value)
    return number if number is not None and -_SMALL <= number < _SMALL else None


def decoded(value: str) -> str:
    """A text with its HTML entities (``&quot;``, ``&#39;``) decoded once; what only looks like one stays."""
    return _ENTITY.sub(_character, value) if "&" in value else value


def _character(found: re.Match[str]) -> str:
    return html.unescape(found[0]) if not found[1] or f"{found[1]};" in html5 else found[0]


def text(value: Any) -> str | None:
    """A text as people read it, HTML entities decoded once, at most ``MOST_TEXT`` long; None if empty or blank, and of lists, maps, flags."""
    if value.__class__ is str:  # the common case first: this runs a hundred million times in a large load
        if "&" in value:
            value = decoded(value)
        if not value.isprintable():
            value = printable(value)
        if "/" in value:
            value = without_tokens(value)
        return value[:MOST_TEXT] if value and not value.isspace() else None
    return str(value) if value.__class__ in (int, float) else None


def without_tokens(value: str) -> str:
    """A text whose addresses open nothing: without ``auth=``, as it is or encoded in another address, and without secrets of webhooks."""
    if "=" in value or "%3" in value:
        value = _TOKEN.sub(lambda m: m[1] if m[0].endswith(("&", ";", "%26")) else "", value)
    return redact_webhooks(value) if "/rest/" in value else value


def printable(value: str) -> str:
    """A text without the characters no file, page or database can hold: control characters, halves of characters."""
    return _NO_TEXT.sub("", value)


def decimal(value: Any) -> Decimal | None:
    """Money or a rate, exact; None if empty, no number, or absurd (15 digits and more before the point)."""
    if _empty(value):
        return None
    try:
        number = Decimal(value if value.__class__ is str else str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**15 else None


def money(value: Any) -> Decimal | None:
    """Money with at most four decimals, as the raw tables keep it."""
    return _rounded(value, _FOUR_PLACES)


def rate(value: Any) -> Decimal | None:
    """A currency's rate, with at most eight decimals, as the raw tables keep it."""
    number = _rounded(value, Decimal("1E-8"))
    return number if number is None or abs(number) < 10**11 else None


def _rounded(value: Any, places: Decimal) -> Decimal | None:
    number = decimal(value)
    if number is None:
        return None
    _, _, exponent = number.as_tuple()
    return number if isinstance(exponent, int) and -2 <= exponent <= 0 else number.quantize(places)


def flag(value: Any) -> bool | None:
    """Y/N, 1/0, true/false; None where the portal says nothing."""
    if value == "N":
        return False
    if value in ("Y", "1", 1, True):
        return True
    return False if value in ("0", 0, False) else None


@lru_cache(maxsize=256)
def _offset(suffix: str) -> timedelta:
    """``+03:00``, ``+0300`` or ``Z`` as a duration; ValueError otherwise."""
    if suffix in ("", "Z"):
        return timedelta(0)
    if suffix[0] not in "+-" or len(suffix) not in (5, 6):
        raise ValueError(suffix)
    shift = timedelta(hours=int(suffix[1:3]), minutes=int(suffix[-2:]))
    return -shift if suffix[0] == "-" else shift


def instant(value: Any) -> datetime | None:
    """``2026-08-30T14:29:00+03:00`` as naive UTC.

    None if empty or no date. Year 9999 is how the portal writes "no deadline": None too, and before any arithmetic, which overflows there.
    """
    if value.__class__ is not str or len(value) < 19 or value[:4] == "9999":
        return None
    try:
        return _believed(datetime.fromisoformat(value[:19]) - _offset(value[19:]))
    except (ValueError, OverflowError):
        pass
    try:
        parsed = datetime.fromisoformat(value)  # fractions of a second
        parsed = parsed.astimezone(UTC).replace(tzinfo=None) if parsed.tzinfo else parsed
        return _believed(parsed.replace(microsecond=0))
    except (ValueError, OverflowError):
        return None


def _believed(moment: datetime) -> datetime | None:
    return moment if _FIRST_YEAR <= moment.year < _AFTER_YEARS else None


def moment(value: Any, zone: tzinfo) -> datetime | None:
    """An instant however it is written: ISO with an offset as documented, else as ``instant_in``; naive UTC."""
    if value.__class__ is str and len(value) == 25:
        return instant(value)
    return instant_in(value, zone)


def instant_in(value: Any, zone: tzinfo) -> datetime | None:
    """An instant that may come in the portal's own writing, without an offset, in the caller's zone; naive UTC.

    LAST_COMMUNICATION_TIME does so in the old lists: ``31.08.2026 09:00:05``, ``08/31/2026 09:00:05 am``. ISO with an offset is read as that,
    ten digits as seconds since 1970, a day alone as its first instant.
    """
    if value.__class__ is int:
        value = str(value)
    if not isinstance(value, str) or not value:
        return None
    value = value.strip()
    if len(value) > 19 and value[4] == "-" and value[10] in "T ":
        return instant(value)
    try:
        if len(value) == 10 and value.isascii() and value.isdecimal():
            return datetime.fromtimestamp(int(value), UTC).replace(tzinfo=None)
        local = _local(value)
        if local is None or not _FIRST_YEAR - 1 <= local.year <= _AFTER_YEARS:
            return None
        return _believed(local.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None))
    except (ValueError, OverflowError):
        return None


def _local(value: str) -> datetime | None:
    try:
        if found := _RUSSIAN.match(value):
            day_, month, year, hour, minute, second = (int(g or 0) for g in found.groups())
            return datetime(year, month, day_, hour, minute, second)
        if found := _SLASHED.match(value):
            first, other, year, hour, minute, second = (int(g or 0) for g in found.groups()[:6])
            half = (found[7] or "").lower()
            if half:  # only the American format writes am and pm, and it begins with the month
                return datetime(year, first, other, hour % 12 + (12 if half == "pm" else 0), minute, second)
            return datetime(year, other, first, hour, minute, second)
        return datetime.fromisoformat(value[:19])
    except ValueError:
        return None


def day(value: Any) -> date | None:
    """A "date" field: midnight shifted by the server's offset. The calendar day is that of (value in UTC + 12 h)."""
    if value.__class__ is not str or len(value) < 8:
        return None
    if len(value) > 19 and value[4] == "-":
        shifted = instant(value)
        return (shifted + _HALF_DAY).date() if shifted else None
    written = _local(value.strip())  # the portal's own writing, or the day alone
    return written.date() if written and _FIRST_YEAR <= written.year < _AFTER_YEARS else None


def texts(value: Any) -> list[str] | None:
    """A list of texts; a map of objects gives their titles (task tags)."""
    if _empty(value):
        return None
    items: list[Any]
    if isinstance(value, Mapping):
        items = [item.get("title", key) if isinstance(item, Mapping) else item for key, item in value.items()]
    elif isinstance(value, list):
        items = [item.get("title") if isinstance(item, Mapping) else item for item in value]
    else:
        items = [value]
    return [known for item in items if (known := text(item)) is not None] or None


def links(value: Any) -> list[int] | None:
    """A list of ids (UF_DEPARTMENT)."""
    values = value if isinstance(value, list) else list(value.values()) if isinstance(value, Mapping) else [value]
    return [number for number in map(link, values) if number is not None] or None


def missed_call(value: Any) -> bool:
    """SETTINGS.MISSED_CALL of an activity; SETTINGS is [] when empty."""
    return isinstance(value, Mapping) and flag(value.get("MISSED_CALL")) is True


class _NoValue(Exception):
    """A value that cannot be kept."""


def user_fields(row: Mapping[str, Any], left_out: list[str] | None = None) -> str | None:
    """JSON of the UF_* values of a row that say something: '', null and [] say nothing, 0 and false do.

    ``false`` is "no" of a boolean field and emptiness of any other: only the field's type tells. Texts have their entities decoded.
    A file leaves its id alone: its addresses carry a token (``auth=``), which no address of any field keeps. Blanks alone say nothing. A value nested deeper
    than any type is, longer than any, or that no JSON can hold, is left out alone. ``left_out``: names of such fields are added to it.
    """
    lost: list[str] = [] if left_out is None else left_out
    found = {}
    for name, value in row.items():
        if name[:3] != "UF_" or value is None or value == "" or value == []:
            continue
        try:
            kept = _kept(value, _DEEPEST)
        except _NoValue:
            lost.append(name)
            continue
        if kept is not None and kept not in ("", []):
            found[name] = kept
    if not found:
        return None
    try:
        return orjson.dumps(found).decode()
    except TypeError:
        sound = {name: value for name, value in found.items() if _is_json(value)}
        lost += found.keys() - sound.keys()
        return orjson.dumps(sound).decode() if sound else None


def _is_json(value: Any) -> bool:
    try:
        orjson.dumps(value)
    except TypeError:
        return False
    return True


def _kept(value: Any, levels: int) -> Any:
    """What is kept of a user field's value."""
    if value.__class__ is str:
        if len(value) > _MOST_FIELD:
            raise _NoValue
        if "&" in value:
            value = decoded(value)
        if not value.isprintable():
            value = printable(value)
        return "" if value.isspace() else without_tokens(value)
    if not isinstance(value, list | Mapping):
        return str(value) if value.__class__ is int and not -_LIMIT <= value < _LIMIT else value
    if levels == 0:
        raise _NoValue
    if isinstance(value, list):
        return [kept for item in value if (kept := _kept(item, levels - 1)) not in (None, "")]
    number = value.get("id", value.get("ID"))
    if number is not None:  # a file
        return _kept(number, 0)
    if all(key.isdigit() for key in value):  # a list with holes, as PHP writes it
        return _kept(list(value.values()), levels)
    return {k: _kept(v, levels - 1) for k, v in value.items() if not k.lower().endswith(("url", "urlmachine"))}


def user_fields_again(document: str) -> str | None:
    """JSON that an earlier version kept, as this one would have: without tokens. What is no JSON object is None."""
    try:
        found = orjson.loads(document)
    except orjson.JSONDecodeError:
        return None
    return user_fields(found) if isinstance(found, dict) else None


COLUMN_TYPES: Mapping[Coerce, str] = {
    link: "BIGINT",
    integer: "INTEGER",
    text: "VARCHAR",
    money: "DECIMAL(20,4)",
    rate: "DECIMAL(20,8)",
    flag: "BOOLEAN",
    instant: "TIMESTAMP",
    day: "DATE",
    texts: "VARCHAR[]",
    links: "BIGINT[]",
    missed_call: "BOOLEAN",
}
"""What a value read so is kept as: DuckDB's type of its raw column, unless the field names another (``entities.Field``)."""
