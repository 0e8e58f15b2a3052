"""What must hold for every block, figure, row and filter set: the number is the records behind it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dash_app.engine.blocks import Block, Counted
from dash_app.engine.entered import Entered
from dash_app.engine.language import Formula, Given, Measure, Product, Ratio, Relative, Report, measures_of
from dash_app.engine.query import Query
from dash_app.engine.result import BlockResult
from dash_app.expenses.grid import Expense
from dash_app.figures.activity import POINTS
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.store.entries import Entry
from dash_app.store.kinds import Snooze
from dash_app.store.preferences import Preferences
from pages.card_audit import REPORT as AUDIT
from pages.forgotten import REPORT as FORGOTTEN
from pages.manager_effectiveness import REPORT as MANAGERS
from pages.marketing import REPORT as MARKETING
from pages.overdue_activities import REPORT as OVERDUE
from pages.sales_dynamics import REPORT
from pages.team_performance import REPORT as TEAM
from tests.figures.facts_builder import NoCache, Published, random_portal
from tests.thorough import asked, companies

REPORTS = (REPORT, MANAGERS, MARKETING, TEAM, FORGOTTEN, OVERDUE, AUDIT)
TOTALS = {
    "sales-dynamics": ("deal_stages", "lead_stages", "losses", "customers"),
    "marketing": ("sources", "source_managers", "utm"),
    "manager-effectiveness": ("managers",),
    "team-performance": ("employees", "projects", "statuses"),
    "forgotten": ("managers", "ages"),
    "overdue-activities": ("managers", "kinds", "ages", "incoming", "matrix"),
    "card-audit": ("managers", "weeks"),
}
"""Blocks whose rows share out their records: counts and sums of rows add up to the totals."""
CONVERSIONS = {
    "sales-dynamics": ("conversion_worked", "conversion_cohort", "win_rate"),
    "marketing": ("lead_to_deal", "lead_to_won", "deal_to_won", "junk_share"),
    "team-performance": ("start_on_time", "finish_on_time"),
    "overdue-activities": ("overdue_share",),
    "forgotten": ("leads_forgotten_share", "deals_forgotten_share", "deals_forgotten_amount_share"),
}
"""Ratios of the summary whose numerator is a part of the denominator."""
BUCKETS = {
    "sales-dynamics": (
        "leads_created",
        "deals_created",
        "deals_created_amount",
        "deals_won",
        "deals_won_amount",
        "deals_lost",
    ),
    "marketing": ("leads_created", "deals_created", "created_won", "won_amount"),
    "team-performance": ("set", "completed", "completed_on_time", "completed_late"),
}
DATES = st.dates(min_value=date(2025, 10, 20), max_value=date(2026, 4, 5))


@pytest.fixture(scope="module", params=companies(1, 2))
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReportService]:
    path: Path = random_portal(tmp_path_factory.mktemp("facts") / f"portal{request.param}.duckdb", request.param)
    published = Published(path)
    costs = [
        ("WEB", "2026-01", "1000"),
        ("WEB", "2026-02", "333.33"),
        ("CALL", "2026-02", "0.01"),
        ("none", "2025-12", "77"),
    ]
    found = [Expense(source_id=source, month=month, amount=Decimal(amount)) for source, month, amount in costs]
    put_off = [
        Snooze(entity=entity, id=str(n), until=date(2026, 4, n % 28 + 1), reason="ждёт")
        for entity in ("deal", "lead")
        for n in range(1, 160, 9)
    ]
    preferences = Preferences(
        margins={"1": 0.37}, forgotten_days_by_stage={"deal:1:C1:NEW": 30, "deal:2:C2:DOC": 3, "lead::NEW": 9}
    )
    typed = Entered(
        "1",
        preferences,
        {
            "expense": {cost.key: Entry(cost, 1) for cost in found},
            "snooze": {snooze.key: Entry(snooze, 1) for snooze in put_off},
        },
    )
    yield ReportService(lambda: published, REPORTS, NoCache(), typed=lambda: typed)


@st.composite
def params(draw: Any) -> dict[str, list[str]]:
    """A query string with any filters."""
    first, last = sorted((draw(DATES), draw(DATES)))
    chosen: dict[str, list[str]] = {"from": [first.isoformat()], "to": [last.isoformat()]}
    known = {
        "pipeline": ["1", "2"],
        "department": ["1", "2", "3", "none"],
        "manager": ["1", "2", "3", "4", "none"],
        "source": ["WEB", "CALL", "none"],
        "status": ["in_work", "won", "lost"],
        "stage": ["C1:NEW", "C2:WON", "NEW"],
        "customer": ["new", "repeat"],
        "uf.UF_CRM_KIND": ["1", "2", "none"],
        "project": ["1", "2", "none"],
        "tag": ["срочно", "отдел", "none"],
    }
    for name, values in known.items():
        if draw(st.integers(0, 3)) == 0:
            chosen[name] = draw(st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True))
    if draw(st.booleans()):
        chosen["compare"] = [draw(st.sampled_from(["previous", "year", "2025-11-01..2025-11-30"]))]
    for option in {o.id: o for report in REPORTS for o in report.options}.values():
        least, most, _ = option.number or (0, 0, 0)
        chosen[option.id] = [
            str(draw(st.integers(int(least), min(int(most), 40))))
            if option.number
            else draw(st.sampled_from([v for v in option.values if v]))
        ]
    return chosen


def keys_of(result: BlockResult, row: dict[str, Any]) -> dict[str, str]:
    """The row's key, as the page and the CLI give it."""
    keys = {}
    for column in result.columns:
        if column.role == "key" and column.id not in ("bucket_end", "bucket_base"):
            value = row.get(column.id)
            keys[column.id] = "none" if value is None else str(value)
    return keys


def numbers(block: Block, row: dict[str, Any]) -> Iterator[tuple[str, Measure, Any]]:
    """(column, its measure, value) of everything in a row that stands for records."""
    for figure in block.figures:
        if isinstance(figure, Measure):
            yield figure.id, figure, row[figure.id]
            if f"{figure.id}_base" in row:
                yield f"{figure.id}_base", figure, row[f"{figure.id}_base"]
        elif isinstance(figure, Ratio):
            for part, tail in ((figure.num, "num"), (figure.den, "den")):
                if isinstance(part, Measure):
                    yield f"{figure.id}_{tail}", part, row[f"{figure.id}_{tail}"]
        elif isinstance(figure, Formula | Product):
            for measure in measures_of((figure,)):
                yield measure.id, measure, row[measure.id]
        elif isinstance(figure, Relative):
            yield f"{figure.id}_num", figure.of, row[f"{figure.id}_num"]


def check_number(
    service: ReportService,
    report: Report,
    block: Block,
    query: Query,
    row: dict[str, str],
    column: str,
    measure: Measure,
    value: Any,
) -> None:
    if value is None:
        return
    page = service.records(report, block.id, column, row, query, GridRequest(0, 10_000))
    assert len(page.rows) == page.total
    assert len({r.get("key", r["id"]) for r in page.rows}) == page.total
    if measure.agg == "count":
        assert page.total == value, (block.id, column, row)
    elif measure.agg == "sum":
        assert page.amount in (value, None), (block.id, column, row)
        own = {"amount": "amount", "at_risk": "at_risk", POINTS: "points"}.get(measure.of)
        assert own or page.amount is not None
        if own:
            assert sum((r[own] or Decimal(0) for r in page.rows), Decimal(0)) == value, (block.id, column, row)


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: r.slug)
@settings(max_examples=asked(5), deadline=None)
@given(params())
def test_every_number_opens_exactly_its_records(
    service: ReportService, report: Report, given_params: dict[str, list[str]]
) -> None:
    query = service.parse(report, given_params)
    for block in (b.settled(query.option) for b in report.blocks):
        if not isinstance(block, Counted) or block.compute:
            continue
        result = service.block(report, block.id, query)
        told = [row for row in result.rows if any(value for _, _, value in numbers(block, row))]
        chosen = [*told[:3], *told[-1:]]
        rows: list[tuple[dict[str, str], dict[str, Any]]] = [(keys_of(result, row), row) for row in chosen]
        if result.totals is not None:
            rows.append(({}, result.totals))
        for keys, row in rows:
            for column, measure, value in numbers(block, row):
                check_number(service, report, block, query, keys, column, measure, value)


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: r.slug)
@settings(max_examples=asked(6), deadline=None)
@given(params())
def test_totals_count_distinct_records_once(
    service: ReportService, report: Report, given_params: dict[str, list[str]]
) -> None:
    query = service.parse(report, given_params)
    for name in TOTALS[report.slug]:
        additive = {
            f.id
            for f in report.block(name).figures
            if (isinstance(f, Measure) and f.agg in ("count", "sum")) or isinstance(f, Given)
        }
        result = service.block(report, name, query)
        assert result.totals is not None
        for column in result.columns:
            if column.id in additive:
                assert sum((row[column.id] or 0 for row in result.rows), Decimal(0)) == (result.totals[column.id] or 0)


@settings(max_examples=asked(8), deadline=None)
@given(params())
def test_no_conversion_of_any_row_exceeds_one(service: ReportService, given_params: dict[str, list[str]]) -> None:
    query = service.parse(MANAGERS, given_params)
    for block in ("team", "managers", "departments"):
        for row in service.block(MANAGERS, block, query).rows:
            for name in (
                "conversion_worked",
                "conversion_cohort",
                "win_rate",
                "win_rate_amount",
                "maturity",
                "within_15m",
            ):
                num, den, value = row[f"{name}_num"], row[f"{name}_den"], row[name]
                assert 0 <= num <= den  # type: ignore[operator]
                assert value is None if den == 0 else 0 <= value <= 1  # type: ignore[operator]


@settings(max_examples=asked(6), deadline=None)
@given(params())
def test_the_yardstick_is_the_same_in_every_row_whatever_is_hidden(
    service: ReportService, given_params: dict[str, list[str]]
) -> None:
    query = service.parse(MANAGERS, given_params)
    bare = service.parse(MANAGERS, {n: v for n, v in given_params.items() if n in ("from", "to", "pipeline")})
    (wide,) = service.block(MANAGERS, "team", bare).rows
    for block in ("managers", "activity_vs_result"):
        for row in service.block(MANAGERS, block, query).rows:
            assert row["activity_yardstick"] == wide["activity_yardstick"]


@settings(max_examples=asked(8), deadline=None)
@given(params())
def test_one_number_on_two_reports_is_the_same(service: ReportService, given_params: dict[str, list[str]]) -> None:
    (team,) = service.block(MANAGERS, "team", service.parse(MANAGERS, given_params)).rows
    (sales,) = service.block(REPORT, "summary", service.parse(REPORT, given_params)).rows
    shared = [name for name in sales if name in team]
    assert {"deals_won_amount", "deals_in_work", "conversion_worked", "cycle_median"} <= set(shared)
    assert {n: team[n] for n in shared} == {n: sales[n] for n in shared}


@settings(max_examples=asked(10), deadline=None)
@given(params())
@pytest.mark.parametrize("report", (REPORT, MARKETING, TEAM), ids=lambda r: r.slug)
def test_no_conversion_exceeds_one_and_parts_belong_together(
    service: ReportService, report: Report, given_params: dict[str, list[str]]
) -> None:
    query = service.parse(report, given_params)
    (row,) = service.block(report, "summary", query).rows
    for name in CONVERSIONS[report.slug]:
        num, den, value = row[f"{name}_num"], row[f"{name}_den"], row[name]
        assert 0 <= num <= den
        assert value is None if den == 0 else float(value) == float(num / den)
        inner = service.records(report, "summary", f"{name}_num", {}, query, GridRequest(0, 10_000))
        outer = service.records(report, "summary", f"{name}_den", {}, query, GridRequest(0, 10_000))
        assert {r["id"] for r in inner.rows} <= {r["id"] for r in outer.rows}


@settings(max_examples=asked(10), deadline=None)
@given(params())
@pytest.mark.parametrize("report", (REPORT, MARKETING, TEAM), ids=lambda r: r.slug)
def test_buckets_sum_to_the_summary(service: ReportService, report: Report, given_params: dict[str, list[str]]) -> None:
    query = service.parse(report, given_params)
    (summary,) = service.block(report, "summary", query).rows
    dynamics = service.block(report, "dynamics", query)
    for name in BUCKETS[report.slug]:
        assert sum((row[name] for row in dynamics.rows), Decimal(0)) == summary[name]


@settings(max_examples=asked(10), deadline=None)
@given(params())
def test_a_filter_never_shows_a_record_outside_it(service: ReportService, given_params: dict[str, list[str]]) -> None:
    query = service.parse(REPORT, given_params)
    page = service.records(REPORT, "deals", "", {}, query, GridRequest(0, 10_000))
    for row in page.rows:
        assert not query.filters.of("pipeline") or row["pipeline_id"] in query.filters.of("pipeline")
        assert not query.filters.of("manager") or (row["manager_id"] or "none") in query.filters.of("manager")
        assert not query.filters.of("source") or (row["source_id"] or "none") in query.filters.of("source")
        assert not query.filters.of("status") or row["status_id"] in query.filters.of("status")
        assert query.period.start <= row["created"].date() <= query.period.end


@settings(max_examples=asked(16), deadline=None)
@given(params())
def test_query_string_round_trips(service: ReportService, given_params: dict[str, list[str]]) -> None:
    query = service.parse(REPORT, given_params)
    assert service.parse(REPORT, parse_qs(service.query_string(REPORT, query))) == query


def test_without_filters_the_whole_portal_is_there(service: ReportService) -> None:
    query = service.parse(REPORT, {"from": ["2025-01-01"], "to": ["2026-12-31"]})
    assert service.records(REPORT, "deals", "", {}, query, GridRequest(0, 1)).total == 160
    assert service.records(REPORT, "leads", "", {}, query, GridRequest(0, 1)).total == 120


@settings(max_examples=asked(12), deadline=None)
@given(params())
def test_parts_of_the_change_sum_exactly_to_the_difference(
    service: ReportService, given_params: dict[str, list[str]]
) -> None:
    query = service.parse(REPORT, {**given_params, "compare": ["previous"]})
    (summary,) = service.block(REPORT, "summary", query).rows
    result = service.block(REPORT, "change", query)
    assert sum((row["part"] for row in result.rows), Decimal(0)) == summary["deals_won_amount_delta"]


@settings(max_examples=asked(12), deadline=None)
@given(params())
def test_what_is_put_off_is_what_including_it_adds(service: ReportService, given_params: dict[str, list[str]]) -> None:
    without, including = (
        service.block(
            FORGOTTEN, "summary", service.parse(FORGOTTEN, {**given_params, "include_snoozed": [chosen]})
        ).rows[0]
        for chosen in ("false", "true")
    )
    for entity in ("deals", "leads"):
        assert without[f"{entity}_forgotten"] + without[f"{entity}_snoozed"] == including[f"{entity}_forgotten"]  # type: ignore[operator]
    assert without["snoozed"] == including["snoozed"]


@settings(max_examples=asked(12), deadline=None)
@given(params(), st.integers(1, 40))
def test_more_days_never_forget_more_and_lists_hold_what_is_counted(
    service: ReportService, given_params: dict[str, list[str]], days: int
) -> None:
    query = service.parse(FORGOTTEN, {**given_params, "deal_days": [str(days)]})
    later = service.parse(FORGOTTEN, {**given_params, "deal_days": [str(days + 1)]})
    (row,) = service.block(FORGOTTEN, "summary", query).rows
    if 14 not in (days, days + 1):  # at the settings' own number stages have theirs
        assert service.block(FORGOTTEN, "summary", later).rows[0]["deals_forgotten"] <= row["deals_forgotten"]  # type: ignore[operator]
    for block in ("deals", "leads"):
        page = service.records(FORGOTTEN, block, "", {}, query, GridRequest(0, 10_000))
        assert page.total == row[f"{block}_forgotten"]
        assert all(r["status_id"] == "in_work" for r in page.rows)
    suggested = service.block(FORGOTTEN, "suggestions", query)
    if not query.filters.of("stage") and not query.filters.of("pipeline"):
        assert sum(r["deals_forgotten"] for r in suggested.rows) == row["deals_forgotten"]  # type: ignore[misc]
