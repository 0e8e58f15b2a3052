"""Periods, bases of comparison and buckets."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dash_app.engine.periods import base_period, base_span, buckets, parse_date, period_of, preset_period, span_of
from dash_app.engine.query import Period
from dash_app.errors import BadInput

MOSCOW = ZoneInfo("Europe/Moscow")
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def period(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("given", "base"),
    [
        (("2026-02-01", "2026-02-28"), ("2026-01-01", "2026-01-31")),  # a whole month: the month before
        (("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),
        (("2026-01-01", "2026-03-31"), ("2025-10-01", "2025-12-31")),  # a quarter
        (("2026-01-01", "2026-12-31"), ("2025-01-01", "2025-12-31")),  # a year
        (("2026-02-02", "2026-02-08"), ("2026-01-26", "2026-02-01")),  # an ISO week
        (("2026-02-01", "2026-02-07"), ("2026-01-25", "2026-01-31")),  # any seven days
        (("2026-02-01", "2026-02-12"), ("2026-01-20", "2026-01-31")),
    ],
)
def test_previous_period_is_the_whole_one_before_or_the_same_number_of_days(
    given: tuple[str, str], base: tuple[str, str]
) -> None:
    assert base_period(period(*given), "previous") == period(*base)


def test_a_year_earlier_29_february_becomes_28() -> None:
    assert base_period(period("2024-02-01", "2024-02-29"), "year") == period("2023-02-01", "2023-02-28")


def test_running_period_is_compared_with_the_same_elapsed_position() -> None:
    as_of = datetime(2026, 3, 12, 12, 0)  # 15:00 in Moscow: eleven days and fifteen hours of March have passed
    span = base_span(period("2026-03-01", "2026-03-31"), period("2026-02-01", "2026-02-28"), as_of, MOSCOW)
    assert span.cut
    assert span.start == datetime(2026, 1, 31, 21, 0)
    assert span.end == datetime(2026, 2, 12, 12, 0)


def test_cut_is_capped_at_the_end_of_a_shorter_base() -> None:
    as_of = datetime(2026, 3, 30, 12, 0)
    span = base_span(period("2026-03-01", "2026-03-31"), period("2026-02-01", "2026-02-28"), as_of, MOSCOW)
    assert not span.cut
    assert span.end == datetime(2026, 2, 28, 21, 0)


def test_finished_period_is_compared_whole() -> None:
    span = base_span(
        period("2026-02-01", "2026-02-28"), period("2026-01-01", "2026-01-31"), datetime(2026, 3, 20), MOSCOW
    )
    assert (span.cut, span.end) == (False, datetime(2026, 1, 31, 21, 0))


def test_whole_base_option_never_cuts() -> None:
    as_of = datetime(2026, 3, 12, 12, 0)
    span = base_span(period("2026-03-01", "2026-03-31"), period("2026-02-01", "2026-02-28"), as_of, MOSCOW, whole=True)
    assert not span.cut


def test_days_begin_at_local_midnight() -> None:
    span = span_of(period("2026-02-01", "2026-02-01"), MOSCOW)
    assert (span.start, span.end) == (datetime(2026, 1, 31, 21, 0), datetime(2026, 2, 1, 21, 0))


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-13-01", "сегодня", "", "2026-2-1", "0001-01-01", "9999-12-31", "'; DROP TABLE deals"]
)
def test_senseless_dates_are_answered_with_a_sentence(text: str) -> None:
    with pytest.raises(BadInput) as error:
        parse_date(text)
    assert error.value.text.ru.endswith(".")


def test_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(BadInput):
        period_of(date(2026, 2, 2), date(2026, 2, 1))


def test_presets_of_a_known_day() -> None:
    today = date(2026, 11, 24)  # a Tuesday
    assert preset_period("this_week", today) == period("2026-11-23", "2026-11-29")
    assert preset_period("last_month", today) == period("2026-10-01", "2026-10-31")
    assert preset_period("last_quarter", today) == period("2026-07-01", "2026-09-30")
    assert preset_period("last_7", today) == period("2026-11-18", "2026-11-24")


@given(DAYS, st.integers(0, 500), st.sampled_from(["day", "week", "month", "quarter"]))
def test_buckets_cover_the_period_without_holes(start: date, length: int, grain: str) -> None:
    whole = Period(start, date.fromordinal(start.toordinal() + length))
    found = list(buckets(whole, grain))
    assert found[0].start <= whole.start <= found[0].end
    assert found[-1].start <= whole.end <= found[-1].end
    assert all(b.start.toordinal() == a.end.toordinal() + 1 for a, b in zip(found, found[1:], strict=False))


@given(DAYS, st.integers(0, 500))
def test_previous_base_ends_right_before_the_period(start: date, length: int) -> None:
    whole = Period(start, date.fromordinal(start.toordinal() + length))
    assert base_period(whole, "previous").end.toordinal() == start.toordinal() - 1


def test_all_of_time_is_compared_with_the_same_moment_a_month_or_a_year_ago() -> None:
    zone = ZoneInfo("Europe/Moscow")
    period = preset_period("all", date(2026, 3, 20))
    as_of = datetime(2026, 3, 20, 9)  # noon in Moscow
    assert base_span(period, base_period(period, "previous"), as_of, zone).end == datetime(2026, 2, 20, 9)
    assert base_span(period, base_period(period, "year"), as_of, zone).end == datetime(2025, 3, 20, 9)
    month = preset_period("this_month", date(2026, 3, 20))
    assert base_span(month, base_period(month, "previous"), as_of, zone).end == datetime(
        2026, 2, 20, 9
    )  # the same facts serve both
