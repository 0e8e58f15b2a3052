"""What must hold for every plan, row and filter of План продаж: numbers are their records, totals their rows, the forecast its own interval."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dash_app.engine.query import Query
from dash_app.engine.result import Row
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.store.workdays import Workdays
from pages.sales_plan import REPORT
from tests.figures.facts_builder import Published, random_portal, service_of, typed_entries
from tests.thorough import asked, companies

MONTHS = ("2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04")
SUMMED = ("plan_amount", "fact_amount", "fact_count", "bonus_earned")
KEYS = {
    "plan": ("manager_id", "pipeline_id"),
    "managers": ("manager_id",),
    "departments": ("department_id",),
    "total": (),
}


def plans(seed: int) -> list[dict[str, Any]]:
    """Some have a plan for all pipelines, some one or two of their own, one a plan of nothing, one none at all."""
    rng = random.Random(seed)
    found = []
    for month in MONTHS:
        for manager in (1, 2, 3):
            kind = rng.choice(["all", "one", "both", "none"])
            pipelines = {"all": [""], "one": [rng.choice("12")], "both": ["1", "2"], "none": []}[kind]
            for pipeline in pipelines:
                found.append(
                    {
                        "manager_id": str(manager),
                        "pipeline_id": pipeline,
                        "month": month,
                        "plan_amount": rng.choice(["0", "1000.01", "333.33", "2000000"]),
                        "plan_count": rng.choice([None, None, 0, 1, 5]),
                        "bonus": rng.choice([None, "100", "77.77"]),
                    }
                )
    return found


@pytest.fixture(scope="module", params=companies(1, 2))
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReportService]:
    path = random_portal(tmp_path_factory.mktemp("plan") / f"portal{request.param}.duckdb", request.param)
    yield service_of(Published(path), REPORT, typed=typed_entries(plan=plans(request.param)))


@st.composite
def params(draw: Any) -> dict[str, list[str]]:
    """Periods before, around and after as-of; filters; a threshold."""
    month = st.sampled_from(
        [
            ("2026-03-01", "2026-03-31"),
            ("2026-02-01", "2026-02-28"),
            ("2026-01-01", "2026-03-31"),
            ("2026-04-01", "2026-04-30"),
        ]
    )
    dates = st.dates(min_value=date(2025, 11, 1), max_value=date(2026, 4, 30))
    cut = st.tuples(dates, dates).map(lambda pair: tuple(d.isoformat() for d in sorted(pair)))
    first, last = draw(st.one_of(month, cut))
    chosen: dict[str, list[str]] = {
        "from": [first],
        "to": [last],
        "threshold": [draw(st.sampled_from(["0.5", "0.95", "1", "1.5"]))],
    }
    known = {
        "pipeline": ["1", "2"],
        "department": ["1", "2", "3", "none"],
        "manager": ["1", "2", "3", "4", "none"],
        "source": ["WEB", "none"],
    }
    for name, values in known.items():
        picked = draw(st.sets(st.sampled_from(values), max_size=2))
        if picked and draw(st.booleans()):
            chosen[name] = sorted(picked)
    return chosen


def rows_of(service: ReportService, block: str, query: Query) -> list[Row]:
    return service.block(REPORT, block, query).rows


def keys_of(block: str, row: Row) -> dict[str, str]:
    return {name: "none" if row[name] is None else str(row[name]) for name in KEYS[block]}


def added(rows: list[Row], name: str) -> Any:
    known = [row[name] for row in rows if row[name] is not None]
    return sum(known, Decimal(0)) if known else None  # type: ignore[arg-type]


@settings(max_examples=asked(5), deadline=None)
@given(params())
def test_fact_and_open_amount_open_their_deals(service: ReportService, given_params: dict[str, list[str]]) -> None:
    query = service.parse(REPORT, given_params)
    for block in KEYS:
        for row in rows_of(service, block, query)[:8]:
            behind = keys_of(block, row)
            won = service.records(REPORT, block, "fact_amount", behind, query, GridRequest(0, 1))
            assert (won.total, won.amount) == (row["fact_count"], row["fact_amount"]), (block, behind)
            opened = service.records(REPORT, block, "coverage_num", behind, query, GridRequest(0, 1))
            assert opened.amount == row["coverage_num"], (block, behind)


@settings(max_examples=asked(10), deadline=None)
@given(params())
def test_totals_are_sums_of_rounded_rows(service: ReportService, given_params: dict[str, list[str]]) -> None:
    query = service.parse(REPORT, given_params)
    (total,) = rows_of(service, "total", query)
    for block in ("plan", "managers"):
        result = service.block(REPORT, block, query)
        for name in SUMMED:
            assert added(result.rows, name) in (total[name], None if total[name] == 0 else total[name]), (block, name)
            assert result.totals is not None
            assert result.totals[name] == total[name]
    for row in rows_of(service, "plan", query):
        for name in ("plan_amount", "expected_by_now", "run_rate", "forecast", "bonus_earned"):
            value = row[name]
            assert value is None or value == round(Decimal(str(value)), 2), name


@settings(max_examples=asked(10), deadline=None)
@given(params())
def test_what_follows_from_plan_and_fact_follows_exactly(
    service: ReportService, given_params: dict[str, list[str]]
) -> None:
    query = service.parse(REPORT, given_params)
    for block in KEYS:
        for row in rows_of(service, block, query):
            plan, fact = row["plan_amount"], row["fact_amount"]
            assert isinstance(fact, Decimal)
            if not isinstance(plan, Decimal):
                assert (plan, row["attainment"], row["remaining"], row["p_plan"]) == (None,) * 4
                continue
            assert row["remaining"] == max(plan - fact, Decimal(0))
            assert row["attainment"] == (None if plan == 0 else pytest.approx(float(Fraction(fact) / Fraction(plan))))
            if not Workdays().count(query.period.start, query.period.end):  # nothing can be expected of days off alone
                assert (plan, row["expected_by_now"]) == (0, None)
                continue
            assert 0 <= row["expected_by_now"] <= plan + Decimal("0.01") * 10  # type: ignore[operator]
            for name, num, den in (
                ("pace", fact, row["expected_by_now"]),
                ("coverage", row["coverage_num"], row["remaining"]),
            ):
                assert (row[f"{name}_num"], row[f"{name}_den"]) == (num, den)
                assert (row[name] is None) == (not den)


@settings(max_examples=asked(10), deadline=None)
@given(params())
def test_the_forecast_lies_in_its_interval_and_above_the_fact(
    service: ReportService, given_params: dict[str, list[str]]
) -> None:
    query = service.parse(REPORT, given_params)
    over = query.period.end < date(2026, 3, 20)
    for block in KEYS:
        for row in rows_of(service, block, query):
            fact, low, middle, high = (row[n] for n in ("fact_amount", "forecast_p10", "forecast", "forecast_p90"))
            assert round(fact, 2) <= low <= middle <= high, (block, row)  # type: ignore[arg-type,operator]
            if over:
                assert low == middle == high == round(fact, 2)  # type: ignore[arg-type]
            if row["p_plan"] is not None:
                assert 0 <= row["p_plan"] <= 1  # type: ignore[operator]
                if row["remaining"] == 0:
                    assert row["p_plan"] == 1
                elif over:
                    assert row["p_plan"] == 0


@settings(max_examples=asked(10), deadline=None)
@given(params())
def test_a_manager_of_one_row_has_the_forecast_of_that_row(
    service: ReportService, given_params: dict[str, list[str]]
) -> None:
    query = service.parse(REPORT, {**given_params, "pipeline": ["1"]})
    by_manager = {row["manager_id"]: row for row in rows_of(service, "managers", query)}
    for row in rows_of(service, "plan", query):
        for name in ("forecast", "forecast_p10", "forecast_p90", "p_plan"):
            assert by_manager[row["manager_id"]][name] == row[name], (name, row)


@settings(max_examples=asked(4), deadline=None)
@given(params())
def test_the_same_question_has_the_same_answer_whatever_was_asked_before(
    service: ReportService, given_params: dict[str, list[str]]
) -> None:
    from dash_app.engine import memo
    from dash_app.figures import forecast

    query = service.parse(REPORT, given_params)
    first = [rows_of(service, block, query) for block in KEYS]
    forecast._drawn.clear()
    memo._of_questions.clear()
    memo._of_databases.clear()
    assert [rows_of(service, block, query) for block in reversed(KEYS)] == first[::-1]


@settings(max_examples=asked(6), deadline=None)
@given(params())
def test_filters_of_people_move_no_row(service: ReportService, given_params: dict[str, list[str]]) -> None:
    wide = {name: values for name, values in given_params.items() if name not in ("manager", "department")}
    everybody = {
        tuple(keys_of("plan", row).values()): row for row in rows_of(service, "plan", service.parse(REPORT, wide))
    }
    for row in rows_of(service, "plan", service.parse(REPORT, given_params)):
        assert everybody[tuple(keys_of("plan", row).values())] == row


def test_bonus_agrees_with_fractions_done_by_hand(service: ReportService) -> None:
    for month in MONTHS:
        for threshold in ("0.5", "0.95", "1", "1.5"):
            query = service.parse(
                REPORT,
                {
                    "from": [f"{month}-01"],
                    "to": [f"{month}-{ {'02': 28, '04': 30, '11': 30}.get(month[5:], 31) }"],
                    "threshold": [threshold],
                },
            )
            typed = {
                (p["manager_id"], p["pipeline_id"] or None): p
                for p in plans(1 if "portal1" in str(service.state().snapshot) else 2)
                if p["month"] == month
            }
            for row in rows_of(service, "plan", query):
                plan = typed.get((str(row["manager_id"]), row["pipeline_id"]))  # type: ignore[arg-type]
                if plan is None:
                    assert row["bonus_earned"] is None
                    continue
                amount, count = Fraction(plan["plan_amount"]), plan["plan_count"]
                reached = amount > 0 and Fraction(row["fact_amount"]) / amount >= Fraction(threshold)  # type: ignore[arg-type]
                if count:
                    reached = reached and Fraction(int(row["fact_count"]), count) >= Fraction(threshold)  # type: ignore[arg-type]
                assert row["bonus_earned"] == (Decimal(plan["bonus"] or 0) if reached else 0), (month, threshold, row)
