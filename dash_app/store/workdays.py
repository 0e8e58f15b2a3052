"""The working calendar: Russia's production calendar with its moved days, and a portal's own exceptions.

Pure and cheap: a year is computed once. Days are local dates of the portal's time zone, hours its wall clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays

_ONE = timedelta(days=1)


@lru_cache(maxsize=64)
def _russia(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """(days off on weekdays and weekends alike, weekend days that are worked) of a year."""
    known = holidays.country_holidays("RU", years=year)
    return frozenset(known), frozenset(d for d in known.weekend_workdays if d.year == year)


@dataclass(frozen=True, slots=True)
class Workdays:
    """Which days are worked, from which hour to which. ``exceptions``: day -> working or not, against the calendar."""

    exceptions: Mapping[str, bool] = field(default_factory=dict)
    hours: tuple[int, int] = (9, 18)

    def is_working(self, day: date) -> bool:
        """Whether the day is worked."""
        own = self.exceptions.get(day.isoformat())
        if own is not None:
            return own
        off, worked = _russia(day.year)
        return day in worked or (day.weekday() < 5 and day not in off)

    def days(self, first: date, last: date) -> Iterator[date]:
        """Working days from ``first`` to ``last``, both included."""
        day = first
        while day <= last:
            if self.is_working(day):
                yield day
            day += _ONE

    def count(self, first: date, last: date) -> int:
        """Number of working days, both ends included; 0 where ``last`` lies before ``first``."""
        return sum(1 for _ in self.days(first, last))

    def share_passed(self, moment: datetime) -> float:
        """Share of the day's working hours that have passed at a local instant; 0 on a day off."""
        if not self.is_working(moment.date()):
            return 0.0
        first, last = self.hours
        hours = moment.hour + moment.minute / 60 + moment.second / 3600
        return min(1.0, max(0.0, (hours - first) / (last - first)))

    def elapsed(self, first: date, last: date, moment: datetime) -> float:
        """Working days of ``first..last`` finished by a local instant, with the passed share of its own day."""
        today = moment.date()
        if today < first:
            return 0.0
        if today > last:
            return float(self.count(first, last))
        return self.count(first, today - _ONE) + self.share_passed(moment)
