"""Whole weeks, months, quarters and years: names, steps, the same one a year earlier; fiscal years; presets from any as-of."""

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dash_app.engine import units
from dash_app.engine.periods import (
    PRESETS,
    base_period,
    base_span,
    buckets,
    days_passed,
    preset_period,
    span_of,
    to_local,
)
from dash_app.engine.query import Period
from dash_app.errors import BadInput
from dash_app.store.workdays import Workdays

DAYS = st.dates(date(1992, 1, 1), date(2098, 12, 31))
MONTHS = st.integers(1, 12)
UNITS = st.sampled_from(units.UNITS)
ZONES = st.sampled_from(
    ["Europe/Moscow", "Europe/Berlin", "America/New_York", "Asia/Vladivostok", "Australia/Lord_Howe"]
)
MOSCOW = ZoneInfo("Europe/Moscow")


def period(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


def spanning(start: date, length: int) -> Period:
    return Period(start, start + timedelta(days=length))


# -- names --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "first_month", "dates", "title"),
    [
        ("2026-02", 1, ("2026-02-01", "2026-02-28"), "Февраль 2026"),
        ("2026-02", 4, ("2026-02-01", "2026-02-28"), "Февраль 2026"),
        ("2026-Q1", 1, ("2026-01-01", "2026-03-31"), "I квартал 2026"),
        ("2026-Q3", 4, ("2026-10-01", "2026-12-31"), "III квартал 2026/27"),
        ("2026-Q4", 4, ("2027-01-01", "2027-03-31"), "IV квартал 2026/27"),
        ("2026", 1, ("2026-01-01", "2026-12-31"), "2026 год"),
        ("2026", 10, ("2026-10-01", "2027-09-30"), "2026/27 год"),
        ("1999", 7, ("1999-07-01", "2000-06-30"), "1999/00 год"),
        ("2026-W01", 1, ("2025-12-29", "2026-01-04"), "Неделя 1, 2026"),
        ("2026-W53", 1, ("2026-12-28", "2027-01-03"), "Неделя 53, 2026"),
    ],
)
def test_a_named_unit_has_its_dates_and_its_words(
    name: str, first_month: int, dates: tuple[str, str], title: str
) -> None:
    found = preset_period(name, date(2026, 11, 24), first_month)
    said = units.title_of(found, first_month)
    assert (found, said.ru if said else None) == (period(*dates), title)
    assert units.name_of(found, first_month) == name


@pytest.mark.parametrize(
    "name", ["2026-13", "2026-00", "2026-Q5", "2025-W53", "1989", "2101-01", "26-02", "2026-2", "٢٠٢٦"]
)
def test_a_name_of_no_such_unit_is_answered_with_a_sentence(name: str) -> None:
    with pytest.raises(BadInput) as error:
        preset_period(name, date(2026, 11, 24))
    assert "2026-Q1" in error.value.text.ru


@given(DAYS, UNITS, MONTHS)
def test_a_unit_and_its_name_are_one(day: date, unit: units.CalendarUnit, first_month: int) -> None:
    found = units.whole(unit, day, first_month)
    assert found.start <= day <= found.end
    name = units.name_of(found, first_month)
    assert name is not None and units.named(name, first_month) == found
    assert units.unit_of(found, first_month) == unit


# -- steps --------------------------------------------------------------------------------------------------------------


@given(DAYS, UNITS, MONTHS)
def test_units_follow_one_another_without_holes(day: date, unit: units.CalendarUnit, first_month: int) -> None:
    here = units.whole(unit, day, first_month)
    after = units.moved(here, 1, first_month)
    assert after.start == here.end + timedelta(days=1) and units.unit_of(after, first_month) == unit
    assert units.moved(after, -1, first_month) == here


@given(DAYS, st.integers(0, 800), MONTHS)
def test_a_step_there_and_back_changes_nothing(start: date, length: int, first_month: int) -> None:
    here = spanning(start, length)
    assert units.moved(units.moved(here, -1, first_month), 1, first_month) == here
    assert units.moved(here, -1, first_month).end == here.start - timedelta(days=1)
    assert base_period(here, "previous", first_month) == units.moved(here, -1, first_month)


# -- a year earlier -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "base"),
    [
        (("2025-02-01", "2025-02-28"), ("2024-02-01", "2024-02-29")),  # a whole month
        (("2024-02-01", "2024-02-29"), ("2023-02-01", "2023-02-28")),
        (("2025-01-01", "2025-03-31"), ("2024-01-01", "2024-03-31")),  # a whole quarter
        (("2026-11-16", "2026-11-22"), ("2025-11-17", "2025-11-23")),  # ISO week 47
        (("2026-12-28", "2027-01-03"), ("2025-12-22", "2025-12-28")),  # week 53: the last week of 2025
        (("2021-12-27", "2022-01-02"), ("2020-12-21", "2020-12-27")),  # week 52 goes with week 52, also of a year of 53
        (("2025-02-01", "2025-02-27"), ("2024-02-01", "2024-02-27")),  # no whole month: the same dates
        (("2024-02-29", "2024-02-29"), ("2023-02-28", "2023-02-28")),
        (("2024-02-29", "2024-03-10"), ("2023-02-28", "2023-03-10")),
    ],
)
def test_a_year_earlier_a_whole_unit_is_a_whole_unit(given: tuple[str, str], base: tuple[str, str]) -> None:
    assert base_period(period(*given), "year") == period(*base)


def test_a_fiscal_year_that_ends_in_february_is_compared_whole() -> None:
    assert base_period(period("2024-03-01", "2025-02-28"), "year", 3) == period("2023-03-01", "2024-02-29")
    assert base_period(period("2024-12-01", "2025-02-28"), "year", 3) == period("2023-12-01", "2024-02-29")
    assert base_period(period("2024-12-01", "2025-02-28"), "year", 1) == period("2023-12-01", "2024-02-28")


@given(DAYS, UNITS, MONTHS)
def test_the_same_unit_a_year_earlier_is_of_its_kind_and_place(
    day: date, unit: units.CalendarUnit, first_month: int
) -> None:
    here = units.whole(unit, day, first_month)
    before = base_period(here, "year", first_month)
    assert units.unit_of(before, first_month) == unit
    if unit == "week":
        assert before.start.isocalendar().year == here.start.isocalendar().year - 1
        assert here.start.isocalendar().week - before.start.isocalendar().week in (
            (0, 1) if here.start.isocalendar().week == 53 else (0,)
        )
    else:
        assert (before.start.year, before.start.month) == (here.start.year - 1, here.start.month)


# -- presets -------------------------------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)), ZONES, MONTHS)
def test_every_preset_is_counted_from_the_local_day_of_as_of(as_of: datetime, name: str, first_month: int) -> None:
    today = to_local(as_of, ZoneInfo(name)).date()
    found = {preset: preset_period(preset, today, first_month) for preset in PRESETS}
    for unit in units.UNITS:
        this, last = found[f"this_{unit}"], found[f"last_{unit}"]
        assert this == units.whole(unit, today, first_month)
        assert last.end == this.start - timedelta(days=1) and units.unit_of(last, first_month) == unit
    assert found["today"] == Period(today, today) and found["yesterday"].end == today - timedelta(days=1)
    for number in (7, 30, 90, 365):
        assert (found[f"last_{number}"].days, found[f"last_{number}"].end) == (number, today)


@given(DAYS, st.integers(0, 900), MONTHS)
def test_quarters_of_a_fiscal_year_cover_a_period_without_holes(start: date, length: int, first_month: int) -> None:
    found = list(buckets(spanning(start, length), "quarter", first_month))
    assert found[0].start <= start <= found[0].end
    assert all(a.end + timedelta(days=1) == b.start for a, b in zip(found, found[1:], strict=False))
    assert {(bucket.start.month - first_month) % 3 for bucket in found} == {0}


# -- what has passed ------------------------------------------------------------------------------------------------------


@given(DAYS, st.integers(0, 400), ZONES)
def test_a_period_that_is_over_has_passed_whole_whatever_the_clocks_did(start: date, length: int, name: str) -> None:
    zone, here = ZoneInfo(name), spanning(start, length)
    span = span_of(here, zone)
    assert days_passed(span, span.end, zone) == here.days
    assert days_passed(span, span.end + timedelta(days=100), zone) == here.days
    assert days_passed(span, span.start, zone) == days_passed(span, span.start - timedelta(days=1), zone) == 0


def test_a_running_period_and_its_cut_base_are_divided_by_the_same_days() -> None:
    as_of = datetime(2026, 11, 24, 9)  # noon in Moscow
    here, base = period("2026-11-01", "2026-11-30"), period("2026-10-01", "2026-10-31")
    cut = base_span(here, base, as_of, MOSCOW)
    assert days_passed(span_of(here, MOSCOW), as_of, MOSCOW) == Fraction(47, 2)
    assert days_passed(cut, as_of, MOSCOW) == Fraction(47, 2)
    whole = base_span(here, base, as_of, MOSCOW, whole=True)
    assert days_passed(whole, as_of, MOSCOW) == 31


def test_all_of_time_has_no_number_of_days() -> None:
    span = span_of(preset_period("all", date(2026, 11, 24)), MOSCOW)
    assert days_passed(span, datetime(2026, 11, 24), MOSCOW) is None


# -- alignment by working days --------------------------------------------------------------------------------------------

PLAIN = Workdays()


def cut_at(as_of: str, here: Period, base: Period, workdays: Workdays = PLAIN) -> str:
    """Local end of the base, both instants in Moscow."""
    instant = datetime.fromisoformat(as_of).replace(tzinfo=MOSCOW).astimezone(UTC).replace(tzinfo=None)
    return f"{to_local(base_span(here, base, instant, MOSCOW, workdays=workdays).end, MOSCOW):%Y-%m-%d %H:%M}"


JANUARY, DECEMBER = period("2026-01-01", "2026-01-31"), period("2025-12-01", "2025-12-31")
FEBRUARY, NOVEMBER, OCTOBER = (
    period("2026-02-01", "2026-02-28"),
    period("2026-11-01", "2026-11-30"),
    period("2026-10-01", "2026-10-31"),
)


@pytest.mark.parametrize(
    ("as_of", "here", "base", "end"),
    [
        # Thursday 19 February, 13 working days over: the 14th of January, whose first working day is the 12th, is the 29th
        ("2026-02-19 15:00", FEBRUARY, JANUARY, "2026-01-29 15:00"),
        ("2026-01-12 11:00", JANUARY, DECEMBER, "2025-12-01 11:00"),  # no working day over: the first of the base
        (
            "2026-01-05 11:00",
            JANUARY,
            DECEMBER,
            "2025-12-01 00:00",
        ),  # still holidays: nothing of the base's first working day
        ("2026-02-21 15:00", FEBRUARY, JANUARY, "2026-01-31 15:00"),  # the Saturday after 15: that after January's 15th
        ("2026-02-26 15:00", FEBRUARY, JANUARY, "2026-02-01 00:00"),  # more than January has: its end
        (
            "2026-11-21 12:00",
            NOVEMBER,
            OCTOBER,
            "2026-10-21 00:00",
        ),  # Saturday after 14 days: before the base's 15th begins
    ],
)
def test_a_base_is_cut_at_the_same_number_of_finished_working_days(
    as_of: str, here: Period, base: Period, end: str
) -> None:
    assert cut_at(as_of, here, base) == end


def test_own_exceptions_of_the_calendar_move_the_cut() -> None:
    own = Workdays({"2026-02-18": False})
    assert cut_at("2026-02-19 15:00", FEBRUARY, JANUARY, own) == "2026-01-28 15:00"


@settings(max_examples=150)
@given(
    st.dates(date(2012, 1, 1), date(2027, 12, 31)),
    st.integers(0, 100),
    st.times(),
    UNITS,
    st.sampled_from(["previous", "year"]),
    st.dictionaries(st.dates(date(2012, 1, 1), date(2027, 12, 31)).map(date.isoformat), st.booleans(), max_size=8),
)
def test_working_days_of_a_base_are_as_many_as_those_of_the_period(
    day: date, share: int, clock: time, unit: units.CalendarUnit, mode: str, exceptions: dict[str, bool]
) -> None:
    calendar = Workdays(exceptions)
    here = units.whole(unit, day)
    base = base_period(here, mode)
    now = datetime.combine(here.start + timedelta(days=(here.days - 1) * share // 100), clock)
    as_of = now.replace(tzinfo=MOSCOW).astimezone(UTC).replace(tzinfo=None)
    span = base_span(here, base, as_of, MOSCOW, workdays=calendar)
    full = span_of(base, MOSCOW)
    assert span.start == full.start <= span.end <= full.end
    until = to_local(span.end, MOSCOW)
    over = calendar.count(base.start, until.date() - timedelta(days=1))
    finished = calendar.count(here.start, now.date() - timedelta(days=1))
    assert over == min(finished, calendar.count(base.start, base.end))
    if span.cut and calendar.is_working(now.date()) and calendar.is_working(until.date()):
        assert until.time().replace(microsecond=0) == now.time().replace(microsecond=0)
    later = base_span(
        here,
        base,
        min(as_of + timedelta(hours=7), span_of(here, MOSCOW).end - timedelta(seconds=1)),
        MOSCOW,
        workdays=calendar,
    )
    assert later.end >= span.end or as_of + timedelta(hours=7) > span_of(here, MOSCOW).end


def test_a_period_that_is_over_is_never_cut_by_working_days() -> None:
    as_of = datetime(2026, 4, 1)
    assert not base_span(FEBRUARY, JANUARY, as_of, MOSCOW, workdays=PLAIN).cut
    assert not base_span(FEBRUARY, JANUARY, datetime(2026, 2, 10), MOSCOW, whole=True, workdays=PLAIN).cut
