"""Просроченные дела on tables small enough to check by eye. As-of: 20 March 2026, 12:00 in Moscow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dash_app.engine.result import BlockResult, MatrixResult
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from pages.overdue_activities import REPORT
from tests.figures.facts_builder import Facts, Published, moscow, service_of
from tests.figures.test_sales_dynamics import by, only


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    built = Facts(tmp_path / "portal.duckdb")
    built.department(1, "Продажи")
    built.manager(1, "Анна", 1)
    built.manager(2, "Борис")
    return built


def todo(
    facts: Facts, activity_id: int, due: str | None, kind: str = "todo", created: str = "2026-01-10 10:00", **more: Any
) -> None:
    facts.activity(activity_id, kind, created, completed=more.pop("completed", False), deadline=moscow(due), **more)


def ask(facts: Facts, block: str, **params: Any) -> BlockResult:
    service = service_of(Published(facts.done()), REPORT)
    return service.block(REPORT, block, service.parse(REPORT, params, interface=False))


def test_overdue_is_open_with_a_deadline_that_has_passed(facts: Facts) -> None:
    todo(facts, 1, "2026-03-20 11:59")  # due today, already past
    todo(facts, 2, "2026-03-20 12:00")  # this very moment: not past
    todo(facts, 3, "2026-03-10 12:00")
    todo(facts, 4, "2026-03-10 12:00", completed=True)
    todo(facts, 5, None)  # never overdue
    todo(facts, 6, "2026-03-20 18:00")  # later today
    result = ask(facts, "summary")
    row = only(result)
    assert (row["open"], row["overdue"], row["overdue_today"], row["overdue_share"]) == (5, 2, 1, 0.4)
    assert row["overdue_days_median"] == pytest.approx((10 + 1 / 1440) / 2)
    assert row["oldest_days"] == pytest.approx(10)
    assert any("без срока: 1 из 5 (20 %)" in n.text.ru for n in result.notes)


def test_incoming_ones_not_taken_up_wait_from_their_creation(facts: Facts) -> None:
    for number, kind in enumerate(("call_in", "email_in", "message_in", "form"), 1):
        todo(facts, number, None, kind, created=f"2026-03-{20 - number * 2:02d} 12:00")
    todo(facts, 9, None, "email_out")
    todo(facts, 10, None, "call_in", completed=True)
    service = service_of(Published(facts.done()), REPORT)
    query = service.parse(REPORT, {})
    assert only(service.block(REPORT, "summary", query))["incoming_unprocessed"] == 4
    assert {r["age"]: r["incoming_unprocessed"] for r in service.block(REPORT, "incoming", query).rows} == {
        "0-1": 0,
        "1-3": 1,
        "3-7": 2,
        "7-30": 1,
        "30+": 0,
    }
    assert service.records(REPORT, "incoming", "incoming_unprocessed", {"age": "3-7"}, query, GridRequest()).total == 2


def test_ages_begin_at_their_border(facts: Facts) -> None:
    for number, due in enumerate(
        ("2026-03-20 11:00", "2026-03-19 12:00", "2026-03-17 12:00", "2026-03-13 12:00", "2026-02-18 12:00"), 1
    ):
        todo(facts, number, due, manager=1 if number < 4 else 2)
    service = service_of(Published(facts.done()), REPORT)
    query = service.parse(REPORT, {})
    assert {r["age"]: r["overdue"] for r in service.block(REPORT, "ages", query).rows} == dict.fromkeys(
        ("0-1", "1-3", "3-7", "7-30", "30+"), 1
    )
    matrix = service.block(REPORT, "matrix", query)
    assert by(matrix, "manager_id", "age")["2", "30+"]["overdue"] == 1
    assert isinstance(matrix, MatrixResult)
    assert matrix.across == ("0-1", "1-3", "3-7", "7-30", "30+")
    assert (
        service.records(REPORT, "matrix", "overdue", {"manager_id": "2", "age": "30+"}, query, GridRequest()).total == 1
    )


def test_each_manager_has_his_own_and_cards_without_a_next_step_are_their_owners(facts: Facts) -> None:
    todo(facts, 1, "2026-03-01 12:00", "call_out", manager=1, owner_status="lost")
    todo(facts, 2, "2026-03-01 12:00", "meeting", manager=2)
    facts.deal(1, "2026-02-01 10:00", manager=2)
    facts.deal(2, "2026-02-01 10:00", manager=2, open_activities=1)
    facts.deal(3, "2026-02-01 10:00", manager=2, won="2026-02-05 10:00")
    facts.lead(1, "2026-02-01 10:00", manager=2)
    service = service_of(Published(facts.done()), REPORT)
    query = service.parse(REPORT, {})
    people = by(service.block(REPORT, "managers", query), "manager_id")
    anna, boris = people["1"], people["2"]
    assert (
        anna["overdue"],
        anna["overdue_calls"],
        anna["overdue_meetings"],
        anna["on_closed_cards"],
        anna["no_next_step"],
    ) == (1, 1, 0, 1, 0)
    assert (
        boris["overdue"],
        boris["overdue_meetings"],
        boris["no_next_step"],
        boris["no_next_step_deals"],
        boris["no_next_step_leads"],
    ) == (1, 1, 2, 1, 1)
    assert (
        service.records(REPORT, "managers", "no_next_step_leads", {"manager_id": "2"}, query, GridRequest()).total == 1
    )


def test_a_period_keeps_what_was_created_in_it(facts: Facts) -> None:
    todo(facts, 1, "2026-03-01 12:00", created="2026-01-10 10:00")
    todo(facts, 2, "2026-03-01 12:00", created="2026-02-10 10:00")
    row = only(ask(facts, "summary", **{"from": ["2026-02-01"], "to": ["2026-02-28"]}))
    assert (row["overdue"], row["open"]) == (1, 1)


def test_the_list_begins_with_the_oldest_and_links_to_the_card(facts: Facts) -> None:
    facts.deal(7, "2026-01-01 10:00")
    todo(facts, 1, "2026-03-19 12:00", owner=7)
    todo(facts, 2, "2026-03-10 12:00", owner=7)
    todo(facts, 3, None, "call_in", owner=7)
    todo(facts, 4, None, owner=7)  # neither overdue nor incoming
    service = service_of(Published(facts.done()), REPORT)
    rows = service.records(REPORT, "activities", "", {}, service.parse(REPORT, {}), GridRequest()).rows
    assert [(r["id"], r["late_days"]) for r in rows] == [("2", pytest.approx(10)), ("1", pytest.approx(1)), ("3", None)]
    assert rows[0]["url"].endswith("/crm/deal/details/7/")


def test_states_of_the_base_are_a_month_ago(facts: Facts, tmp_path: Path) -> None:
    todo(facts, 1, "2026-03-01 12:00")
    then = Facts(tmp_path / "then.duckdb", as_of="2026-02-20 12:00")
    then.manager(1, "Анна", 1)
    todo(then, 1, "2026-03-01 12:00")
    todo(then, 2, "2026-02-18 12:00")
    todo(then, 3, "2026-02-19 12:00")
    end = moscow("2026-02-20 12:00")  # the same moment a month ago
    assert end is not None
    service: ReportService = service_of(Published(facts.done(), {end: then.done()}), REPORT)
    query = service.parse(REPORT, {"compare": ["previous"]})
    row = only(service.block(REPORT, "summary", query))
    assert (row["overdue"], row["overdue_base"], row["oldest_days_base"]) == (1, 2, pytest.approx(2.0))
    assert service.records(REPORT, "summary", "overdue_base", {}, query, GridRequest()).total == 2
