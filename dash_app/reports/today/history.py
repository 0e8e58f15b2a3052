"""What is usual: values of the same days before, their middle and their spread. Pure arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from dateutil.relativedelta import relativedelta

from dash_app.engine.query import Period

_TO_DEVIATION = 1.4826
"""A median absolute deviation times this is the standard deviation of what is spread normally."""
_LEAST_OF_SUMS = 0.1
"""Sums are never taken to be steadier than a tenth of their middle."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The middle of earlier values, and how far they usually lie from it."""

    middle: float
    spread: float
    values: tuple[float, ...]

    def distance(self, value: float) -> float:
        """How many spreads a value lies above its usual, below it negative."""
        return (value - self.middle) / self.spread


def usual(values: Sequence[float], *, of_counts: bool) -> Usual:
    """Of at least one value. Counts are never steadier than chance alone makes them (the root of their middle)."""
    middle = median(values)
    deviation = _TO_DEVIATION * median(abs(v - middle) for v in values)
    least = math.sqrt(max(middle, 1.0)) if of_counts else _LEAST_OF_SUMS * abs(middle)
    return Usual(middle, max(deviation, least) or 1.0, tuple(values))


def of_share(share: float, usual_share: float, records: int) -> float:
    """How many standard errors a share of so many records lies above the usual one."""
    error = math.sqrt(usual_share * (1 - usual_share) / records) if records else 0.0
    return (share - usual_share) / error if error else 0.0


def windows(last: date, days: int, number: int) -> list[Period]:
    """``number`` windows of so many days, the one that ends on ``last`` first, each right before the one before. Steps are whole weeks."""
    step = timedelta(days=max(7, days))
    return [Period(last - step * n - timedelta(days=days - 1), last - step * n) for n in range(number)]


def months_to_date(last: date, number: int) -> list[Period]:
    """The month of ``last`` up to that day, then the same days of the months before; a shorter month ends where it ends."""
    first = last.replace(day=1)
    found = []
    for n in range(number):
        start = first - relativedelta(months=n)
        found.append(Period(start, min(start + timedelta(days=last.day - 1), start + relativedelta(months=1, days=-1))))
    return found


def summed(by_day: Mapping[date, Any], period: Period) -> Any:
    """What the days of a period add up to."""
    return sum(by_day.get(period.start + timedelta(days=n), 0) for n in range(period.days))


def alike(
    periods: Iterable[Period], now: Period, is_working: Callable[[date], bool], since: date | None
) -> list[Period]:
    """Those with as many working days as ``now`` that begin after the first record: others are no measure of it."""

    def working(period: Period) -> int:
        return sum(is_working(period.start + timedelta(days=n)) for n in range(period.days))

    wanted = working(now)
    return [p for p in periods if since is not None and p.start > since and working(p) == wanted]
