"""Rhythm of the company: working days, hours, month ends, seasons.

Instants are epoch seconds UTC, days are Moscow's.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

OFFSET: Final = 3 * 3600
"""Moscow has had no summer time in the years of the demo company."""
DAY: Final = 86_400
_EPOCH: Final = date(1970, 1, 1)

_HOLIDAYS: Final = frozenset(
    {(1, day) for day in range(1, 9)} | {(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4), (12, 31)}
)
_SEASON: Final = (0.72, 0.98, 1.08, 1.08, 0.82, 0.97, 0.88, 0.86, 1.06, 1.12, 1.14, 1.22)
"""January .. December."""
_WEEKDAY: Final = (1.08, 1.12, 1.08, 1.02, 0.9, 0.2, 0.13)
_WORK_HOURS: Final = (0.6, 1.1, 1.35, 1.2, 0.7, 1.0, 1.25, 1.2, 1.0, 0.45)
"""Weights of the hours 9 .. 18."""
_ROUND_THE_CLOCK: Final = (
    0.15,
    0.1,
    0.06,
    0.05,
    0.05,
    0.08,
    0.15,
    0.35,
    0.8,
    1.5,
    2.0,
    2.1,
    1.9,
    1.5,
    1.8,
    2.0,
    1.9,
    1.6,
    1.2,
    0.9,
    0.8,
    0.7,
    0.5,
    0.3,
)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def midnight(day: date) -> int:
    """Instant a Moscow day begins."""
    return day_number(day) * DAY - OFFSET


def local_day(moments: Ints) -> Ints:
    """Day numbers (Moscow) of instants."""
    return (moments + OFFSET) // DAY


def is_working(day: date) -> bool:
    """Whether people work on that day: not a weekend, not a Russian public holiday."""
    return day.weekday() < 5 and (day.month, day.day) not in _HOLIDAYS


def rounded(moments: Ints, minutes: int) -> Ints:
    """The next round time: people plan by the quarter of an hour."""
    step = minutes * 60
    return -(-moments // step) * step


class Calendar:
    """Days from ``start`` to ``today`` (the first day without data) and a margin on both sides."""

    def __init__(self, start: date, today: date) -> None:
        self.start, self.today = start, today
        self.begin, self.end = midnight(start), midnight(today)
        self._origin = day_number(start) - 200
        self._size = day_number(today) - self._origin + 900
        days = [_EPOCH + timedelta(days=self._origin + i) for i in range(self._size)]
        self.texts = np.array([day.isoformat() for day in days], dtype=object)
        work = np.array([is_working(day) for day in days])
        index = np.arange(self._size)
        following = np.where(work, index, self._size)
        self._next_work = np.minimum.accumulate(following[::-1])[::-1].clip(0, self._size - 1)
        preceding = np.maximum.accumulate(np.where(work, index, 0))
        self._last_work = preceding
        month_last = np.array(
            [day_number(date(day.year + day.month // 12, day.month % 12 + 1, 1)) - 1 - self._origin for day in days]
        ).clip(0, self._size - 1)
        self._month_last_work = preceding[month_last]
        growth = np.linspace(0.0, 1.0, self._size)
        self._arrivals = np.array(
            [
                _SEASON[day.month - 1]
                * (
                    _WEEKDAY[day.weekday()]
                    if is_working(day)
                    else (0.15 if day.weekday() < 5 else _WEEKDAY[day.weekday()])
                )
                for day in days
            ]
        ) * (0.75 + 0.6 * growth)
        self._hours = np.cumsum(_WORK_HOURS) / sum(_WORK_HOURS)
        self._clock = np.cumsum(_ROUND_THE_CLOCK) / sum(_ROUND_THE_CLOCK)

    def months(self) -> list[tuple[int, int]]:
        """Instants [from, to) of the calendar months up to today; the last one may be cut."""
        found, day = [], self.start
        while day < self.today:
            following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
            found.append((midnight(day), midnight(min(following, self.today))))
            day = following
        return found

    def weights(self, low: int, high: int) -> Floats:
        """How much comes in on each day of [low, high)."""
        first, last = (low + OFFSET) // DAY - self._origin, (high + OFFSET) // DAY - self._origin
        return self._arrivals[first:last]

    def arrivals(self, rng: np.random.Generator, low: int, high: int, count: int, office: Bools) -> Ints:
        """``count`` instants of [low, high) in the company's rhythm; ``office``: made by people at work."""
        weights = self.weights(low, high)
        total = np.cumsum(weights)
        first = (low + OFFSET) // DAY
        days = first + np.searchsorted(total / total[-1], rng.random(count), side="right").clip(0, len(weights) - 1)
        # somebody at work makes them on working days; what falls on a free day is entered on the next one
        moved = self._next_work[days - self._origin] + self._origin
        days = np.where(office & (moved * DAY - OFFSET < high), moved, days)
        clock = np.searchsorted(self._clock, rng.random(count)) * 3600
        seconds = np.where(office, self.office_time(rng, count), clock + rng.integers(0, 3600, count))
        return days * DAY - OFFSET + seconds

    def office_time(self, rng: np.random.Generator, count: int) -> Ints:
        """Seconds after midnight, in office hours."""
        hours = 9 + np.searchsorted(self._hours, rng.random(count))
        return (hours * 3600 + rng.integers(0, 3600, count)).astype(np.int64)

    def at_work(self, rng: np.random.Generator, after: Ints, moments: Ints, weekend: float = 0.02) -> Ints:
        """The nearest time people work at or after the days of ``moments``, always later than ``after``."""
        days = local_day(moments)
        index = (days - self._origin).clip(0, self._size - 1)
        free = rng.random(len(moments)) < weekend
        # what falls on a free day is done just before it or in the first days after
        later = self._next_work[(self._next_work[index] + rng.integers(0, 3, len(moments))).clip(0, self._size - 1)]
        earlier = self._last_work[index]
        earlier = np.where(
            (rng.random(len(moments)) < 0.5) & (earlier + self._origin > local_day(after)), earlier, later
        )
        days = np.where(free | (self._next_work[index] == index), days, earlier + self._origin)
        found = days * DAY - OFFSET + self.office_time(rng, len(moments))
        return np.where(found <= after, after + rng.integers(90, 5400, len(moments)), found)

    def response(self, rng: np.random.Generator, moments: Ints, minutes: Floats) -> Ints:
        """When somebody answers ``minutes`` of working time later."""
        days = local_day(moments)
        second = (moments + OFFSET) % DAY
        working = self._next_work[(days - self._origin).clip(0, self._size - 1)] + self._origin
        open_now = (working == days) & (second >= 9 * 3600) & (second < 18 * 3600)
        early = (working == days) & (second < 9 * 3600)
        begin = np.where(open_now, second, 9 * 3600)
        next_day = self._next_work[(days + 1 - self._origin).clip(0, self._size - 1)] + self._origin
        day = np.where(open_now | early, days, next_day)
        end = begin + (minutes * 60).astype(np.int64)
        # what does not fit into the day goes on in the next morning
        over = end > int(18.5 * 3600)
        after = self._next_work[(day + 1 - self._origin).clip(0, self._size - 1)] + self._origin
        late = 9 * 3600 + (end - int(18.5 * 3600)).clip(0, 8 * 3600)
        return np.where(over, after * DAY - OFFSET + late, day * DAY - OFFSET + end)

    def month_end(self, rng: np.random.Generator, moments: Ints) -> Ints:
        """An instant in the last four days of work of the same month."""
        index = (local_day(moments) - self._origin).clip(0, self._size - 1)
        days = self._month_last_work[index] + self._origin - rng.integers(0, 4, len(moments))
        days = self._next_work[days - self._origin] + self._origin
        return days * DAY - OFFSET + self.office_time(rng, len(moments))

    def day_texts(self, moments: Ints) -> npt.NDArray[np.object_]:
        """``YYYY-MM-DD`` of instants."""
        return self.texts[(local_day(moments) - self._origin).clip(0, self._size - 1)]
