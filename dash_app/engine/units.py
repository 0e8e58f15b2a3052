"""Whole weeks, months, quarters and years: which one holds a day, the next and the one before, how each is named and called.

Quarters and years begin in the first month of the fiscal year (a setting; 1: the calendar's own). A fiscal year is numbered by the calendar year in
which it begins (metrics.md section 0.2): with April first, the year 2026 is April 2026 – March 2027, called 2026/27, and its third quarter is October – December 2026.
All dates are local days of the portal's time zone.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final, Literal

from dateutil.relativedelta import relativedelta

from dash_app.engine.query import Period
from dash_app.text import Text

CalendarUnit = Literal["week", "month", "quarter", "year"]
UNITS: Final[tuple[CalendarUnit, ...]] = ("week", "month", "quarter", "year")

_STEP: Final[dict[CalendarUnit, relativedelta]] = {
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "quarter": relativedelta(months=3),
    "year": relativedelta(years=1),
}
_NAME: Final = re.compile(r"(?P<year>\d{4})(-(?:Q(?P<quarter>[1-4])|W(?P<week>\d\d)|(?P<month>\d\d)))?", re.ASCII)
_MONTHS: Final[dict[str, tuple[str, ...]]] = {
    "ru": (
        "Январь",
        "Февраль",
        "Март",
        "Апрель",
        "Май",
        "Июнь",
        "Июль",
        "Август",
        "Сентябрь",
        "Октябрь",
        "Ноябрь",
        "Декабрь",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}
ROMAN: Final = ("I", "II", "III", "IV")


def month_name(month: int) -> Text:
    """«Февраль»; ``month`` from 1."""
    return Text(_MONTHS["ru"][month - 1], _MONTHS["en"][month - 1])


def whole(unit: CalendarUnit, day: date, first_month: int = 1) -> Period:
    """The whole week (ISO, Monday), month, quarter or year that holds a day."""
    if unit == "week":
        first = day - timedelta(days=day.weekday())
        return Period(first, first + timedelta(days=6))
    length = {"month": 1, "quarter": 3, "year": 12}[unit]
    ahead = 0 if unit == "month" else (day.month - first_month) % length
    first = day.replace(day=1) - relativedelta(months=0 if unit == "month" else ahead)
    return Period(first, first + relativedelta(months=length, days=-1))


def unit_of(period: Period, first_month: int = 1) -> CalendarUnit | None:
    """What whole unit a period is; None for any other dates."""
    return next((unit for unit in UNITS if whole(unit, period.start, first_month) == period), None)


def moved(period: Period, steps: int, first_month: int = 1) -> Period:
    """The period so many steps later (earlier where negative): a whole unit goes to the next one, any other dates by their own number of days.

    Going there and back gives the same period. OverflowError where no such days exist.
    """
    unit = unit_of(period, first_month)
    if unit is None:
        shift = timedelta(days=period.days * steps)
        return Period(period.start + shift, period.end + shift)
    try:
        return whole(unit, period.start + _STEP[unit] * steps, first_month)
    except ValueError:
        raise OverflowError("no such days") from None


def year_before(period: Period, first_month: int = 1) -> Period:
    """The same dates a year earlier: a whole month, quarter, year or ISO week is the same one of the year before, 29 February otherwise is the 28th.

    Week 53 of a year whose predecessor has 52 weeks goes with week 52: the last one with the last one.
    """
    unit = unit_of(period, first_month)
    if unit == "week":
        year, week, _ = period.start.isocalendar()
        monday = date.fromisocalendar(year - 1, min(week, _weeks(year - 1)), 1)
        return whole("week", monday)
    if unit is not None:
        return whole(unit, period.start - relativedelta(years=1), first_month)
    return Period(period.start - relativedelta(years=1), period.end - relativedelta(years=1))


def _weeks(year: int) -> int:
    """ISO weeks of an ISO year: 52 or 53."""
    return date(year, 12, 28).isocalendar().week


def _first_of_year(year: int, first_month: int) -> date:
    return date(year, first_month, 1)


def named(name: str, first_month: int = 1) -> Period | None:
    """``2026-02``, ``2026-Q1``, ``2026``, ``2026-W05`` as the unit it names; None if it names none."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    year = int(found["year"])
    try:
        if found["week"]:
            return whole("week", date.fromisocalendar(year, int(found["week"]), 1))
        if found["month"]:
            return whole("month", date(year, int(found["month"]), 1))
        first = _first_of_year(year, first_month)
        if found["quarter"]:
            return whole("quarter", first + relativedelta(months=3 * int(found["quarter"]) - 3), first_month)
        return whole("year", first, first_month)
    except (ValueError, OverflowError):
        return None


def name_of(period: Period, first_month: int = 1) -> str | None:
    """The name ``named`` reads; None for dates that are no whole unit."""
    unit = unit_of(period, first_month)
    if unit is None:
        return None
    if unit == "week":
        year, week, _ = period.start.isocalendar()
        return f"{year}-W{week:02d}"
    if unit == "month":
        return f"{period.start:%Y-%m}"
    year, quarter = place(period.start, first_month)
    return f"{year}" if unit == "year" else f"{year}-Q{quarter}"


def place(day: date, first_month: int = 1) -> tuple[int, int]:
    """(number of the fiscal year, number of its quarter) that hold a day."""
    year = day.year - (day.month < first_month)
    return year, (day.month - first_month) % 12 // 3 + 1


def year_text(year: int, first_month: int = 1) -> str:
    """``2026``, or ``2026/27`` where the year begins in another month than January."""
    return f"{year}" if first_month == 1 else f"{year}/{(year + 1) % 100:02d}"


def title_of(period: Period, first_month: int = 1) -> Text | None:
    """«Февраль 2026», «III квартал 2026/27», «2026/27 год», «Неделя 5, 2026»; None for dates that are no whole unit."""
    unit = unit_of(period, first_month)
    if unit is None:
        return None
    if unit == "week":
        number_of_year, week, _ = period.start.isocalendar()
        return Text(f"Неделя {week}, {number_of_year}", f"Week {week}, {number_of_year}")
    if unit == "month":
        name = month_name(period.start.month)
        return Text(f"{name.ru} {period.start.year}", f"{name.en} {period.start.year}")
    number, quarter = place(period.start, first_month)
    year = year_text(number, first_month)
    if unit == "year":
        return Text(f"{year} год", f"Year {year}")
    return Text(f"{ROMAN[quarter - 1]} квартал {year}", f"Q{quarter} {year}")
