"""Every count opens its list: as many records, or people, as the number says – in every block, row and total, of the base too."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from dash_app.engine.blocks import Block
from dash_app.engine.entered import Entered
from dash_app.engine.language import Report, Unit
from dash_app.engine.query import Query
from dash_app.engine.result import BlockResult, Column
from dash_app.plans.grid import Plan
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.store.entries import Entry
from dash_app.store.kinds import Snooze
from dash_app.store.preferences import Preferences
from dash_app.web.discovery import discover
from tests.figures.facts_builder import NoCache, Published, random_portal
from tests.figures.test_invariants import keys_of, params
from tests.thorough import asked

REPORTS = discover()
NO_RECORDS = {
    "plan_count": "typed by people",
    "p_plan_num": "trials of a forecast",
    "p_plan_den": "trials of a forecast",
    "execution_num": "a product of two counts",
    "execution_den": "a product of two counts",
    "days": "a setting in days",
    "suggested_days": "a setting in days",
    "overdue_then": "reckoned from present facts for an instant whose records are not kept",
    "incoming_over_day_then": "likewise",
    "overdue_deals_then": "likewise",
    "close_date_passed_then": "likewise",
}
"""Whole numbers that count no records, and why."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReportService]:
    path: Path = random_portal(tmp_path_factory.mktemp("facts") / "portal.duckdb", 3)
    published = Published(path)
    rng = random.Random(3)
    plans = [
        Plan(
            manager_id=manager,
            pipeline_id=pipeline,
            month=month,
            plan_amount=rng.choice(["0", "1", "3000"]),
            plan_count=2,
            bonus="10",
        )
        for manager, pipeline in (("1", ""), ("2", "1"), ("2", "2"), ("3", ""), ("99", "1"))
        for month in ("2025-11", "2025-12", "2026-01", "2026-02", "2026-03")
    ]
    put_off = [
        Snooze(entity=entity, id=str(n), until="2026-04-15", reason="ждёт")
        for entity in ("deal", "lead")
        for n in range(1, 120, 3)
    ]
    typed = Entered(
        "1",
        Preferences(),
        {
            "plan": {plan.key: Entry(plan, 1) for plan in plans},
            "snooze": {snooze.key: Entry(snooze, 1) for snooze in put_off},
        },
    )
    yield ReportService(lambda: published, REPORTS, NoCache(), typed=lambda: typed)


def counts(result: BlockResult) -> list[Column]:
    """Columns of numbers of things; a change is none."""
    return [c for c in result.columns if c.unit is Unit.COUNT and c.role in ("figure", "part", "base")]


def test_every_count_of_every_block_opens(service: ReportService) -> None:
    shut, met = {}, set()
    for report in REPORTS:
        query = service.parse(report, {"from": ["2026-02-01"], "to": ["2026-02-28"], "compare": ["previous"]})
        for block in report.blocks:
            if block.view == "list":
                continue
            for column in counts(service.block(report, block.id, query)):
                name = column.id.removesuffix("_base")
                met.add(name)
                if not column.drills and name not in NO_RECORDS:
                    shut[column.id] = f"{report.slug}.{block.id}"
    assert shut == {}
    assert set(NO_RECORDS) <= met


def check(
    service: ReportService,
    report: Report,
    block: Block,
    query: Query,
    columns: list[Column],
    keys: dict[str, str],
    row: Any,
) -> None:
    for column in columns:
        value = row.get(column.id)
        if not column.drills or not value or column.id == "won_stays":  # norms of made-up facts are made up too
            continue
        page = service.records(report, block.id, column.id, keys, query, GridRequest(0, 10_000))
        assert page.total == len(page.rows) == len({r.get("key", r["id"]) for r in page.rows}) == value, (
            report.slug,
            block.id,
            column.id,
            keys,
        )


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: r.slug)
@settings(max_examples=asked(6), deadline=None)
@given(params())
def test_a_count_opens_as_many_as_it_says(
    service: ReportService, report: Report, given_params: dict[str, list[str]]
) -> None:
    query = service.parse(report, given_params)
    for block in (b.settled(query.option) for b in report.blocks):
        if block.view == "list":
            continue
        result = service.block(report, block.id, query)
        columns = counts(result)
        for row in [*result.rows[:1], *result.rows[-1:]]:
            check(service, report, block, query, columns, keys_of(result, row), row)
        if result.totals is not None and block.id != "bonus":  # rows without a plan are in no row, and so in no total
            check(service, report, block, query, columns, {}, result.totals)


def asked(service: ReportService, slug: str, **given: str) -> tuple[Report, Query]:
    report = service.report(slug)
    return report, service.parse(report, {name: [value] for name, value in given.items()}, interface=False)


def test_cards_of_both_kinds_are_one_list_that_sorts_filters_and_pages(service: ReportService) -> None:
    report, query = asked(service, "overdue-activities")
    (summary,) = service.block(report, "summary", query).rows

    def page(request: GridRequest) -> Any:
        return service.records(report, "summary", "no_next_step", {}, query, request)

    whole = page(GridRequest(0, 1000))
    assert whole.entity == "card" and whole.title.ru == "Без следующего шага"
    kinds = [r["entity"] for r in whole.rows]
    assert kinds.count("deal") == summary["no_next_step_deals"] > 0
    assert kinds.count("lead") == summary["no_next_step_leads"] > 0
    assert whole.amount == sum(r["amount"] or 0 for r in whole.rows)
    assert all(f"/crm/{r['entity']}/details/{r['id']}/" in r["url"] for r in whole.rows)
    by_id = page(GridRequest(0, 1000, (("id", "asc"),))).rows
    assert [int(str(r["id"])) for r in by_id] == sorted(int(str(r["id"])) for r in whole.rows)
    paged = [r["key"] for start in range(0, whole.total, 7) for r in page(GridRequest(start, start + 7)).rows]
    assert paged == [r["key"] for r in whole.rows]
    leads = page(GridRequest(0, 1000, (), {"card": {"type": "equals", "filter": "лид"}}))
    assert leads.total == summary["no_next_step_leads"]
    assert {r["stage"] for r in leads.rows} <= {"Новый", "В обработке", "Готов", "Брак", "(нет стадии)"} | {
        r["stage"]
        for r in service.records(report, "summary", "no_next_step_leads", {}, query, GridRequest(0, 1000)).rows
    }


def test_cards_put_off_say_until_when_and_why(service: ReportService) -> None:
    report, query = asked(service, "forgotten", lead_days="1", deal_days="1")
    (summary,) = service.block(report, "summary", query).rows
    page = service.records(report, "summary", "snoozed", {}, query, GridRequest(0, 1000))
    assert page.total == summary["snoozed"] == summary["deals_snoozed"] + summary["leads_snoozed"] > 0  # type: ignore[operator]
    assert {(str(r["snoozed_until"]), r["snooze_reason"]) for r in page.rows} == {("2026-04-15", "ждёт")}
    assert {r["entity"] for r in page.rows} == {"deal", "lead"}


def test_people_are_listed_by_name_with_their_departments(service: ReportService) -> None:
    report, query = asked(service, "sales-plan", **{"from": "2026-01-01", "to": "2026-01-31"})
    (total,) = service.block(report, "total", query).rows
    page = service.records(report, "total", "people", {}, query, GridRequest(0, 100))
    assert page.entity == "person" and page.total == total["people"] > 0  # type: ignore[operator]
    planned = {r["manager_id"] for r in service.block(report, "managers", query).rows if (r["plan_amount"] or 0) > 0}  # type: ignore[operator]
    assert {r["id"] for r in page.rows} == planned
    names = [str(r["manager"]) for r in page.rows]
    assert names == sorted(names) and all(names)
    assert all(str(r["url"]).endswith(f"/company/personal/user/{r['id']}/") for r in page.rows)
    reached = service.records(report, "total", "people_reached", {}, query, GridRequest(0, 100))
    assert {r["id"] for r in reached.rows} <= planned and reached.total == total["people_reached"]
    first = service.records(
        report,
        "total",
        "people",
        {},
        query,
        GridRequest(0, 100, (), {"manager": {"type": "equals", "filter": names[0]}}),
    )
    assert [str(r["manager"]) for r in first.rows] == names[:1]


def test_a_filter_of_which_each_kind_has_values_of_its_own_opens_both(service: ReportService) -> None:
    # of NEW and C1:NEW deals know the one, leads the other: the same parameter means another value in each
    [report] = [r for r in REPORTS if r.slug == "overdue-activities"]
    query = service.parse(report, {"from": ["2025-10-20"], "to": ["2026-01-01"], "stage": ["C1:NEW", "NEW"]})
    block = report.block("summary")
    value = service.block(report, block.id, query).rows[0]["no_next_step"]
    page = service.records(report, block.id, "no_next_step", {}, query, GridRequest(0, 10_000))
    assert page.total == value
    assert {(r["entity"], r["stage_id"]) for r in page.rows} == {("lead", "NEW"), ("deal", "C1:NEW")}
