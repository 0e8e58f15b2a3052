"""Local calendar days in SQL without a time-zone extension: the zone's offsets written out as a CASE."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_FIRST, _LAST = datetime(1995, 1, 1, tzinfo=UTC), datetime(2045, 1, 1, tzinfo=UTC)


def _offset(instant: datetime, zone: ZoneInfo) -> int:
    offset = instant.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def transitions(zone: ZoneInfo) -> list[tuple[datetime, int]]:
    """(first instant, offset in seconds) of every stretch of constant offset, naive UTC, in order."""
    found = [(datetime(1, 1, 1), _offset(_FIRST, zone))]
    day = _FIRST
    while day < _LAST:
        following = day + timedelta(days=7)
        if _offset(following, zone) != found[-1][1]:
            low, high = day, following
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                middle = middle.replace(microsecond=0)
                if middle in (low, high):
                    break
                low, high = (middle, high) if _offset(middle, zone) == found[-1][1] else (low, middle)
            found.append((high.replace(tzinfo=None), _offset(high, zone)))
        day = following
    return found


def local_day_macro(timezone: str) -> str:
    """``local_day(instant)``: the calendar day a UTC instant falls on in the zone."""
    steps = transitions(ZoneInfo(timezone))
    cases = " ".join(f"WHEN t >= TIMESTAMP '{start}' THEN {offset}" for start, offset in reversed(steps[1:]))
    offset = f"CASE {cases} ELSE {steps[0][1]} END" if cases else str(steps[0][1])
    return f"CREATE OR REPLACE TEMP MACRO local_day(t) AS CAST(t + to_seconds({offset}) AS DATE)"


def local_time_macro(timezone: str) -> str:
    """``local_time(instant)``: the wall clock of the zone as a timestamp."""
    return (
        local_day_macro(timezone)
        .replace("local_day(t)", "local_time(t)")
        .replace("CAST(t + ", "(t + ", 1)
        .removesuffix(" AS DATE)")
        + ")"
    )


def utc_noon(day_expression: str, timezone: str) -> str:
    """SQL: noon of a calendar day as a UTC instant, exact enough for a date that stands for an instant."""
    offset = _offset(datetime.now(UTC), ZoneInfo(timezone))
    return f"(CAST({day_expression} AS TIMESTAMP) + INTERVAL 12 HOUR - to_seconds({offset}))"
