"""The portal's clock and zones. A portal of another day than today (``--today``) runs on shifted time."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SERVER_ZONE = ZoneInfo("Europe/Moscow")
SERVER_OFFSET = 3 * 3600
"""Seconds the server's zone is ahead of UTC; Moscow has had no summer time in the years of the demo company."""

_ISO = re.compile(
    r"\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?\s*$"
)
_RUSSIAN = re.compile(r"\s*(\d{1,2})\.(\d{1,2})\.(\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?()\s*$")


class Clock:
    """Now, in epoch seconds, of a portal that believes today is ``today`` (None: the real day)."""

    def __init__(self, today: date | None = None) -> None:
        real = datetime.now(SERVER_ZONE).date()
        self._shift = (today - real).days * 86400 if today else 0

    def now(self) -> float:
        """The portal's present moment, epoch seconds UTC."""
        return time.time() + self._shift


def iso(epoch: float, offset: int = SERVER_OFFSET) -> str:
    """``2026-06-01T10:26:40+03:00`` of an instant."""
    return datetime.fromtimestamp(int(epoch), timezone(timedelta(seconds=offset))).isoformat()


def offset_text(offset: int) -> str:
    """``+03:00`` of an offset in seconds."""
    sign = "-" if offset < 0 else "+"
    return f"{sign}{abs(offset) // 3600:02d}:{abs(offset) % 3600 // 60:02d}"


def zone_offset(zone: str | None, at: float) -> int:
    """Seconds ahead of UTC of a named zone; an empty or unknown name means the server's zone."""
    try:
        found = ZoneInfo(zone) if zone else SERVER_ZONE
    except (ZoneInfoNotFoundError, ValueError):
        found = SERVER_ZONE
    delta = datetime.fromtimestamp(at, found).utcoffset()
    return int(delta.total_seconds()) if delta else 0


def parse_instant(text: object) -> int | None:
    """Epoch seconds of a date or a datetime as clients send it; without an offset it is read in the server's zone.

    None when the text is no moment. ``2026-05-01`` is that day's midnight on the server.
    """
    match = _ISO.match(str(text))
    if match:
        year, month, day, hour, minute, second, offset = match.groups()
    else:
        match = _RUSSIAN.match(str(text))
        if not match:
            return None
        day, month, year, hour, minute, second, offset = match.groups()
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC
        )
    except ValueError:
        return None
    if not offset:
        shift = SERVER_OFFSET
    elif offset == "Z":
        shift = 0
    else:
        digits = offset[1:].replace(":", "")
        shift = (int(digits[:2]) * 3600 + int(digits[2:]) * 60) * (-1 if offset[0] == "-" else 1)
    return int(moment.timestamp()) - shift


def parse_day(text: object) -> str | None:
    """``YYYY-MM-DD`` of a date or of an instant (its day in the server's zone); None when it is neither."""
    plain = re.match(r"\s*(\d{4}-\d{2}-\d{2})\s*$", str(text))
    if plain:
        return plain.group(1)
    instant = parse_instant(text)
    return None if instant is None else day_of(instant)


def day_of(epoch: float) -> str:
    """The calendar day of an instant in the server's zone."""
    return datetime.fromtimestamp(epoch, SERVER_ZONE).date().isoformat()
