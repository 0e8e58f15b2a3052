"""Days prepared at refresh are those the usual comparisons ask for."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from dash_app.reports.warm import usual_days, warm
from pages.sales_dynamics import REPORT
from tests.figures.facts_builder import Facts, Published, moscow, service_of


def test_a_comparison_of_this_month_asks_for_a_day_that_was_prepared(tmp_path: Path) -> None:
    facts = Facts(tmp_path / "portal.duckdb")
    as_of = facts.as_of
    assert as_of is not None
    snapshot = Published(facts.done())
    assert warm(snapshot, as_of, "Europe/Moscow") == len(snapshot.asked) > 1
    prepared = set(snapshot.asked)
    service = service_of(snapshot, REPORT)
    for preset, mode in (("this_month", "previous"), ("last_month", "previous"), ("this_month", "year")):
        snapshot.asked.clear()
        service.block(REPORT, "summary", service.parse(REPORT, {"period": [preset], "compare": [mode]}))
        assert snapshot.asked and set(snapshot.asked) <= prepared


def test_days_that_have_not_come_yet_are_not_prepared() -> None:
    now = moscow("2026-03-01 00:00")
    assert now is not None
    days = usual_days(now, "Europe/Moscow")
    assert days and all(day < now for day in days)
    assert all(isinstance(day, datetime) for day in days)
