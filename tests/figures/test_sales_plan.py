"""План продаж on tables small enough to check by eye. As-of: Friday 20 March 2026, 12:00 in Moscow; working hours 9–18.

March 2026 in Russia has 21 working days (the 9th is off); 13 are over before the 20th, and a third of that day: 13⅓.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dash_app.engine.result import BlockResult
from dash_app.figures import forecast
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.services_factory import typed_of
from dash_app.store.workspace import Workspace
from pages import sales_dynamics as dynamics
from pages.sales_plan import REPORT
from tests.figures.facts_builder import Facts, Published, service_of, typed_entries

MARCH = {"from": ["2026-03-01"], "to": ["2026-03-31"]}
FEBRUARY = {"from": ["2026-02-01"], "to": ["2026-02-28"]}


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    built = Facts(tmp_path / "portal.duckdb")
    built.department(1, "Продажи")
    built.department(2, "Опт", 1)
    built.manager(1, "Анна", 1)
    built.manager(2, "Борис", 1, 2)
    built.manager(3, "Вера")
    return built


def plan(manager: int, amount: str, pipeline: int | None = 1, month: str = "2026-03", **more: Any) -> dict[str, Any]:
    return {
        "manager_id": str(manager),
        "pipeline_id": "" if pipeline is None else str(pipeline),
        "month": month,
        "plan_amount": amount,
        **more,
    }


def service_with(facts: Facts, *plans: dict[str, Any], **more: list[Any]) -> ReportService:
    return service_of(Published(facts.done()), REPORT, typed=typed_entries(plan=list(plans), **more))


def ask(service: ReportService, block: str, params: dict[str, list[str]] = MARCH, **more: list[str]) -> BlockResult:
    return service.block(REPORT, block, service.parse(REPORT, {**params, **more}, interface=False))


def by(result: BlockResult, *names: str) -> dict[Any, dict[str, Any]]:
    return {tuple(row[n] for n in names) if len(names) > 1 else row[names[0]]: row for row in result.rows}


def only(result: BlockResult) -> dict[str, Any]:
    (row,) = result.rows
    return row


def test_plan_and_fact_by_manager_and_pipeline(facts: Facts) -> None:
    facts.deal(1, "2026-02-01 10:00", won="2026-03-05 10:00", amount="30000")
    facts.deal(2, "2026-02-01 10:00", won="2026-03-06 10:00", amount="10000.50")
    facts.deal(3, "2026-02-01 10:00", won="2026-02-06 10:00", amount="777")  # another month
    facts.deal(4, "2026-02-01 10:00", won="2026-03-06 10:00", amount="500", pipeline=2)  # no plan there
    facts.deal(5, "2026-03-01 10:00", amount="20000")
    service = service_with(facts, plan(1, "100000", plan_count=4, bonus="15000"), plan(2, "50000", bonus="5000"))
    result = ask(service, "plan")
    rows = by(result, "manager_id", "pipeline_id")
    assert set(rows) == {("1", "1"), ("1", "2"), ("2", "1")}
    row = rows["1", "1"]
    assert (row["plan_amount"], row["fact_amount"], row["remaining"]) == (
        100000,
        Decimal("40000.50"),
        Decimal("59999.50"),
    )
    assert (row["plan_count"], row["fact_count"]) == (4, 2)
    assert (row["attainment"], row["attainment_num"], row["attainment_den"]) == (0.400005, Decimal("40000.50"), 100000)
    assert row["elapsed"] == pytest.approx(13 + 3 / 9)
    assert row["expected_by_now"] == Decimal("63492.06")  # 100000 × 13⅓ / 21
    assert row["pace"] == pytest.approx(40000.50 / 63492.06)
    assert row["run_rate"] == Decimal("63000.79")  # 40000.50 / 13⅓ × 21
    assert (row["coverage_num"], row["coverage"]) == (20000, pytest.approx(20000 / 59999.5))
    assert (row["bonus_earned"], row["approximate"]) == (0, False)
    without = rows["1", "2"]
    assert (without["fact_amount"], without["fact_count"]) == (500, 1)
    for name in (
        "plan_amount",
        "attainment",
        "remaining",
        "plan_count",
        "expected_by_now",
        "pace",
        "p_plan",
        "coverage",
        "needed_pipeline",
        "bonus_earned",
    ):
        assert without[name] is None
    nothing = rows["2", "1"]
    assert (nothing["fact_amount"], nothing["attainment"], nothing["pace"], nothing["run_rate"]) == (0, 0, 0, 0)
    total = only(ask(service, "total"))
    assert (total["plan_amount"], total["fact_amount"], total["remaining"]) == (
        150000,
        Decimal("40500.50"),
        Decimal("109499.50"),
    )
    assert (total["people"], total["people_reached"]) == (2, 0)
    assert result.totals is not None
    assert result.totals["attainment"] == total["attainment"] == pytest.approx(40500.5 / 150000)


def test_a_plan_for_all_pipelines_is_one_row_that_holds_everything_sold(facts: Facts) -> None:
    facts.deal(1, "2026-02-01 10:00", won="2026-03-05 10:00", amount="300")
    facts.deal(2, "2026-02-01 10:00", won="2026-03-06 10:00", amount="200", pipeline=2)
    facts.deal(3, "2026-02-01 10:00", amount="70", pipeline=2)
    service = service_with(facts, plan(1, "1000", pipeline=None))
    result = ask(service, "plan")
    row = only(result)
    assert (row["pipeline_id"], row["pipeline"], row["fact_amount"], row["fact_count"], row["coverage_num"]) == (
        None,
        "все воронки",
        500,
        2,
        70,
    )
    query = service.parse(REPORT, MARCH)
    keys = {"manager_id": "1", "pipeline_id": "none"}
    won = service.records(REPORT, "plan", "fact_amount", keys, query, GridRequest())
    assert (won.total, won.amount) == (2, 500)
    assert "все воронки" in won.title.ru
    opened = service.records(REPORT, "plan", "coverage_num", keys, query, GridRequest())
    assert (opened.total, opened.amount) == (1, 70)


def test_a_filter_by_pipeline_hides_plans_for_all_and_says_so(facts: Facts) -> None:
    facts.deal(1, "2026-02-01 10:00", won="2026-03-05 10:00", amount="300")
    facts.deal(2, "2026-02-01 10:00", won="2026-03-06 10:00", amount="200", pipeline=2)
    service = service_with(facts, plan(1, "1000", pipeline=None), plan(2, "50"))
    result = ask(service, "plan", pipeline=["1"])
    rows = by(result, "manager_id", "pipeline_id")
    assert set(rows) == {("1", "1"), ("2", "1")}
    assert (rows["1", "1"]["plan_amount"], rows["1", "1"]["fact_amount"]) == (None, 300)
    assert any("Планов на все воронки: 1" in n.text.ru for n in result.notes)


def test_filters_by_department_and_manager_apply_to_plans_and_facts_alike(facts: Facts) -> None:
    for manager in (1, 2, 3):
        facts.deal(manager, "2026-02-01 10:00", won="2026-03-05 10:00", amount="100", manager=manager)
    service = service_with(facts, *(plan(m, "1000") for m in (1, 2, 3)))
    assert set(by(ask(service, "plan", department=["2"]), "manager_id")) == {"2"}
    assert set(by(ask(service, "plan", department=["1"]), "manager_id")) == {"1", "2"}
    assert set(by(ask(service, "plan", department=["none"]), "manager_id")) == {"3"}
    total = only(ask(service, "total", manager=["3"]))
    assert (total["plan_amount"], total["fact_amount"], total["people"]) == (1000, 100, 1)


def test_departments_hold_those_below_and_say_how_many_reached_the_plan(facts: Facts) -> None:
    facts.deal(1, "2026-02-01 10:00", won="2026-03-05 10:00", amount="100", manager=1)
    facts.deal(2, "2026-02-01 10:00", won="2026-03-05 10:00", amount="90", manager=2)
    facts.deal(3, "2026-02-01 10:00", won="2026-03-05 10:00", amount="5", manager=3)
    service = service_with(facts, plan(1, "100"), plan(2, "100"), plan(3, "10"))
    rows = by(ask(service, "departments"), "department_id")
    assert {k: (r["plan_amount"], r["fact_amount"], r["people"], r["people_reached"]) for k, r in rows.items()} == {
        "1": (200, 190, 2, 1),
        "2": (100, 90, 1, 0),
        None: (10, 5, 1, 0),
    }


def test_a_cut_month_takes_its_plan_by_working_days_and_is_marked(facts: Facts) -> None:
    service = service_with(facts, plan(1, "210000", plan_count=3, bonus="2100"), plan(1, "100", month="2026-02"))
    row = only(ask(service, "plan", {"from": ["2026-03-01"], "to": ["2026-03-15"]}))  # 2–6 and 10–13 March: 9 of 21
    assert (row["plan_amount"], row["approximate"], row["plan_count"]) == (90000, True, 1.29)
    row = only(ask(service, "plan", {"from": ["2026-02-01"], "to": ["2026-03-31"]}))
    assert (row["plan_amount"], row["approximate"], row["plan_count"]) == (210100, False, 3)


def test_the_plan_beside_the_course_of_sales_grows_by_working_days_up_to_the_plan(facts: Facts) -> None:
    typed = typed_entries(plan=[plan(1, "2100"), plan(2, "2100", pipeline=2)])
    service = service_of(Published(facts.done()), dynamics.REPORT, typed=typed)

    def course(**more: list[str]) -> Any:
        return service.block(dynamics.REPORT, "dynamics", service.parse(dynamics.REPORT, {**MARCH, **more})).plans  # type: ignore[attr-defined]

    by_day = course()["deals_won_amount"]
    assert by_day[:3] == (0, 200, 400) and by_day[-1] == 4200  # the 1st is a Sunday; 21 working days
    assert by_day[6] == by_day[7] == by_day[8]  # a weekend and the moved day after it
    assert course(manager=["1"])["deals_won_amount"][-1] == 2100
    assert course(source=["WEB"]) == course(manager=["3"]) == {}  # the fact alone is narrowed; nobody planned


def test_plan_of_zero_has_no_attainment_and_no_bonus(facts: Facts) -> None:
    facts.deal(1, "2026-02-01 10:00", won="2026-03-05 10:00", amount="100")
    row = only(ask(service_with(facts, plan(1, "0", bonus="1000")), "plan"))
    assert (row["plan_amount"], row["attainment"], row["bonus_earned"], row["remaining"], row["p_plan"]) == (
        0,
        None,
        0,
        0,
        None,
    )


@pytest.mark.parametrize(
    ("fact", "threshold", "paid"),
    [("100000", "1", 5000), ("99999.99", "1", 0), ("80000", "0.8", 5000), ("79999.99", "0.8", 0), ("120000", "1.5", 0)],
)
def test_bonus_is_paid_at_the_unrounded_threshold(facts: Facts, fact: str, threshold: str, paid: int) -> None:
    facts.deal(1, "2026-02-01 10:00", won="2026-03-05 10:00", amount=fact)
    service = service_with(facts, plan(1, "100000", bonus="5000"))
    assert only(ask(service, "plan", threshold=[threshold]))["bonus_earned"] == paid
    assert only(ask(service, "total", threshold=[threshold]))["bonus_earned"] == paid


def test_with_a_planned_number_both_must_reach_the_threshold(facts: Facts) -> None:
    facts.deal(1, "2026-02-01 10:00", won="2026-03-05 10:00", amount="100000")
    service = service_with(facts, plan(1, "100000", plan_count=2, bonus="5000"))
    assert only(ask(service, "plan"))["bonus_earned"] == 0
    assert only(ask(service, "plan", threshold=["0.5"]))["bonus_earned"] == 5000


def test_bonus_of_a_quarter_is_the_sum_of_its_months(facts: Facts) -> None:
    facts.deal(1, "2026-01-01 10:00", won="2026-01-15 10:00", amount="300")
    service = service_with(facts, *(plan(1, "100", month=m, bonus="10") for m in ("2026-01", "2026-02", "2026-03")))
    row = only(ask(service, "plan", {"from": ["2026-01-01"], "to": ["2026-03-31"]}))
    assert (row["attainment"], row["bonus_earned"]) == (1, 10)


def test_before_the_first_working_hour_there_is_no_pace(facts: Facts) -> None:
    service = service_with(facts, plan(1, "1000", month="2026-04"))
    row = only(ask(service, "plan", {"from": ["2026-04-01"], "to": ["2026-04-30"]}))
    assert (row["elapsed"], row["expected_by_now"], row["pace"], row["run_rate"]) == (0, 0, None, None)


def test_days_away_cut_the_working_days_of_the_person(facts: Facts) -> None:
    service = service_with(
        facts,
        plan(1, "21000"),
        plan(2, "21000"),
        absence=[{"manager_id": "1", "start": "2026-03-02", "end": "2026-03-06"}],
    )
    rows = by(ask(service, "plan"), "manager_id")
    assert rows["2"]["elapsed"] - rows["1"]["elapsed"] == pytest.approx(5)
    assert rows["1"]["expected_by_now"] == Decimal("10937.50")  # 21000 × 8⅓ / 16


def test_past_periods_are_certain(facts: Facts) -> None:
    facts.deal(1, "2026-02-01 10:00", won="2026-02-05 10:00", amount="100")
    facts.deal(2, "2026-02-01 10:00", amount="1000")
    service = service_with(facts, plan(1, "90", month="2026-02"), plan(2, "90", month="2026-02"))
    rows = by(ask(service, "plan", FEBRUARY), "manager_id")
    assert [rows["1"][n] for n in ("forecast", "forecast_p10", "forecast_p90", "p_plan", "pace", "elapsed")] == [
        100,
        100,
        100,
        1,
        pytest.approx(100 / 90),
        19,
    ]
    assert [rows["2"][n] for n in ("forecast", "forecast_p10", "forecast_p90", "p_plan")] == [0, 0, 0, 0]


def test_needed_pipeline_asks_the_conversion_of_six_whole_months(facts: Facts) -> None:
    facts.deal(1, "2025-10-01 10:00", won="2025-12-05 10:00", amount="250")
    facts.deal(2, "2025-10-01 10:00", lost="2026-02-05 10:00", amount="750")
    facts.deal(3, "2025-01-01 10:00", lost="2025-02-05 10:00", amount="9999")  # long before
    facts.deal(4, "2026-03-01 10:00", amount="9999")  # the running month is no whole one
    row = only(ask(service_with(facts, plan(1, "100")), "plan"))
    assert (row["remaining"], row["won_half_year"], row["worked_half_year"], row["needed_pipeline"]) == (
        100,
        250,
        1000,
        400,
    )


def history(facts: Facts, manager: int = 1) -> None:
    """Forty deals that stood ten days in a stage during the last year; every fourth was then won, the others lost."""
    for number in range(40):
        month, day = 4 + number // 5, 1 + (number % 5) * 4
        start = f"2025-{month:02d}-{day:02d} 10:00"
        end = f"2025-{month:02d}-{day + 10:02d} 10:00"
        facts.deal(1000 + number, start, **{"won" if number % 4 == 0 else "lost": end}, amount="100", manager=manager)
        facts.stay(1000 + number, "NEW", start, end)


def test_forecast_adds_open_deals_by_what_became_of_their_like(facts: Facts) -> None:
    history(facts)
    facts.deal(1, "2026-03-19 10:00", amount="1000")  # a day in the stage; eleven and a half days are left
    facts.deal(2, "2026-02-01 10:00", won="2026-03-10 10:00", amount="50")
    service = service_with(facts, plan(1, "500"))
    row = only(ask(service, "plan"))
    assert 0.2 < (float(row["forecast"]) - 50) / 1000 < 0.3  # a quarter of its like were won
    assert row["fact_amount"] <= row["forecast_p10"] <= row["forecast"] <= row["forecast_p90"]
    assert row["p_plan"] == pytest.approx(0.25, abs=0.04)
    assert (row["forecast_p10"], row["forecast_p90"]) == (50, 1050)
    again = only(ask(service, "plan", threshold=["0.9"]))
    assert all(row[n] == again[n] for n in row if n != "bonus_earned")


def test_a_deal_without_amount_takes_the_median_of_its_pipeline(facts: Facts) -> None:
    history(facts)
    facts.deal(1, "2026-03-19 10:00", amount=None)
    row = only(ask(service_with(facts, plan(1, "500")), "plan"))
    assert 20 < row["forecast"] < 30
    assert row["coverage_num"] == 0


def test_new_deals_come_at_the_rate_of_the_last_days(facts: Facts) -> None:
    history(facts)
    for number in range(30):  # a deal in three days, all lost at once: nothing is open
        day = 1 + number % 28
        facts.deal(2000 + number, f"2026-02-{day:02d} 10:00", lost=f"2026-02-{day:02d} 11:00")
    row = only(ask(service_with(facts, plan(1, "500")), "plan"))
    # 1/3 a day × 11.5 days × the part won within what is left (won after ten days: 1.5 of 11.5) × a quarter × 100
    assert 0 < row["forecast"] < 30
    assert row["forecast_p10"] <= row["forecast"] <= row["forecast_p90"]


def test_a_filter_moves_no_row(facts: Facts) -> None:
    history(facts)
    for manager in (1, 2):
        for number in range(5):
            facts.deal(manager * 10 + number, f"2026-03-1{number} 10:00", manager=manager, amount="333.33")
    service = service_with(facts, plan(1, "500"), plan(2, "400"))
    everybody, one = (by(ask(service, "plan", **more), "manager_id") for more in ({}, {"manager": ["2"]}))
    assert one["2"] == everybody["2"]


def test_open_deals_of_those_without_plan_and_sales_are_in_the_total_and_said(facts: Facts) -> None:
    facts.deal(1, "2026-03-01 10:00", amount="70", manager=3)
    service = service_with(facts, plan(1, "100"))
    result = ask(service, "plan")
    assert len(result.rows) == 1
    assert any("Без плана и без продаж: строк 1, в работе 70" in n.text.ru.replace("\u00a0", " ") for n in result.notes)
    total = only(ask(service, "total"))
    query = service.parse(REPORT, MARCH)
    assert (
        total["coverage_num"] == service.records(REPORT, "total", "coverage_num", {}, query, GridRequest()).amount == 70
    )


def test_filters_a_plan_does_not_know_narrow_the_fact_and_are_said(facts: Facts) -> None:
    facts.deal(1, "2026-02-01 10:00", won="2026-03-05 10:00", amount="100", source="WEB")
    facts.deal(2, "2026-02-01 10:00", won="2026-03-05 10:00", amount="50", source="CALL")
    result = ask(service_with(facts, plan(1, "100", bonus="10")), "plan", source=["CALL"])
    row = only(result)
    assert (row["fact_amount"], row["plan_amount"], row["bonus_earned"]) == (50, 100, 10)  # 150 were sold in all
    assert any("«Источник» сужает только факт" in n.text.ru for n in result.notes)


def test_comparison_takes_the_whole_plan_of_the_base_and_its_fact_to_the_same_day(facts: Facts) -> None:
    facts.deal(1, "2026-01-01 10:00", won="2026-02-05 10:00", amount="100")
    facts.deal(2, "2026-01-01 10:00", won="2026-02-25 10:00", amount="70")  # after the cut
    facts.deal(3, "2026-01-01 10:00", won="2026-03-05 10:00", amount="60")
    service = service_with(facts, plan(1, "200"), plan(1, "400", month="2026-02"))
    row = only(ask(service, "plan", compare=["previous"]))
    assert (row["plan_amount_base"], row["fact_amount_base"], row["attainment_base"]) == (400, 100, 0.25)
    assert (row["fact_amount_delta"], row["attainment_delta"]) == (-40, pytest.approx(0.05))
    assert (row["forecast_base"], row["forecast_delta"], row["p_plan_base"]) == (None, None, None)


def test_without_any_plan_the_page_says_where_to_type_one(facts: Facts) -> None:
    facts.deal(1, "2026-02-01 10:00", won="2026-03-05 10:00", amount="100")
    result = ask(service_with(facts), "total")
    (note,) = [n for n in result.notes if n.href]
    assert (note.href, note.level) == ("/plans", "warning")
    assert only(result)["plan_amount"] is None


@pytest.mark.parametrize(
    ("chances", "amount", "new_wins"),
    [
        ((0.3,) * 3, 1000.0, 0.0),
        ((0.05,) * 40, 700.0, 0.0),
        ((0.2,) * 200, 500.0, 2.0),
        ((), 0.0, 0.4),
        ((0.5, 0.1), 5000.0, 3.0),
    ],
)
def test_the_interval_holds_eight_outcomes_in_ten(
    facts: Facts, chances: tuple[float, ...], amount: float, new_wins: float
) -> None:
    """Outcomes drawn deal by deal, without any of the forecast's shortcuts; where few sums are possible an interval holds more."""
    service = service_with(facts)
    context = service.context(service.parse(REPORT, MARCH))
    mean, deviation = 800.0, 600.0
    variance = sum(amount**2 * p * (1 - p) for p in chances)
    third = sum(amount**3 * p * (1 - p) * (1 - 2 * p) for p in chances)
    expected = round((sum(chances) * amount + new_wins * mean) * forecast.UNITS)
    stock = forecast.Stock(
        0,
        expected,
        variance,
        third,
        [(amount, p) for p in sorted(chances, reverse=True)[:5]],
        new_wins,
        mean,
        deviation,
    )
    fact = 100 * forecast.UNITS
    found = forecast.outlook(
        fact, 10_000 + expected // forecast.UNITS_IN_KOPECK, forecast.spread(context, (1, 1), stock), 150_000
    )
    rng = np.random.default_rng(7)
    outcomes = (rng.random((20_000, len(chances))) < np.array(chances)).sum(axis=1) * amount
    wins = rng.poisson(new_wins, 20_000)
    outcomes += np.where(wins > 0, rng.gamma(np.maximum(wins, 1) * (mean / deviation) ** 2, deviation**2 / mean), 0)
    outcomes = np.round(100 + outcomes, 2)
    assert 0.76 < np.mean((outcomes >= found.low / 100 - 0.01) & (outcomes <= found.high / 100 + 0.01)) <= 1
    assert np.mean(outcomes < found.low / 100 - 0.01) < 0.13
    assert np.mean(outcomes > found.high / 100 + 0.01) < 0.13
    assert found.reached is not None
    assert found.reached / found.drawn == pytest.approx(np.mean(outcomes >= 1500), abs=0.05)


def test_a_plan_typed_in_the_workspace_is_in_the_report_at_once(facts: Facts, tmp_path: Path) -> None:
    facts.deal(1, "2026-02-01 10:00", won="2026-03-05 10:00", amount="900")
    published = Published(facts.done())
    workspace = Workspace(f"sqlite:///{tmp_path / 'workspace.db'}", portal="p")
    service = ReportService(lambda: published, [REPORT], typed=typed_of(workspace))  # with the cache the pages have

    def seen() -> list[Any]:
        table, bonus = only(ask(service, "plan")), ask(service, "bonus").rows
        return [
            only(ask(service, "total"))["plan_amount"],
            table["plan_amount"],
            table["bonus_earned"],
            *(row["working"].replace("\u00a0", " ") for row in bonus),
        ]

    assert seen() == [None, None, None]
    typed = plan(1, "1000", bonus="50")
    key = "1:1:2026-03"
    workspace.put_entries("plan", {key: typed}, "Директор")
    assert seen() == [1000, 1000, 0, "90 % < 100 % → 0 ₽"]
    workspace.put_entries("plan", {key: {**typed, "plan_amount": "900"}}, "Директор")
    assert seen() == [900, 900, 50, "100 % → порог 100 % → 100 % × 50 = 50 ₽"]
    workspace.put_entries(
        "absence", {"1:2026-03-02": {"manager_id": "1", "start": "2026-03-02", "end": "2026-03-03"}}, "Директор"
    )
    assert "19/21 дней" in seen()[3]
    workspace.put_entries("plan", {key: None}, "Директор")
    assert seen() == [None, None, None]


def test_backtest_makes_the_forecast_of_past_months_anew(facts: Facts) -> None:
    history(facts)
    facts.deal(1, "2026-02-10 10:00", won="2026-02-25 10:00", amount="1000")
    facts.stay(1, "NEW", "2026-02-10 10:00", "2026-02-25 10:00")
    facts.deal(2, "2026-01-10 10:00", won="2026-02-03 10:00", amount="300")
    service = service_with(facts, plan(1, "100"))
    result = ask(service, "backtest")
    row = by(result, "month")["2026-02"]
    assert row["made_at"].isoformat(" ", "minutes") == "2026-02-20 12:00+03:00"
    assert row["fact"] == 1300
    assert 300 < row["forecast"] < 1300  # what was won by then, and a part of what stood open
    assert row["difference"] == row["forecast"] - row["fact"]
    assert row["error"] == pytest.approx(float(Fraction(row["difference"]) / 1300))
    errors = [abs(r["error"]) for r in result.rows if r["error"] is not None]
    usual = f"{sum(errors) / len(errors) * 100:.1f}".replace(".", ",")
    assert float(usual.replace(",", ".")) > 0
    assert any(f"Обычная ошибка прогноза – {usual}" in n.text.ru for n in result.notes)
    assert ask(service, "backtest", manager=["2"]).rows == []
