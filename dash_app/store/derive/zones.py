"""Local calendar days in SQL without a time-zone extension: the zone's offsets written out as a CASE."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb

_FIRST, _LAST = datetime(1995, 1, 1, tzinfo=UTC), datetime(2045, 1, 1, tzinfo=UTC)


def _offset(instant: datetime, zone: ZoneInfo) -> int:
    offset = instant.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def transitions(zone: ZoneInfo) -> list[tuple[datetime, int]]:
    """(first instant, offset in seconds) of every stretch of constant offset between 1995 and 2045, naive UTC, in order.

    The first stretch stands for all time before, the last for all time after.
    """
    found = [(datetime(1, 1, 1), _offset(_FIRST, zone))]
    day = _FIRST
    while day < _LAST:
        following = day + timedelta(days=7)
        if _offset(following, zone) != found[-1][1]:
            low, high = int(day.timestamp()), int(following.timestamp())
            while high - low > 1:
                middle = (low + high) // 2
                same = _offset(datetime.fromtimestamp(middle, UTC), zone) == found[-1][1]
                low, high = (middle, high) if same else (low, middle)
            start = datetime.fromtimestamp(high, UTC)
            found.append((start.replace(tzinfo=None), _offset(start, zone)))
        day = following
    return found


def _at(steps: list[tuple[datetime, int]], instant: datetime) -> int:
    return next(offset for start, offset in reversed(steps) if instant >= start or start == steps[0][0])


def wall_offsets(steps: list[tuple[datetime, int]]) -> list[tuple[datetime, int]]:
    """(first wall clock, offset to take off in seconds) of every stretch, in order: ``steps`` of ``transitions`` told by the clock on the wall.

    A wall clock ``w`` has the offset of the instant ``w - offset(w)``. Written out, so that SQL compares once a stretch: with one offset inside the other
    a zone with summer time had ten thousand comparisons wherever a local day was turned into an instant.
    """
    bounds = {start for start, _ in steps[1:]}
    bounds |= {start + timedelta(seconds=offset) for start, _ in steps[1:] for _, offset in steps}
    found = [(steps[0][0], steps[0][1])]
    for bound in sorted(bounds):
        offset = _at(steps, bound - timedelta(seconds=_at(steps, bound)))
        if offset != found[-1][1]:
            found.append((bound, offset))
    return found


def _case(steps: list[tuple[datetime, int]]) -> str:
    """SQL: the offset at ``t``. Latest first: nearly every record is recent, so nearly every row stops at the first comparisons."""
    cases = " ".join(f"WHEN t >= TIMESTAMP '{start}' THEN {offset}" for start, offset in reversed(steps[1:]))
    return f"CASE {cases} ELSE {steps[0][1]} END" if cases else str(steps[0][1])


def create_macros(con: duckdb.DuckDBPyConnection, timezone: str) -> None:
    """``local_day(t)``, ``local_time(t)``: a UTC instant's day and wall clock; ``utc_of(t)``: the instant of a wall clock in UTC;
    ``utc_noon(d)``, ``utc_midnight(d)``: noon and the first instant of a local day in UTC."""
    steps = transitions(ZoneInfo(timezone))
    con.execute(f"CREATE TEMP MACRO zone_offset(t) AS {_case(steps)}")
    con.execute(f"CREATE TEMP MACRO wall_offset(t) AS {_case(wall_offsets(steps))}")
    con.execute("CREATE TEMP MACRO local_time(t) AS t + to_seconds(zone_offset(t))")
    con.execute("CREATE TEMP MACRO local_day(t) AS CAST(t + to_seconds(zone_offset(t)) AS DATE)")
    # the offset of that day, not of today: facts must not depend on when they are made
    con.execute(
        "CREATE TEMP MACRO utc_noon(d) AS CAST(d AS TIMESTAMP) + INTERVAL 12 HOUR - to_seconds(zone_offset(CAST(d AS TIMESTAMP) + INTERVAL 12 HOUR))"
    )
    con.execute("CREATE TEMP MACRO utc_of(t) AS t - to_seconds(wall_offset(t))")
    con.execute("CREATE TEMP MACRO utc_midnight(d) AS utc_of(CAST(d AS TIMESTAMP))")
