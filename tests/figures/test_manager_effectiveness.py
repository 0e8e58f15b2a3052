"""Эффективность менеджеров on tables small enough to check by eye. As-of: 20 March 2026, 12:00 in Moscow."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dash_app.engine.entered import Entered
from dash_app.engine.result import BlockResult
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.store.preferences import Preferences
from pages.manager_effectiveness import REPORT
from tests.figures.facts_builder import Facts, NoCache, Published, moscow, service_of

FEBRUARY = {"from": ["2026-02-01"], "to": ["2026-02-28"]}


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    built = Facts(tmp_path / "portal.duckdb")
    built.department(1, "Компания")
    built.department(2, "Север", 1)
    built.manager(1, "Анна", 1, 2)
    built.manager(2, "Борис", 1)
    built.manager(3, "Вера")
    built.manager(4, "Глеб", active=False)
    return built


def asked(facts: Facts, preferences: Preferences | None = None) -> ReportService:
    snapshot = Published(facts.done())
    if preferences is None:
        return service_of(snapshot, REPORT)
    return ReportService(lambda: snapshot, [REPORT], NoCache(), typed=lambda: Entered("1", preferences))


def ask(facts: Facts, block: str, preferences: Preferences | None = None, **params: Any) -> BlockResult:
    service = asked(facts, preferences)
    return service.block(REPORT, block, service.parse(REPORT, {**FEBRUARY, **params}, interface=False))


def people(result: BlockResult) -> dict[Any, dict[str, Any]]:
    return {row["manager_id"]: row for row in result.rows}


def test_only_done_activities_of_the_period_count_each_in_its_kind(facts: Facts) -> None:
    day = "2026-02-10 10:00"
    for number, kind in enumerate(
        ("call_out", "call_out", "call_in", "email_out", "message_out", "message_in", "meeting", "todo"), 1
    ):
        facts.activity(number, kind, day)
    for number, kind in enumerate(("email_in", "task", "form", "other"), 20):
        facts.activity(number, kind, day)  # these count nowhere
    facts.activity(30, "call_out", "2026-01-31 23:59")
    facts.activity(31, "call_out", "2026-03-01 00:00")
    facts.activity(32, "meeting", day, completed=False)
    facts.activity(33, "call_in", day, missed=True)
    facts.activity(34, "call_in", day, missed=True, completed=False)
    facts.activity(35, "call_out", day, in_sales=False)  # on a deal of production
    facts.activity(36, "todo", day, owner_type="contact")
    row = people(ask(facts, "managers"))["1"]
    names = ("calls_out", "calls_in", "emails_out", "messages", "meetings", "todos", "calls_missed")
    assert {n: row[n] for n in names} == dict(zip(names, (2, 1, 1, 2, 1, 2, 2), strict=True))
    # 3 calls × 1 + e-mail × 0.5 + 2 messages × 0.2 + meeting × 5 + 2 to-dos × 1
    assert row["activity_points"] == Decimal("10.9")


def test_the_index_is_measured_by_the_median_of_active_sellers(facts: Facts) -> None:
    for number in range(1, 5):
        facts.activity(number, "meeting", "2026-02-10 10:00", manager=1)  # 20 points
    facts.activity(10, "meeting", "2026-02-10 10:00", manager=2)  # 5 points
    facts.deal(1, "2025-12-01 10:00", manager=3)  # an open deal and nothing done: 0 points
    for number in range(11, 20):
        facts.activity(number, "meeting", "2026-02-10 10:00", manager=4)  # dismissed: no part of the yardstick
    rows = people(ask(facts, "managers"))
    assert {m: r["activity_index"] for m, r in rows.items()} == {"1": 400, "2": 100, "3": 0, "4": 900}
    assert rows["1"]["activity_yardstick"] == 5


def test_a_filter_hides_rows_and_does_not_move_the_yardstick(facts: Facts) -> None:
    for manager, meetings in ((1, 1), (2, 2), (3, 4)):
        for number in range(meetings):
            facts.activity(manager * 10 + number, "meeting", "2026-02-10 10:00", manager=manager, source_id="WEB")
        facts.activity(manager * 10 + 9, "meeting", "2026-02-10 10:00", manager=manager, pipeline=2)
    service = asked(facts)

    def index(**params: list[str]) -> dict[Any, float]:
        query = service.parse(REPORT, {**FEBRUARY, **params})
        return {m: r["activity_index"] for m, r in people(service.block(REPORT, "managers", query)).items()}

    everyone = index()
    assert everyone == {"1": pytest.approx(100 * 2 / 3), "2": 100, "3": pytest.approx(100 * 5 / 3)}
    assert index(manager=["1"]) == {"1": everyone["1"]}
    assert index(department=["2"]) == {"1": everyone["1"]}
    assert index(pipeline=["2"]) == {"1": 100, "2": 100, "3": 100}
    assert index(source=["WEB"])["2"] == pytest.approx(100 * 2 / 3)  # two of Boris's three; the yardstick stays


def test_under_three_sellers_or_at_median_zero_there_is_no_index_and_it_is_said(facts: Facts) -> None:
    facts.activity(1, "meeting", "2026-02-10 10:00", manager=1)
    facts.activity(2, "meeting", "2026-02-10 10:00", manager=2)
    service = asked(facts)
    result = service.block(REPORT, "managers", service.parse(REPORT, FEBRUARY))
    assert {r["activity_index"] for r in result.rows} == {None}
    assert any("Индекса нет: активных продавцов 2" in n.text.ru for n in result.notes)


def test_median_zero_gives_no_index(facts: Facts) -> None:
    facts.activity(1, "meeting", "2026-02-10 10:00", manager=1)
    for deal, manager in ((1, 2), (2, 3)):
        facts.deal(deal, "2025-12-01 10:00", manager=manager)
    result = ask(facts, "managers")
    assert {r["activity_index"] for r in result.rows} == {None}
    assert any("у половины активных продавцов" in n.text.ru for n in result.notes)


def test_the_base_has_a_yardstick_of_its_own(facts: Facts) -> None:
    for manager in (1, 2, 3):
        facts.activity(manager, "meeting", "2026-02-10 10:00", manager=manager)
        for number in range(manager):
            facts.activity(manager * 10 + number, "meeting", "2026-01-10 10:00", manager=manager)
    rows = people(ask(facts, "managers", compare=["previous"]))
    assert {m: (r["activity_index"], r["activity_index_base"]) for m, r in rows.items()} == {
        "1": (100, 50),
        "2": (100, 100),
        "3": (100, 150),
    }


def test_weights_of_the_settings_move_points_and_index(facts: Facts) -> None:
    facts.activity(1, "meeting", "2026-02-10 10:00", manager=1)
    facts.activity(2, "call_out", "2026-02-10 10:00", manager=2)
    facts.activity(3, "call_out", "2026-02-10 10:00", manager=3)
    rows = people(ask(facts, "managers", Preferences(activity_weights={"meeting": 0.3, "call": 2})))
    assert {m: r["activity_points"] for m, r in rows.items()} == {"1": Decimal("0.3"), "2": Decimal(2), "3": Decimal(2)}
    assert (rows["1"]["activity_index"], rows["2"]["activity_index"]) == (pytest.approx(15), 100)


def test_a_person_in_two_departments_is_in_both_and_once_in_the_total(facts: Facts) -> None:
    facts.activity(1, "meeting", "2026-02-10 10:00", manager=1)
    facts.activity(2, "call_out", "2026-02-10 10:00", manager=3)
    facts.deal(1, "2026-02-01 10:00", manager=1)
    result = ask(facts, "departments")
    rows = {r["department_id"]: r for r in result.rows}
    assert {d: (r["meetings"], r["calls_out"], r["deals_created"]) for d, r in rows.items()} == {
        "1": (1, 0, 1),
        "2": (1, 0, 1),
        None: (0, 1, 0),
    }
    assert rows[None]["department"] == "(без отдела)"
    assert result.totals is not None and (result.totals["meetings"], result.totals["calls_out"]) == (1, 1)


def test_two_new_and_a_hundred_old_clients_with_five_sales(facts: Facts) -> None:
    for deal in range(1, 101):
        facts.deal(deal, "2025-12-01 10:00", **({"won": "2026-02-10 10:00"} if deal <= 5 else {}))
    facts.deal(101, "2026-02-03 10:00")
    facts.deal(102, "2026-02-04 10:00")
    result = ask(facts, "team")
    (row,) = result.rows
    assert (row["conversion_worked_num"], row["conversion_worked_den"]) == (5, 102)
    assert any(
        n.text.ru == "Выиграно 5 из 102 бывших в работе: 2 созданы в периоде, 100 начаты раньше." for n in result.notes
    )
    assert (row["conversion_cohort_num"], row["conversion_cohort_den"], row["win_rate_num"], row["win_rate_den"]) == (
        0,
        2,
        5,
        5,
    )


def test_a_reopened_deal_pushes_no_conversion_past_one(facts: Facts) -> None:
    facts.deal(1, "2025-12-01 10:00", won="2026-02-20 10:00")
    facts.gap(1, "2026-01-10 10:00", "2026-02-05 10:00")  # won in January, back in work, won again in February
    facts.deal(2, "2026-02-01 10:00", won="2026-02-25 10:00")
    facts.gap(2, "2026-02-10 10:00", "2026-02-12 10:00")  # twice in one month
    (row,) = ask(facts, "team").rows
    assert (row["conversion_worked_num"], row["conversion_worked_den"]) == (2, 2)
    assert (row["win_rate"], row["conversion_cohort"]) == (1, 1)


def test_the_page_shows_the_conversion_chosen_and_the_command_line_all(facts: Facts) -> None:
    facts.deal(1, "2026-02-03 10:00", won="2026-02-10 10:00")
    facts.deal(2, "2026-02-03 10:00")
    facts.deal(3, "2026-02-03 10:00", lost="2026-02-10 10:00", amount="300")
    service = asked(facts, Preferences(conversion="cohort"))

    def shown(**params: list[str]) -> set[str]:
        result = service.block(REPORT, "managers", service.parse(REPORT, {**FEBRUARY, **params}))
        assert {"conversion_worked", "conversion_cohort", "win_rate", "win_rate_amount", "maturity"} <= set(
            result.rows[0]
        )
        return {c.id for c in result.columns if not c.hidden} & {
            "conversion_worked",
            "conversion_cohort",
            "win_rate",
            "win_rate_amount",
            "maturity",
        }

    assert shown() == {"conversion_cohort", "maturity"}  # the setting
    assert shown(conversion=["worked"]) == {"conversion_worked"}
    assert shown(conversion=["win_rate"]) == {"win_rate", "win_rate_amount"}
    team = service.block(REPORT, "team", service.parse(REPORT, FEBRUARY))
    assert (team.rows[0]["maturity_num"], team.rows[0]["maturity_den"]) == (2, 3)
    assert team.rows[0]["win_rate_amount"] == pytest.approx(100 / 400)
    (said,) = [n for n in team.notes if n.measure == "deals_created_open"]
    assert said.text.ru == "Из 3 созданных в периоде выиграно 1. Закрыто 67\u00a0%, и ещё 1 открытых: когорта дозреет."
    assert (
        service.records(REPORT, "team", "deals_created_open", {}, service.parse(REPORT, FEBRUARY), GridRequest()).total
        == 1
    )


def test_first_response_counts_the_unanswered_in_the_denominator_only(facts: Facts) -> None:
    for number, minutes in enumerate((0, 15, 16, 100), 1):
        facts.response("lead", number, "2026-02-10 10:00", minutes)
    facts.response("deal", 1, "2026-02-10 10:00", None)
    facts.response("lead", 8, "2026-02-10 10:00", 1, self_made=True)
    facts.response("lead", 9, "2026-01-10 10:00", 1)
    service = asked(facts)
    query = service.parse(REPORT, FEBRUARY)
    (row,) = service.block(REPORT, "team", query).rows
    assert (row["first_response_median"], row["first_response_p90"]) == (15.5, pytest.approx(74.8))
    assert (row["within_15m_num"], row["within_15m_den"], row["no_response"]) == (2, 5, 1)
    notes = service.block(REPORT, "team", query).notes
    assert any("завели сами: 1" in n.text.ru for n in notes)
    page = service.records(REPORT, "team", "within_15m_den", {}, query, GridRequest())
    assert {(r["key"], r["url"]) for r in page.rows} >= {
        ("lead:1", "http://127.0.0.1:1/crm/lead/details/1/"),
        ("deal:1", "http://127.0.0.1:1/crm/deal/details/1/"),
    }


def test_a_manager_with_nothing_but_work_in_hand_has_a_row(facts: Facts) -> None:
    facts.deal(1, "2025-06-01 10:00", manager=3)
    rows = people(ask(facts, "managers"))
    assert list(rows) == ["3"]
    assert (rows["3"]["deals_in_work"], rows["3"]["meetings"]) == (1, 0)


def test_work_in_hand_of_the_base_is_that_of_its_end(facts: Facts, tmp_path: Path) -> None:
    facts.deal(1, "2025-12-01 10:00")
    then = Facts(tmp_path / "then.duckdb", as_of="2026-02-01 00:00")
    then.deal(1, "2025-12-01 10:00")
    then.deal(2, "2025-12-01 10:00", manager=2)
    service = service_of(Published(facts.done(), {moscow("2026-02-01 00:00"): then.done()}), REPORT)  # type: ignore[dict-item]
    rows = people(service.block(REPORT, "managers", service.parse(REPORT, {**FEBRUARY, "compare": ["previous"]})))
    assert {m: (r["deals_in_work"], r["deals_in_work_base"]) for m, r in rows.items()} == {"1": (1, 1), "2": (0, 1)}


def test_the_calendar_has_every_weekday_and_hour_and_opens_its_activities(facts: Facts) -> None:
    facts.activity(1, "call_out", "2026-02-10 09:30")  # a Tuesday
    facts.activity(2, "meeting", "2026-02-17 09:00")
    facts.activity(3, "call_in", "2026-02-15 23:59", missed=True)  # no work
    service = asked(facts)
    query = service.parse(REPORT, FEBRUARY)
    rows = service.block(REPORT, "activity_calendar", query).rows
    assert len(rows) == 7 * 24
    assert {(r["weekday"], r["hour"]): r["activities_count"] for r in rows if r["activities_count"]} == {("2", "9"): 2}
    page = service.records(
        REPORT, "activity_calendar", "activities_count", {"weekday": "2", "hour": "9"}, query, GridRequest()
    )
    assert [r["id"] for r in page.rows] == ["2", "1"]


def test_the_list_shows_points_and_links_to_the_card(facts: Facts) -> None:
    facts.deal(7, "2026-02-01 10:00")
    facts.activity(1, "meeting", "2026-02-10 09:30", owner=7)
    facts.activity(2, "meeting", "2026-02-10 09:30", completed=False)
    service = asked(facts)
    query = service.parse(REPORT, FEBRUARY)
    (row,) = service.records(REPORT, "activities", "", {}, query, GridRequest()).rows
    assert (row["points"], row["url"], row["owner_title"]) == (
        Decimal(5),
        "http://127.0.0.1:1/crm/deal/details/7/",
        "Карточка 7",
    )
    (row,) = service.records(REPORT, "managers", "meetings", {"manager_id": "1"}, query, GridRequest()).rows
    assert row["id"] == "1"


def test_a_pipeline_filter_says_what_it_leaves_out_of_activities(facts: Facts) -> None:
    facts.activity(1, "meeting", "2026-02-10 09:30", owner_type="lead")
    facts.activity(2, "meeting", "2026-02-10 09:30")
    result = ask(facts, "managers", pipeline=["1"])
    assert people(result)["1"]["meetings"] == 1
    assert any("только дела сделок" in n.text.ru for n in result.notes)


def test_the_scatter_is_cut_by_the_medians_of_active_sellers(facts: Facts) -> None:
    for manager, amount in ((1, "100"), (2, "300"), (3, None)):
        facts.activity(manager, "meeting", "2026-02-10 10:00", manager=manager)
        if amount:
            facts.deal(manager, "2026-02-01 10:00", won="2026-02-10 10:00", amount=amount, manager=manager)
    service = asked(facts)
    result = service.block(REPORT, "activity_vs_result", service.parse(REPORT, {**FEBRUARY, "manager": ["2"]}))
    (row,) = result.rows
    assert (row["activity_points"], row["deals_won_amount"], row["activity_yardstick"], row["won_yardstick"]) == (
        5,
        300,
        5,
        100,
    )


def test_departments_are_compared_by_points_of_a_seller(facts: Facts) -> None:
    for number, manager in enumerate((1, 1, 1, 2, 3, 4), 1):  # 15, 5, 5 and the dismissed one's 5
        facts.activity(number, "meeting", "2026-02-10 10:00", manager=manager)
    service = asked(facts)

    def points(**params: list[str]) -> dict[Any, tuple[Any, Any, Any]]:
        result = service.block(REPORT, "departments", service.parse(REPORT, {**FEBRUARY, **params}))
        rows = {r["department_id"]: r for r in result.rows} | {"all": result.totals}
        return {
            d: (r["points_per_seller_num"], r["points_per_seller_den"], r["points_per_seller"])
            for d, r in rows.items()
            if r
        }

    # the company: Anna and Boris; the north: Anna alone; without a department: Vera, and Gleb who is dismissed
    assert points() == {"1": (20, 2, 10), "2": (15, 1, 15), None: (10, 1, 10), "all": (30, 3, 10)}
    assert points(department=["2"])["all"] == (15, 1, 15)
    managers = service.block(REPORT, "managers", service.parse(REPORT, FEBRUARY))
    assert managers.totals is not None and managers.totals["activity_index"] is None
