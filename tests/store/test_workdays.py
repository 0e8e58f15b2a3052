"""The working calendar: moved days, own exceptions, elapsed shares."""

from __future__ import annotations

from datetime import date, datetime

from dash_app.store.workdays import Workdays

PLAIN = Workdays()


def test_moved_days_of_the_production_calendar_are_known() -> None:
    assert not PLAIN.is_working(date(2026, 1, 9))  # a Friday off, moved from a Saturday
    assert PLAIN.is_working(date(2025, 11, 1))  # a working Saturday
    assert PLAIN.count(date(2026, 2, 1), date(2026, 2, 28)) == 19


def test_own_exceptions_win() -> None:
    own = Workdays({"2026-02-07": True, "2026-02-09": False})
    assert own.is_working(date(2026, 2, 7)) and not own.is_working(date(2026, 2, 9))
    assert own.count(date(2026, 2, 1), date(2026, 2, 28)) == 19


def test_elapsed_counts_finished_days_and_the_share_of_today() -> None:
    first, last = date(2026, 2, 2), date(2026, 2, 6)
    assert PLAIN.elapsed(first, last, datetime(2026, 2, 3, 13, 30)) == 1.5
    assert PLAIN.elapsed(first, last, datetime(2026, 2, 3, 7, 0)) == 1.0
    assert PLAIN.elapsed(first, last, datetime(2026, 2, 3, 23, 0)) == 2.0
    assert PLAIN.elapsed(first, last, datetime(2026, 2, 1, 12, 0)) == 0.0
    assert PLAIN.elapsed(first, last, datetime(2026, 3, 1, 12, 0)) == 5.0
    assert PLAIN.share_passed(datetime(2026, 2, 7, 12, 0)) == 0.0
