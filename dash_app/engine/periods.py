"""Periods in the words of business: presets, the base of a comparison, buckets, and their instants in UTC (metrics.md sections 0.2 and 0.15).

All dates are local days of the portal's time zone; all instants returned are naive UTC (as in the fact tables).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from dash_app.engine import units
from dash_app.engine.query import Period, Query
from dash_app.errors import BadInput
from dash_app.store.workdays import Workdays
from dash_app.text import Text

PRESETS: dict[str, Text] = {
    "today": Text("Сегодня", "Today"),
    "yesterday": Text("Вчера", "Yesterday"),
    "this_week": Text("Эта неделя", "This week"),
    "last_week": Text("Прошлая неделя", "Last week"),
    "this_month": Text("Этот месяц", "This month"),
    "last_month": Text("Прошлый месяц", "Last month"),
    "this_quarter": Text("Этот квартал", "This quarter"),
    "last_quarter": Text("Прошлый квартал", "Last quarter"),
    "this_year": Text("Этот год", "This year"),
    "last_year": Text("Прошлый год", "Last year"),
    "last_7": Text("Последние 7 дней", "Last 7 days"),
    "last_30": Text("Последние 30 дней", "Last 30 days"),
    "last_90": Text("Последние 90 дней", "Last 90 days"),
    "last_365": Text("Последние 365 дней", "Last 365 days"),
    "all": Text("Всё время", "All time"),
}
"""Preset id -> label, in the order shown."""

GRAINS: dict[str, Text] = {
    "day": Text("День", "Day"),
    "week": Text("Неделя", "Week"),
    "month": Text("Месяц", "Month"),
    "quarter": Text("Квартал", "Quarter"),
}

_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_DAY, _MICROSECOND = timedelta(days=1), timedelta(microseconds=1)
ALL_START = date(_FIRST_YEAR, 1, 1)
"""First day of the preset ``all``: no portal is older."""


def parse_date(text: str) -> date:
    """``2026-02-28`` as a date; BadInput says what is wrong with anything else."""
    shown = text[:40]
    try:
        day = date.fromisoformat(text) if len(text) == 10 and text[4] == text[7] == "-" else None
    except ValueError:
        day = None
    if day is None:
        raise BadInput(
            Text(
                f"Даты «{shown}» не существует. Укажите день так: 2026-02-28.",
                f"There is no date “{shown}”. Write a day like this: 2026-02-28.",
            )
        )
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise BadInput(
            Text(
                f"Дата {shown} слишком далеко. Выберите день между {_FIRST_YEAR} и {_LAST_YEAR} годом.",
                f"The date {shown} is too far away. Choose a day between {_FIRST_YEAR} and {_LAST_YEAR}.",
            )
        )
    return day


def period_of(start: date, end: date) -> Period:
    """A period; BadInput if it ends before it begins."""
    if start > end:
        raise BadInput(
            Text(
                f"Период начинается {start:%d.%m.%Y}, а заканчивается раньше – {end:%d.%m.%Y}. Поменяйте даты местами.",
                f"The period starts on {start.isoformat()} but ends earlier, on {end.isoformat()}. Swap the dates.",
            )
        )
    return Period(start, end)


def preset_period(preset: str, today: date, first_month: int = 1) -> Period:
    """The period a preset means on ``today`` (the local day of as-of), or the unit it names; BadInput for an unknown name.

    ``2026-02`` is a month, ``2026-Q1`` a quarter, ``2026`` a year, ``2026-W05`` an ISO week. ``first_month``: of the fiscal year.
    """
    if preset == "today":
        return Period(today, today)
    if preset == "yesterday":
        day = today - timedelta(days=1)
        return Period(day, day)
    word, _, unit = preset.partition("_")
    if unit in units.UNITS and word in ("this", "last"):
        return units.moved(units.whole(unit, today, first_month), 0 if word == "this" else -1, first_month)
    if preset == "all":
        return Period(ALL_START, today)
    if preset in PRESETS:
        return Period(today - timedelta(days=int(unit) - 1), today)
    period = units.named(preset, first_month)
    if period is not None and is_near(period):
        return period
    known = ", ".join(PRESETS)
    raise BadInput(
        Text(
            f"Период «{preset[:40]}» неизвестен. Есть: {known}, месяц 2026-02, квартал 2026-Q1, год 2026, неделя 2026-W05.",
            f"Unknown period “{preset[:40]}”. There are: {known}, a month 2026-02, a quarter 2026-Q1, a year 2026, a week 2026-W05.",
        )
    )


def stepped(query: Query, steps: int, today: date, first_month: int = 1) -> Query:
    """The query of the period so many steps later: the next month after a month, as many days after other dates. Itself where no such days may
    be asked for. A unit is named, the one of ``today`` by its preset; the base goes along.
    """
    if query.period.start == ALL_START:
        return query
    try:
        period = units.moved(query.period, steps, first_month)
    except OverflowError:
        return query
    if not is_near(period):
        return query
    unit = units.unit_of(period, first_month)
    if unit is not None:
        running = units.whole(unit, today, first_month) == period
        preset = f"this_{unit}" if running else units.name_of(period, first_month)
    else:
        preset = "today" if period == Period(today, today) else None
    compare = base_period(period, str(query.compare_mode), first_month) if query.compare else None
    return replace(query, period=period, preset=preset, compare=compare)


def is_near(period: Period) -> bool:
    """Whether a period lies within the years that may be asked for."""
    return period.start.year >= _FIRST_YEAR and period.end.year <= _LAST_YEAR


def base_period(period: Period, mode: str, first_month: int = 1) -> Period:
    """The dates a period is compared with: ``previous``, ``year`` or explicit ``2025-02-01..2025-02-28``.

    ``previous``: a whole month goes with the month before it, a whole quarter, year and ISO week likewise; any other period with
    the same number of days right before it. ``year``: a whole month, quarter, year or ISO week goes with the same one a year earlier,
    other dates with the same dates (``units.year_before``). ``first_month``: of the fiscal year.
    """
    if mode == "year":
        if period.start == ALL_START:
            return Period(ALL_START, period.end - relativedelta(years=1))
        return units.year_before(period, first_month)
    if mode == "previous" and period.start == ALL_START:  # nothing lies before all time: the same a month ago
        return Period(ALL_START, period.end - relativedelta(months=1))
    if mode == "previous":
        return units.moved(period, -1, first_month)
    start, dots, end = mode.partition("..")
    if not dots:
        raise BadInput(
            Text(
                f"Сравнение «{mode[:40]}» непонятно. Укажите previous, year или даты: 2025-02-01..2025-02-28.",
                f"The comparison “{mode[:40]}” is unclear. Give previous, year or dates: 2025-02-01..2025-02-28.",
            )
        )
    return period_of(parse_date(start), parse_date(end))


def to_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    """Local wall-clock time (naive) as naive UTC; of an hour told twice the first, of one skipped the moment an hour later."""
    return moment.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


def to_local(instant: datetime, zone: ZoneInfo) -> datetime:
    """Naive UTC as aware local time."""
    return instant.replace(tzinfo=UTC).astimezone(zone)


@dataclass(frozen=True, slots=True)
class Span:
    """A period as half-open UTC instants, with its local dates. ``cut``: ends before its last day does."""

    period: Period
    start: datetime
    end: datetime
    cut: bool = False


def span_of(period: Period, zone: ZoneInfo) -> Span:
    """``[from 00:00, to + 1 day 00:00)`` of local days."""
    midnight = time.min
    return Span(
        period,
        to_utc(datetime.combine(period.start, midnight), zone),
        to_utc(datetime.combine(period.end + timedelta(days=1), midnight), zone),
    )


def base_span(
    period: Period,
    base: Period,
    as_of: datetime,
    zone: ZoneInfo,
    *,
    whole: bool = False,
    workdays: Workdays | None = None,
) -> Span:
    """The base of a comparison, cut at the same elapsed position while ``as_of`` (naive UTC) lies inside ``period``.

    Twelve days and three hours of this month are compared with twelve days and three hours of the last one,
    measured on the wall clock and capped at the base's end. ``whole``: never cut. ``workdays``: the position is that of the working
    calendar instead, see ``_working_cut``.
    """
    span, full = span_of(period, zone), span_of(base, zone)
    if whole or not span.start <= as_of < span.end:
        return full
    now = to_local(as_of, zone).replace(tzinfo=None)
    if period.start == ALL_START:  # all of time up to now: up to the same moment of the base's last day
        return Span(base, full.start, min(to_utc(datetime.combine(base.end, now.time()), zone), full.end), cut=True)
    if workdays is None:
        cut: datetime | None = datetime.combine(base.start, time.min) + (now - datetime.combine(period.start, time.min))
    else:
        cut = _working_cut(period, base, now, workdays)
    end = full.end if cut is None else to_utc(cut, zone)
    return Span(base, full.start, end, cut=True) if end < full.end else full


def _working_cut(period: Period, base: Period, now: datetime, workdays: Workdays) -> datetime | None:
    """Where a base has as many finished working days behind it as the period has at ``now``, both on the wall clock; None: at its end.

    On a working day that is the same time of the base's next working day. On a day off it is as long after the last finished working day (after
    the period's beginning where there is none), but before the base's next working day begins.
    """
    finished = list(workdays.days(period.start, now.date() - _DAY))
    days = list(workdays.days(base.start, base.end))
    if len(finished) > len(days):
        return None
    following = days[len(finished)] if len(finished) < len(days) else None
    if workdays.is_working(now.date()):
        return datetime.combine(following, now.time()) if following else None
    since = now - datetime.combine(finished[-1] + _DAY if finished else period.start, time.min)
    after = datetime.combine(days[len(finished) - 1] + _DAY if finished else base.start, time.min)
    return min(after + since, datetime.combine(following or base.end + _DAY, time.min))


def days_passed(span: Span, as_of: datetime, zone: ZoneInfo) -> Fraction | None:
    """Days of a span that had passed at ``as_of`` (naive UTC): whole local days of one that is over, elapsed time / 24 h of the wall clock of
    one that is cut or runs, 0 of one yet to begin. None for all of time, which has no first day (metrics.md section 0.10).
    """
    if span.period.start == ALL_START:
        return None
    until = to_local(min(span.end, as_of), zone).replace(tzinfo=None)
    passed = until - datetime.combine(span.period.start, time.min)
    return Fraction(max(passed // _MICROSECOND, 0), _DAY // _MICROSECOND)


def default_grain(period: Period) -> str:
    """day | week | month | quarter: what gives a readable number of points (46 at most, 28 weeks, 37 months) for a period of this length."""
    if period.days <= 45:
        return "day"
    if period.days <= 190:
        return "week"
    return "month" if period.days <= 1100 else "quarter"


def grain_of(chosen: str, period: Period, finest: str = "day") -> str:
    """The step of a series (``GRAINS``): the chosen one, else one by the length of the period, not finer than ``finest``."""
    grains = list(GRAINS)
    return chosen or max(default_grain(period), finest, key=grains.index)


def buckets(period: Period, grain: str, first_month: int = 1) -> Iterator[Period]:
    """Buckets that touch the period, in order, by their full calendar dates; quarters are those of the fiscal year."""
    day = period.start
    while day <= period.end:
        bucket = Period(day, day) if grain == "day" else units.whole(grain, day, first_month)  # type: ignore[arg-type]
        yield bucket
        day = bucket.end + timedelta(days=1)
